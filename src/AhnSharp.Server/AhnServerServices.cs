using System;
using System.IO;
using AhnSharp.Server.Answers;
using AhnSharp.Server.Documents;
using AhnSharp.Server.Metrics;
using AhnSharp.Server.Models;
using AhnSharp.Server.Operation;
using AhnSharp.Server.Responses;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AhnSharp.Server;

/// <summary>What an application adds to serve models.</summary>
public static class AhnServerServices
{
    /// <summary>Adds models, documents and answers, for <see cref="AhnServerEndpoints.MapAhnSharp"/>.</summary>
    /// <param name="services">The application's.</param>
    /// <param name="configure">Which models, to whom, within which limits.</param>
    /// <exception cref="ArgumentException">A value is out of range; the sentence names it.</exception>
    public static IServiceCollection AddAhnSharpServer(this IServiceCollection services, Action<AhnServerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        AhnServerOptions options = new();
        configure(options);
        options.Validate();
        services.AddSingleton(options);
        services.AddSingleton<ServerState>();
        services.AddSingleton(static provider => new ModelRegistry(
            provider.GetRequiredService<AhnServerOptions>(), provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton(static provider => new AnswerService(provider.GetRequiredService<ModelRegistry>(),
            provider.GetRequiredService<AhnServerOptions>(), provider.GetRequiredService<ServerState>(),
            provider.GetRequiredService<ServerMetrics>(), provider.GetRequiredService<ILoggerFactory>(),
            provider.GetService<IRequestDocuments>()));
        services.AddSingleton(static provider => new ResponseStore(
            Path.Combine(provider.GetRequiredService<AhnServerOptions>().EffectiveDataFolder, "responses")));
        services.AddSingleton<PrometheusText>();
        services.AddSingleton<ServerMetrics>();
        DocumentServices.Add(services);
        services.AddHostedService<ServerLife>();
        return services;
    }
}
