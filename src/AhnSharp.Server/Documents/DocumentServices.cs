using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Server.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AhnSharp.Server.Documents;

/// <summary>What the documents of a server need.</summary>
internal static class DocumentServices
{
    /// <summary>Adds the store, which is opened when the application starts: what was being read goes on without a request.</summary>
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton(static provider =>
        {
            AhnServerOptions options = provider.GetRequiredService<AhnServerOptions>();
            return new DocumentStore(
                new DocumentStoreOptions
                {
                    Folder = Path.Combine(options.EffectiveDataFolder, "documents"),
                    MaxUploadBytes = options.MaxUploadBytes,
                },
                new RegistryModels(provider.GetRequiredService<ModelRegistry>()),
                provider.GetRequiredService<ILogger<DocumentStore>>());
        });
        services.AddSingleton<IDocuments>(static provider => provider.GetRequiredService<DocumentStore>());
        services.AddSingleton<IRequestDocuments>(static provider => new RequestDocuments(provider.GetRequiredService<IDocuments>()));
        services.AddHostedService<Opening>();
    }

    private sealed class Opening(IServiceProvider provider) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            provider.GetRequiredService<IDocuments>();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
