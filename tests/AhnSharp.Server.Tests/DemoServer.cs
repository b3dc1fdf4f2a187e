using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Xunit;

namespace AhnSharp.Server.Tests;

/// <summary>A server that really listens, on a port of its own, with the demo model.</summary>
public sealed class DemoServer : IAsyncLifetime
{
    public const string Model = "demo";
    private readonly Action<AhnServerOptions>? _configure;
    private readonly ConcurrentQueue<string> _log = [];

    public DemoServer()
    {
    }

    internal DemoServer(Action<AhnServerOptions> configure) => _configure = configure;

    /// <summary>Where it listens.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>A client of it.</summary>
    public HttpClient Http { get; } = new() { Timeout = TimeSpan.FromMinutes(2) };

    /// <summary>The last 1,000 lines that it has logged: all of them would be the memory that grows under load.</summary>
    public string[] Log => [.. _log];

    internal WebApplication App { get; private set; } = null!;

    internal TemporaryFolder Data { get; } = new();

    public async Task InitializeAsync()
    {
        App = ServerHost.Build(new ServerListening(0, IPAddress.Loopback), options =>
        {
            options.Models.Add(new ServedModel(Model, DemoText.ModelPath));
            options.DataFolder = Data.Path;
            options.Generation = options.Generation with { Sampling = new SamplingOptions(), MaxTokens = 64 };
            _configure?.Invoke(options);
        }, logging => logging.AddProvider(new LogLines(_log)));
        await App.StartAsync();
        Address = new Uri(App.Urls.First());
        Http.BaseAddress = Address;
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        await App.DisposeAsync();
        Data.Dispose();
    }

    /// <summary>Posts JSON, and reads JSON.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, string json)
    {
        using StringContent content = new(json, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await Http.PostAsync(path, content);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }

    /// <summary>Reads JSON.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(string path)
    {
        using HttpResponseMessage response = await Http.GetAsync(path);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }

    /// <summary>Posts JSON, and reads the data of all events.</summary>
    public async Task<string[]> StreamAsync(string path, string json)
    {
        using StringContent content = new(json, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await Http.PostAsync(path, content);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        string text = await response.Content.ReadAsStringAsync();
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(
            static one => one.Split('\n').First(static line => line.StartsWith("data: ", StringComparison.Ordinal))[6..])];
    }

    private sealed class LogLines(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");
            if (lines.Count > 1000) lines.TryDequeue(out _);
        }

        public void Dispose()
        {
        }
    }
}
