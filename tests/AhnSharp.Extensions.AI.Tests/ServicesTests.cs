using System;
using System.Linq;
using System.Threading.Tasks;
using AhnSharp.Embeddings;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Xunit;

namespace AhnSharp.Extensions.AI.Tests;

public sealed class ServicesTests
{
    [Fact]
    public async Task An_application_has_one_model_and_its_generator()
    {
        ServiceCollection services = new();
        services.AddLogging();
        services.AddAhnSharp(options => options.ModelPath = DemoText.ModelPath);
        services.AddAhnSharp(options => options.ModelId = "demo"); // goes on with the same model
        await using ServiceProvider provider = services.BuildServiceProvider(validateScopes: true);
        var generator = provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        Assert.Single(provider.GetServices<AhnModelHost>());
        Assert.Single((await generator.GenerateAsync(["hello"])).Select(one => one.ModelId), "demo");
        Assert.Equal(AhnModelState.Ready, provider.GetRequiredService<AhnModelHost>().Status.State);
        await provider.DisposeAsync();
        Assert.Equal(AhnModelState.Disposed, generator.GetService<AhnModelHost>()!.Status.State);
    }

    [Fact]
    public async Task Several_models_have_keys_and_health_checks_of_their_own()
    {
        ServiceCollection services = new();
        services.AddLogging();
        services.AddAhnSharp("small", options =>
        {
            options.ModelPath = DemoText.ModelPath;
            options.Embedding = new EmbeddingOptions { Dimensions = 5 };
        });
        services.AddAhnSharp("missing", options => options.Load = (_, _) => throw new InvalidOperationException("There is none."));
        services.AddHealthChecks().AddAhnSharp("small").AddAhnSharp("missing", HealthStatus.Degraded, "model");
        using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Null(provider.GetService<AhnModelHost>());
        var small = provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("small");
        var missing = provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("missing");
        Assert.Equal(5, (await small.GenerateAsync(["x"]))[0].Vector.Length);
        await Assert.ThrowsAsync<InvalidOperationException>(() => missing.GenerateAsync(["x"]));
        HealthReport report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.Equal(
            [("ahnsharp:missing", HealthStatus.Degraded), ("ahnsharp:small", HealthStatus.Healthy)],
            report.Entries.Select(entry => (entry.Key, entry.Value.Status)).Order());
        Assert.EndsWith("There is none.", report.Entries["ahnsharp:missing"].Description!, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_options_are_told_all_at_once_when_the_application_starts()
    {
        ServiceCollection services = new();
        services.AddAhnSharp(options =>
        {
            options.ModelPath = "no/such.gguf";
            options.AdapterPath = "no/adapter.gguf";
            (options.Threads, options.ChunkTokens, options.Window, options.Sinks) = (0, 0, 0, -1);
            (options.ContextTokens, options.Reach, options.CacheBytes, options.ModelId) = (0, 0, -1, "");
            options.Embedding = new EmbeddingOptions { Dimensions = 0, TextsTogether = 0 };
        });
        services.AddAhnSharp("named", _ => { });
        using ServiceProvider provider = services.BuildServiceProvider();
        AggregateException refused = Assert.Throws<AggregateException>(() => provider.GetRequiredService<IStartupValidator>().Validate());
        string[] said = [.. refused.InnerExceptions.Cast<OptionsValidationException>().SelectMany(one => one.Failures)];
        Assert.Contains("AhnSharp 'named': ModelPath: expected the GGUF file of a model, found none.", said);
        string[] names =
        [
            "ModelPath", "AdapterPath", "Threads", "ChunkTokens", "Window", "Sinks", "ContextTokens", "Reach", "CacheBytes", "ModelId",
            "Embedding.Dimensions", "Embedding.TextsTogether",
        ];
        foreach (string name in names)
        {
            Assert.Contains(said, sentence => sentence.StartsWith($"AhnSharp: {name}: expected", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(true, AhnModelState.Ready)]
    [InlineData(false, AhnModelState.Waiting)]
    public async Task A_model_is_loaded_beside_the_start_where_the_options_say_so(bool atStart, AhnModelState expected)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddAhnSharp(options => (options.ModelPath, options.LoadAtStart) = (DemoText.ModelPath, atStart));
        using IHost application = builder.Build();
        AhnModelHost model = application.Services.GetRequiredService<AhnModelHost>();
        TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        model.StatusChanged += (_, status) =>
        {
            if (status.State == AhnModelState.Ready) ready.TrySetResult();
        };
        await application.StartAsync();
        if (atStart) await ready.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(expected, model.Status.State);
        await application.StopAsync();
    }
}
