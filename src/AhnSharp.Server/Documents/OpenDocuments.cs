using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Generation;
using AhnSharp.Server.Http;
using Microsoft.AspNetCore.Http;

namespace AhnSharp.Server.Documents;

/// <summary>Snapshots that are open, each once for all who ask about it, until nobody has for a while.</summary>
/// <param name="models">What answers about them.</param>
/// <param name="filesOf">Where a document lies.</param>
/// <param name="options">How long they stay open.</param>
internal sealed class OpenDocuments(
    IDocumentModels models, Func<DocumentRecord, DocumentFiles> filesOf, DocumentStoreOptions options) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Held> _held = new(StringComparer.Ordinal); // by path of the reading
    private bool _disposed;

    /// <summary>How many are open.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _held.Count;
        }
    }

    /// <exception cref="ApiException">The model is another by now.</exception>
    public async Task<OpenDocument> OpenAsync(DocumentRecord record, CancellationToken cancellation)
    {
        string key = PathOf(record);
        Held? held;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_held.TryGetValue(key, out held)) _held.Add(key, held = new Held(key));
            held.Users++;
            // Whoever leaves does not end the opening for the others.
            held.Opened ??= Task.Run(() => OpenAsync(key, record), CancellationToken.None);
        }
        try
        {
            (IDocumentModelLease lease, DocumentContext context) = await held.Opened.WaitAsync(cancellation).ConfigureAwait(false);
            return new OpenDocument(record, lease, context, () => Leave(held));
        }
        catch
        {
            Leave(held);
            throw;
        }
    }

    /// <summary>Closes what no record names, once nobody asks about it.</summary>
    public void KeepOnly(IReadOnlyCollection<DocumentRecord> records)
    {
        HashSet<string> named = [.. records.Where(static record => record.ReadingKey is not null).Select(PathOf)];
        lock (_gate)
        {
            foreach (Held held in _held.Values.Where(held => !named.Contains(held.Key)).ToList()) Forget(held);
        }
    }

    /// <summary>Closes all; those that somebody has, when he gives them back.</summary>
    public async ValueTask DisposeAsync()
    {
        List<Task> closing = [];
        lock (_gate)
        {
            _disposed = true;
            foreach (Held held in _held.Values.ToList())
            {
                Forget(held);
                if (held.Closed is { } closed) closing.Add(closed);
            }
        }
        await Task.WhenAll(closing).ConfigureAwait(false);
    }

    private async Task<(IDocumentModelLease Lease, DocumentContext Context)> OpenAsync(string path, DocumentRecord record)
    {
        IDocumentModelLease lease = await models.AcquireAsync(record.ModelId, CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (ReadingWork.HashOf(lease.Engine.Model.Model) != record.ModelHash)
            {
                throw new ApiException(StatusCodes.Status409Conflict, "document_of_another_model",
                    $"{record.Id}: expected the model {record.ModelId} that read the document, found another under its name: "
                        + "send the document again.");
            }
            return (lease, lease.Engine.OpenDocument(path));
        }
        catch
        {
            await lease.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private string PathOf(DocumentRecord record) => filesOf(record).Reading(record.ReadingKey!);

    private void Leave(Held held)
    {
        lock (_gate)
        {
            if (--held.Users > 0) return;
            // An opening that failed, or whose last waiting left, is tried anew.
            if (held.IsForgotten || held.Opened is not { IsCompletedSuccessfully: true })
            {
                Forget(held);
                return;
            }
            int visit = ++held.Visits;
            _ = CloseLaterAsync(held, visit);
        }
    }

    private async Task CloseLaterAsync(Held held, int visit)
    {
        await Task.Delay(options.IdleTime).ConfigureAwait(false);
        lock (_gate)
        {
            if (held.Users == 0 && held.Visits == visit) Forget(held);
        }
    }

    // Under the lock.
    private void Forget(Held held)
    {
        held.IsForgotten = true;
        if (_held.TryGetValue(held.Key, out Held? same) && same == held) _held.Remove(held.Key);
        if (held.Users == 0) held.Closed ??= CloseAsync(held.Opened!);
    }

    private static async Task CloseAsync(Task<(IDocumentModelLease Lease, DocumentContext Context)> opened)
    {
        await ((Task)opened).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        if (!opened.IsCompletedSuccessfully) return;
        (IDocumentModelLease lease, DocumentContext context) = await opened.ConfigureAwait(false);
        context.Dispose();
        await lease.DisposeAsync().ConfigureAwait(false);
    }

    private sealed class Held(string key)
    {
        public string Key => key;

        public Task<(IDocumentModelLease Lease, DocumentContext Context)>? Opened { get; set; }

        public Task? Closed { get; set; }

        public int Users { get; set; }

        /// <summary>Counts up whenever the last user leaves, so that an older wait closes nothing.</summary>
        public int Visits { get; set; }

        public bool IsForgotten { get; set; }
    }
}
