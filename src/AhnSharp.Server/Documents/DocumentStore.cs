using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Server.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AhnSharp.Server.Documents;

/// <summary>Documents that are read once, in the background, and kept on disk: asked for days, by anyone, after restarts too.</summary>
/// <remarks>
/// What two documents have in common is kept once: the bytes, their text, and the reading by a model, each for as long as a record names
/// it. A document is settled when it is ready or has failed; one that was not when the server ended goes on from its last checkpoint.
/// </remarks>
internal sealed class DocumentStore : IDocuments, IAsyncDisposable
{
    private readonly StoreFolder _folder;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, DocumentRecord> _records = new(StringComparer.Ordinal); // under _gate
    private readonly DocumentJobs _jobs;
    private readonly OpenDocuments _open;
    private readonly ILogger _log;
    private long _lastNumber;
    private int _coming; // documents that are being taken in
    private bool _disposed;

    /// <summary>Opens the folder; what was not read to its end goes on.</summary>
    /// <exception cref="IOException">It cannot be written, or another server has it.</exception>
    public DocumentStore(DocumentStoreOptions options, IDocumentModels models, ILogger<DocumentStore>? log = null)
    {
        Options = options;
        _log = log ?? NullLogger<DocumentStore>.Instance;
        _folder = new StoreFolder(options.Folder);
        _jobs = new DocumentJobs(_gate, _records, _folder, new JobRunner(options, _folder, models, _log), _log);
        _open = new OpenDocuments(models, _ => _folder, options);
        Texts = new DocumentTexts(_ => _folder);
        (List<DocumentRecord> records, List<string> strange) = _folder.Load();
        foreach (string sentence in strange) StoreLog.Strange(_log, sentence);
        foreach (DocumentRecord record in records)
        {
            _records.Add(record.Id, record);
            _lastNumber = Math.Max(_lastNumber, record.Number);
        }
        // What a record that cannot be read names is not known: nothing is deleted beside it.
        if (strange.Count == 0) _folder.RemoveUnnamed(_records.Values);
        lock (_gate)
        {
            foreach (DocumentRecord record in records.Where(static record => !record.IsSettled)) _jobs.Start(record);
        }
    }

    public DocumentStoreOptions Options { get; }

    /// <summary>Texts of documents, to look up where an answer comes from.</summary>
    public DocumentTexts Texts { get; }

    /// <summary>Takes a document in; it is read in the background.</summary>
    /// <exception cref="ApiException">It is too large, there is no room left, or a name is out of range.</exception>
    public async Task<DocumentView> AddAsync(DocumentRequest request, Stream stream, CancellationToken cancellation = default)
    {
        using Upload upload = await ReceiveAsync(stream, cancellation).ConfigureAwait(false);
        return Add(request, upload);
    }

    /// <summary>Takes bytes in, which <see cref="Add"/> makes a document of.</summary>
    /// <exception cref="ApiException">There are too many, or there is no room left.</exception>
    public async Task<Upload> ReceiveAsync(Stream stream, CancellationToken cancellation = default)
    {
        using IDisposable place = Reserve("");
        Upload upload = await _folder.SpoolAsync(stream, Options.MaxUploadBytes, cancellation).ConfigureAwait(false);
        long left = Options.MaxBytes - (_folder.UsedBytes - upload.Bytes); // the upload is among them
        if (upload.Bytes <= left) return upload;
        upload.Dispose();
        throw DocumentRefusals.Full(upload.Bytes, left, Options.MaxBytes);
    }

