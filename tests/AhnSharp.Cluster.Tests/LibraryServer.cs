using System;
using System.Linq;
using System.Net;
using System.Threading.Tasks;
using AhnSharp.Cluster.Hosting;
using AhnSharp.Server;
using Microsoft.AspNetCore.Builder;

namespace AhnSharp.Cluster.Tests;

/// <summary>A server in this process with the demo model: of a library, or the plain one that says what is right.</summary>
internal sealed class LibraryServer : IAsyncDisposable
{
    private readonly TemporaryFolder _data = new();

    private LibraryServer(string? library)
    {
        App = ServerHost.Build(new ServerListening(0, IPAddress.Loopback), options =>
        {
            options.Models.Add(new ServedModel("demo", DemoText.ModelPath));
            options.DataFolder = _data.Path;
            options.PieceTokens = 64;
            options.Generation = options.Generation with { Sampling = new SamplingOptions() };
        }, null, builder =>
        {
            if (library is not null) ClusterHosting.Add(builder, new ClusterOptions { Library = library });
        });
    }

    public WebApplication App { get; }

    public DocumentClient Client { get; private set; } = null!;

    /// <param name="library">The folder of its library; null: a server of its own documents.</param>
    public static async Task<LibraryServer> StartAsync(string? library)
    {
        LibraryServer server = new(library);
        await server.App.StartAsync();
        server.Client = new DocumentClient(new Uri(server.App.Urls.First()));
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
        _data.Dispose();
    }
}
