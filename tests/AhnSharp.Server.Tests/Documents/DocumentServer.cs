using System;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using AhnSharp.Server.Documents;
using AhnSharp.Server.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AhnSharp.Server.Tests.Documents;

/// <summary>A store behind a Kestrel that really listens.</summary>
internal sealed class DocumentServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private DocumentServer(WebApplication app, DocumentStore store) => (_app, Store) = (app, store);

    public DocumentStore Store { get; }

    public HttpClient Client { get; } = new();

    public static async Task<DocumentServer> StartAsync(DocumentStoreOptions options, IDocumentModels models)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        DocumentStore store = new(options, models);
        builder.Services.AddSingleton(store);
        WebApplication app = builder.Build();
        app.Use(async (context, next) =>
        {
            try
            {
                await next(context);
            }
            catch (Exception failure) when (!context.Response.HasStarted && ApiErrors.Explain(failure) is { } known)
            {
                await ApiErrors.WriteAsync(context, known);
            }
        });
        DocumentEndpoints.Map(app);
        await app.StartAsync();
        DocumentServer server = new(app, store);
        server.Client.BaseAddress = new Uri(app.Urls.Single());
        return server;
    }

    /// <summary>Sends a request, and gives its status and its JSON.</summary>
    public async Task<(int Status, JsonElement Json)> SendAsync(HttpMethod method, string path, HttpContent? content = null)
    {
        using HttpRequestMessage request = new(method, path) { Content = content };
        using HttpResponseMessage response = await Client.SendAsync(request);
        string body = await response.Content.ReadAsStringAsync();
        using JsonDocument json = JsonDocument.Parse(body);
        return ((int)response.StatusCode, json.RootElement.Clone());
    }

    public Task<(int Status, JsonElement Json)> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        await Store.DisposeAsync();
    }
}
