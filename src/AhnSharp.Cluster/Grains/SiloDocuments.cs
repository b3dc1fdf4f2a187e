using System;
using AhnSharp.Cluster.Storage;
using AhnSharp.Server;
using AhnSharp.Server.Documents;
using AhnSharp.Server.Models;
using Microsoft.Extensions.Logging;
using Orleans;

namespace AhnSharp.Cluster.Grains;

/// <summary>What all documents of a silo share: the library, the models, and whose turn it is to be read.</summary>
/// <param name="library">Where they lie.</param>
/// <param name="server">Limits.</param>
/// <param name="models">What reads them.</param>
/// <param name="grains">Where the library is told of what is read; null: nobody is.</param>
/// <param name="log">For the operator.</param>
internal sealed class SiloDocuments(
    LibraryFolder library, AhnServerOptions server, ModelRegistry models, IGrainFactory? grains, ILogger<SiloDocuments> log)
{
    private readonly KeyedTurns _turns = new();

    public LibraryFolder Library => library;

    public ILogger Log => log;

    public DocumentStoreOptions Options { get; } = new() { Folder = library.Folder, MaxUploadBytes = server.MaxUploadBytes };

    /// <summary>What reads a document: one text is taken out at a time, and one read per model, over all documents of the silo.</summary>
    public JobRunner RunnerOf(DocumentFiles files) => new(Options, files, new RegistryModels(models), log, _turns);

    /// <summary>Tells the library that a document is no longer being read, so that it sends the next one at once.</summary>
    public async void Settled(string id)
    {
        if (grains is null) return;
#pragma warning disable CA1031 // The library looks every second.
        try
        {
            await grains.GetGrain<ILibraryGrain>(ILibraryGrain.Only).SettledAsync(id).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            ClusterLog.NoAnswer(log, failure);
        }
#pragma warning restore CA1031
    }
}
