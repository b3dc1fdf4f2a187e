using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cluster.Grains;
using AhnSharp.Cluster.Storage;
using AhnSharp.Server.Documents;
using AhnSharp.Server.Http;
using AhnSharp.Server.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace AhnSharp.Cluster;

/// <summary>The documents of a cluster, as the server's interfaces see them on any of its silos.</summary>
/// <remarks>
/// What changes a document goes to its grain. What is settled is read from the library itself, and documents that are ready are opened and
/// answered about by the silo that was asked: the end of another silo is nothing that an answer would notice.
/// </remarks>
internal sealed class ClusterDocuments : IDocuments, IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60), s_apart = TimeSpan.FromMilliseconds(500);
    private readonly LibraryFolder _library;
    private readonly IGrainFactory _grains;
    private readonly OpenDocuments _open;
    private readonly ILogger _log;

    public ClusterDocuments(SiloDocuments silo, ModelRegistry models, IGrainFactory grains)
    {
        (_library, _grains, _log, Options) = (silo.Library, grains, silo.Log, silo.Options);
        _open = new OpenDocuments(new RegistryModels(models), _library.FilesOf, Options);
        Texts = new DocumentTexts(_library.FilesOf);
    }

    public DocumentStoreOptions Options { get; }

    public DocumentTexts Texts { get; }

    private ILibraryGrain Library => _grains.GetGrain<ILibraryGrain>(ILibraryGrain.Only);

    public Task<Upload> ReceiveAsync(Stream stream, CancellationToken cancellation = default) =>
        UploadSpool.SpoolAsync(_library.Uploads, stream, Options.MaxUploadBytes, cancellation);

    public async Task<DocumentView> AddAsync(DocumentRequest request, Upload upload)
    {
        CheckName(request.Name);
        string name = request.PlainName;
        DocumentContent content = new(upload.Sha256, DocumentContent.EndingOf(name), upload.Bytes, name, null);
        DocumentRecord record = new()
        {
            Id = request.IdOf([content]),
            Number = 0,
            Name = name,
            Created = DateTimeOffset.UtcNow,
            Contents = [content],
            Model = request.Model,
            System = request.System,
            Purpose = request.Purpose,
        };
        upload.MoveTo(_library.MakeFilesOf(record.Id).Content(content));
        byte[] bytes = JsonReply.BytesOf(record.Write);
        return (await CallAsync(() => Library.AddAsync(bytes)).ConfigureAwait(false)).ToView();
    }

    public Task<DocumentView> AddCollectionAsync(DocumentRequest request, IReadOnlyList<string> documents) =>
        throw ApiException.Unsupported("documents", "a library makes no document of documents yet: send the files as one, or ask each.");

    public async Task<DocumentView> TogetherAsync(IReadOnlyList<string> documents, string modelId)
    {
        if (documents.Count > 1)
        {
            throw ApiException.Unsupported("documents",
                $"expected one document, as a library answers about one at a time, found {documents.Count}: ask each.");
        }
        DocumentView view = await GetAsync(documents[0]).ConfigureAwait(false);
        if (view.Record.ModelId is { } reader && reader != modelId)
        {
            throw ApiException.Unsupported(
                "model", $"expected {reader}, which has read the document, found {modelId}: in a library one model reads it.");
        }
        return view;
    }

    public async Task<DocumentView> ForkAsync(string id, string? name)
    {
        CheckName(name ?? "");
        string fork = new DocumentRequest { Name = "" }.IdOf([]);
        return (await CallAsync(() => Library.ForkAsync(id, fork, name)).ConfigureAwait(false)).ToView();
    }

    public async Task<DocumentView> GetAsync(string id)
    {
        if (_library.Read(id).Record is not { } record) throw DocumentRefusals.Unknown(null);
        if (record.IsSettled) return new DocumentView(record, null);
        try
        {
            return (await _grains.GetGrain<IDocumentGrain>(id).DescribeAsync().ConfigureAwait(false)).ToView();
        }
        catch (RefusedException refused)
        {
            throw refused.ToApi();
        }
        catch (Exception gone) when (IsPassing(gone))
        {
            return new DocumentView(record, null); // its silo has ended; how far it had come stands in the record
        }
    }

    public async Task<DocumentPage> ListAsync(int limit, string? after, bool isAscending, string? purpose = null)
    {
        string[] ids = await CallAsync(() => Library.ListAsync(limit + 1, after, isAscending, purpose)).ConfigureAwait(false);
        List<DocumentView> page = [];
        foreach (string id in ids.Take(limit))
        {
            try
            {
                page.Add(await GetAsync(id).ConfigureAwait(false));
            }
            catch (ApiException gone) when (gone.Status == StatusCodes.Status404NotFound)
            {
                // Deleted since the list was made.
            }
        }
        return new DocumentPage(page, ids.Length > limit);
    }

    public async Task DeleteAsync(string id)
    {
        if (_library.Read(id).Record is null) throw DocumentRefusals.Unknown(null);
        int calls = 0;
        try
        {
            await CallAsync(async () =>
            {
                calls++;
                await Library.DeleteAsync(id).ConfigureAwait(false);
                return true;
            }).ConfigureAwait(false);
        }
        catch (ApiException gone) when (gone.Status == StatusCodes.Status404NotFound && calls > 1)
        {
            // The call that nobody answered had done it.
        }
    }

    public Task<FileStream> OpenContentAsync(string id)
    {
        if (_library.Read(id).Record is not { } record) throw DocumentRefusals.Unknown(null);
        return Task.FromResult(new FileStream(_library.FilesOf(id).Content(record.Contents[0]), FileMode.Open, FileAccess.Read,
            FileShare.ReadWrite | FileShare.Delete, bufferSize: 1 << 16, useAsync: true));
    }

    public async Task<OpenDocument> OpenAsync(string id, CancellationToken cancellation = default)
    {
        DocumentView view = await GetAsync(id).ConfigureAwait(false);
        if (view.Record.State == DocumentState.Failed) throw DocumentRefusals.Failed(view.Record);
        if (view.Record.State != DocumentState.Ready) throw DocumentRefusals.NotReady(view);
        return await _open.OpenAsync(view.Record, cancellation).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => _open.DisposeAsync();

    private static void CheckName(string name)
    {
        if (name.Length > DocumentRequest.MaxNameLength)
            throw ApiException.Invalid("name", $"expected at most {DocumentRequest.MaxNameLength} characters, found {name.Length}.");
    }

    // What ends with the silo that did not answer.
    private static bool IsPassing(Exception failure) => failure is OrleansException or TimeoutException;

    // Every call of the library may be made again (ILibraryGrain), so one that nobody answered is.
    private async Task<T> CallAsync<T>(Func<Task<T>> call)
    {
        long until = Environment.TickCount64 + (long)s_patience.TotalMilliseconds;
        while (true)
        {
            try
            {
                return await call().ConfigureAwait(false);
            }
            catch (RefusedException refused)
            {
                throw refused.ToApi();
            }
            catch (Exception passing) when (IsPassing(passing))
            {
                if (Environment.TickCount64 > until)
                {
                    throw ApiException.Busy(StatusCodes.Status503ServiceUnavailable, "cluster_unavailable",
                        "The cluster did not answer: ask again.", TimeSpan.FromSeconds(5));
                }
                ClusterLog.NoAnswer(_log, passing);
            }
            await Task.Delay(s_apart).ConfigureAwait(false);
        }
    }
}