    /// <summary>Makes a document of what came in.</summary>
    /// <inheritdoc cref="AddAsync"/>
    public DocumentView Add(DocumentRequest request, Upload upload)
    {
        using IDisposable place = Reserve(request.Name);
        string name = request.PlainName;
        DocumentContent content = new(upload.Sha256, DocumentContent.EndingOf(name), upload.Bytes, name, null);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            upload.MoveTo(_folder.Content(content));
            return Create(request, name, [content], isCollection: false);
        }
    }

    /// <summary>Makes one text of documents, in their order; it is read like any other.</summary>
    /// <exception cref="ApiException">One of them is not there or has failed.</exception>
    public DocumentView AddCollection(DocumentRequest request, IReadOnlyList<string> documents)
    {
        using IDisposable place = Reserve(request.Name);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            List<DocumentContent> contents = ContentsOf(documents, ref request);
            if (contents.Count == 0) throw ApiException.Invalid("documents", "expected the id of a document at least, found none.");
            return Create(request, request.PlainName, contents, isCollection: true);
        }
    }

    /// <summary>
    /// The document that holds documents as a model reads them: one of them itself, or one that is made of them and goes with the first
    /// that is deleted.
    /// </summary>
    /// <param name="documents">Their ids; each is settled.</param>
    /// <param name="modelId">The model that is to answer.</param>
    public DocumentView Together(IReadOnlyList<string> documents, string modelId)
    {
        lock (_gate)
        {
            if (MadeOf(documents, modelId) is { } made) return made;
        }
        using IDisposable place = Reserve("");
        lock (_gate)
        {
            if (MadeOf(documents, modelId) is { } made) return made; // by another request, meanwhile
            DocumentRecord first = Require(documents[0]);
            DocumentRequest request = new() { Name = first.Name, Model = modelId, System = documents.Count == 1 ? first.System : null };
            return Create(
                request, first.Name, ContentsOf(documents, ref request), first.IsCollection || documents.Count > 1, documents);
        }
    }

    /// <summary>
    /// A further document of the same text: it shares what was read, and is deleted by itself. One that has failed is tried again.
    /// </summary>
    public DocumentView Fork(string id, string? name)
    {
        using IDisposable place = Reserve(name ?? "");
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            DocumentRecord of = Require(id);
            DocumentRecord record = of with
            {
                Id = NewId(),
                Number = ++_lastNumber,
                Created = DateTimeOffset.UtcNow,
                DerivedFrom = [],
                Name = name is null ? of.Name : new DocumentRequest { Name = name }.PlainName,
            };
            _jobs.Put(record);
            if (record.State != DocumentState.Ready) _jobs.Start(record with { Error = null });
            return View(_records[record.Id]);
        }
    }

    Task<DocumentView> IDocuments.AddAsync(DocumentRequest request, Upload upload) => Task.FromResult(Add(request, upload));

    Task<DocumentView> IDocuments.AddCollectionAsync(DocumentRequest request, IReadOnlyList<string> documents) =>
        Task.FromResult(AddCollection(request, documents));

    Task<DocumentView> IDocuments.TogetherAsync(IReadOnlyList<string> documents, string modelId) =>
        Task.FromResult(Together(documents, modelId));

    Task<DocumentView> IDocuments.ForkAsync(string id, string? name) => Task.FromResult(Fork(id, name));

    Task<DocumentView> IDocuments.GetAsync(string id) => Task.FromResult(Get(id));

    Task<DocumentPage> IDocuments.ListAsync(int limit, string? after, bool isAscending, string? purpose)
    {
        (IReadOnlyList<DocumentView> page, bool hasMore) = List(limit, after, isAscending, purpose);
        return Task.FromResult(new DocumentPage(page, hasMore));
    }

    Task<FileStream> IDocuments.OpenContentAsync(string id) => Task.FromResult(OpenContent(id));

    public DocumentView Get(string id)
    {
        lock (_gate) return View(Require(id));
    }

    /// <summary>Documents, newest first or oldest first.</summary>
    /// <param name="limit">Most that are given.</param>
    /// <param name="after">The last one of the page before.</param>
    /// <param name="isAscending">Oldest first.</param>
    /// <param name="purpose">Those of this purpose alone.</param>
    /// <returns>The page, and whether more follow.</returns>
    public (IReadOnlyList<DocumentView> Page, bool HasMore) List(
        int limit, string? after = null, bool isAscending = false, string? purpose = null)
    {
        lock (_gate)
        {
            IEnumerable<DocumentRecord> records = DocumentOrder.Behind(
                after is null ? null : Require(after, "after"), _records.Values, isAscending, purpose);
            List<DocumentView> page = [.. records.Take(limit + 1).Select(View)];
            bool hasMore = page.Count > limit;
            return (hasMore ? page[..limit] : page, hasMore);
        }
    }

    /// <summary>Deletes a document; what is read for it alone ends, and what it alone needs is gone from the disk afterwards.</summary>
    public async Task DeleteAsync(string id)
    {
        List<Task> ended = [];
        lock (_gate)
        {
            Require(id);
            // With it goes what requests made of it: nothing of its text stays.
            foreach (string one in _records.Values.Where(record => record.DerivedFrom.Contains(id)).Select(record => record.Id).ToList())
                Remove(one);
            Remove(id);
        }
        await Task.WhenAll(ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        RemoveUnnamed();

        void Remove(string one)
        {
            _folder.DeleteRecord(one);
            _records.Remove(one);
            ended.Add(_jobs.Leave(one));
        }
    }

    /// <summary>The bytes of a document as they came.</summary>
    public FileStream OpenContent(string id)
    {
        lock (_gate)
        {
            DocumentRecord record = Require(id);
            if (record.IsCollection) throw ApiException.Invalid("id", "expected a document of one file, found a collection.");
            return new FileStream(_folder.Content(record.Contents[0]), FileMode.Open, FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete, bufferSize: 1 << 16, useAsync: true);
        }
    }

    /// <summary>Opens a document that is ready, to be asked; whoever else asks it shares what is open.</summary>
    /// <exception cref="ApiException">It is not there, not ready, or its model is another by now.</exception>
    public Task<OpenDocument> OpenAsync(string id, CancellationToken cancellation = default)
    {
        DocumentView view = Get(id);
        DocumentRecord record = view.Record;
        if (record.State == DocumentState.Failed) throw DocumentRefusals.Failed(record);
        if (record.State != DocumentState.Ready) throw DocumentRefusals.NotReady(view);
        return _open.OpenAsync(record, cancellation);
    }

    /// <summary>Ends what runs, which goes on when the folder is opened again.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
        }
        await _jobs.EndAsync().ConfigureAwait(false);
        await _open.DisposeAsync().ConfigureAwait(false);
        _folder.Dispose();
    }

    private static string NewId() => $"doc_{Guid.NewGuid():N}";

    // Counted before a byte is taken: many at once must not pass the limit together.
    private Place Reserve(string name)
    {
        if (name.Length > DocumentRequest.MaxNameLength)
            throw ApiException.Invalid("name", $"expected at most {DocumentRequest.MaxNameLength} characters, found {name.Length}.");
        lock (_gate)
        {
            int found = _records.Count + _coming;
            if (found >= Options.MaxDocuments) throw DocumentRefusals.TooMany(found, Options.MaxDocuments);
            _coming++;
        }
        return new Place(this);
    }

    private DocumentView? MadeOf(IReadOnlyList<string> documents, string modelId)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        DocumentRecord first = Require(documents[0]);
        if (documents.Count == 1 && (first.ModelId == modelId || first.State == DocumentState.Failed)) return View(first);
        DocumentRecord? made = _records.Values.FirstOrDefault(record =>
            record.DerivedFrom.SequenceEqual(documents) && (record.ModelId ?? record.Model) == modelId);
        if (made is { State: DocumentState.Failed }) _jobs.Start(made with { Error = null }); // whatever it was may be gone
        return made is null ? null : View(_records[made.Id]);
    }

    // The files of documents, as each of them is told to a model; a model that the first of them was read by is asked for.
    private List<DocumentContent> ContentsOf(IReadOnlyList<string> documents, ref DocumentRequest request)
    {
        List<DocumentRecord> members = [.. documents.Select((id, i) => Require(id, $"documents[{i}]"))];
        string? model = request.Model ?? members.Select(static member => member.Model).FirstOrDefault(static model => model is not null);
        request = request with { Model = model };
        return DocumentOrder.ContentsOf(members);
    }

    private DocumentRecord Require(string id, string? parameter = null)
    {
        if (_records.TryGetValue(id, out DocumentRecord? record)) return record;
        throw DocumentRefusals.Unknown(parameter);
    }

    private DocumentView View(DocumentRecord record) => new(record, _jobs.StatusOf(record.Id));

    private DocumentView Create(DocumentRequest request, string name, IReadOnlyList<DocumentContent> contents, bool isCollection,
        IReadOnlyList<string>? derivedFrom = null)
    {
        string id = request.IdOf(contents);
        if (_records.TryGetValue(id, out DocumentRecord? same)) return View(same); // the same request, sent again
        DocumentRecord record = new()
        {
            Id = id,
            Number = ++_lastNumber,
            Name = name,
            Created = DateTimeOffset.UtcNow,
            Contents = contents,
            IsCollection = isCollection,
            Model = request.Model,
            System = request.System,
            Purpose = request.Purpose,
            DerivedFrom = derivedFrom ?? [],
        };
        _jobs.Put(record);
        _jobs.Start(record);
        return View(_records[record.Id]);
    }

    private void RemoveUnnamed()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _folder.RemoveUnnamed(_records.Values);
            _open.KeepOnly(_records.Values);
        }
    }

    private sealed class Place(DocumentStore store) : IDisposable
    {
        public void Dispose()
        {
            lock (store._gate) store._coming--;
        }
    }
}
