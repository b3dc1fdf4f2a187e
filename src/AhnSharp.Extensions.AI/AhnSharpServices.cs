using System;
using System.Linq;
using AhnSharp.Extensions.AI;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>AhnSharp in an application's services: a model, and the clients of Microsoft.Extensions.AI that ask it.</summary>
public static class AhnSharpServices
{
    /// <summary>
    /// Adds a model: <see cref="AhnModelHost"/>, <see cref="IChatClient"/> and <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/> of
    /// strings, one of each for the application. The options are validated when it starts.
    /// </summary>
    public static IServiceCollection AddAhnSharp(this IServiceCollection services, Action<AhnSharpOptions> configure) =>
        Add(services, null, configure);

    /// <summary>
    /// Adds one of several models, under a key: <c>[FromKeyedServices("name")]</c>, and <c>AddHealthChecks().AddAhnSharp("name")</c>.
    /// </summary>
    public static IServiceCollection AddAhnSharp(this IServiceCollection services, string key, Action<AhnSharpOptions> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return Add(services, key, configure);
    }

    /// <summary>Adds a health check of a model: healthy where it is ready, degraded while it loads, unhealthy with the sentence.</summary>
    /// <param name="builder">From <c>AddHealthChecks</c>.</param>
    /// <param name="key">The model's key; null: the model without one.</param>
    /// <param name="failureStatus">What a model that failed is; null: unhealthy.</param>
    /// <param name="tags">By which checks are chosen.</param>
    public static IHealthChecksBuilder AddAhnSharp(
        this IHealthChecksBuilder builder, string? key = null, HealthStatus? failureStatus = null, params string[] tags)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            key is null ? "ahnsharp" : $"ahnsharp:{key}", services => new AhnModelHealthCheck(HostOf(services, key)), failureStatus, tags));
    }

    private static IServiceCollection Add(IServiceCollection services, string? key, Action<AhnSharpOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<AhnSharpOptions>(key ?? Options.Options.DefaultName).Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AhnSharpOptions>, AhnSharpOptionsValidator>());
        if (services.Any(one => one.ServiceType == typeof(AhnModelHost) && Equals(one.ServiceKey, key))) return services;
        Add(services, key, provider => new AhnModelHost(
            provider.GetRequiredService<IOptionsMonitor<AhnSharpOptions>>().Get(key ?? Options.Options.DefaultName),
            provider.GetService<ILogger<AhnModelHost>>()));
        services.AddSingleton<IHostedService>(provider => new AhnModelStartup(HostOf(provider, key)));

        // The clients that ask the model, a line each.
        Add<IChatClient>(services, key, provider => new AhnChatClient(
            HostOf(provider, key), provider.GetService<ILogger<AhnChatClient>>()));
        Add<IEmbeddingGenerator<string, Embedding<float>>>(services, key, provider => new AhnEmbeddingGenerator(
            HostOf(provider, key), provider.GetService<ILogger<AhnEmbeddingGenerator>>()));
        return services;
    }

    private static void Add<T>(IServiceCollection services, string? key, Func<IServiceProvider, T> create)
        where T : class
    {
        if (key is null) services.AddSingleton(create);
        else services.AddKeyedSingleton<T>(key, (provider, _) => create(provider));
    }

    private static AhnModelHost HostOf(IServiceProvider provider, string? key) =>
        key is null ? provider.GetRequiredService<AhnModelHost>() : provider.GetRequiredKeyedService<AhnModelHost>(key);
}
