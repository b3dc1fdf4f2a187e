using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Documents;
using AhnSharp.Documents.Reading;
using AhnSharp.Server.Http;
using AhnSharp.Sessions;
using Microsoft.Extensions.Logging;

namespace AhnSharp.Server.Documents;

/// <summary>
/// A job from its queue to its end: one text is taken out at a time, and one read per model, in the order in which they came.
/// </summary>
/// <param name="options">Limits of what is read.</param>
/// <param name="folder">Where it is kept.</param>
/// <param name="models">What reads it.</param>
/// <param name="log">For the operator.</param>
/// <param name="turns">Whose turn it is among several runners; null: this one alone.</param>
internal sealed class JobRunner(
    DocumentStoreOptions options, DocumentFiles folder, IDocumentModels models, ILogger log, KeyedTurns? turns = null)
{
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(30);
    private readonly KeyedTurns _turns = turns ?? new();
    private readonly ReadingWork _work = new(options, folder);

    /// <summary>Does all that a job asks for.</summary>
    /// <param name="job">The job.</param>
    /// <param name="change">Takes what has become of its documents on the way.</param>
    /// <returns>What has become of its documents; null: it was ended, and goes on some other time.</returns>
    public async Task<Func<DocumentRecord, DocumentRecord>?> RunAsync(ReadingJob job, Action<Func<DocumentRecord, DocumentRecord>> change)
    {
        CancellationToken cancellation = job.Cancel.Token;
#pragma warning disable CA1031 // Whatever a document does, it fails alone.
        try
        {
            IReadOnlyList<Document> documents = await ExtractAsync(job, change, cancellation).ConfigureAwait(false);
            using IDisposable asked = await _turns.EnterAsync($"asked {job.Model}", cancellation).ConfigureAwait(false);
            IDocumentModelLease lease = await AcquireAsync(job.Model, cancellation).ConfigureAwait(false);
            await using (lease.ConfigureAwait(false))
            {
                // Two names may mean one model, and two models may be of one file.
                using IDisposable turn = await _turns.EnterAsync($"model {lease.ModelId}", cancellation).ConfigureAwait(false);
                return await ReadAsync(job, lease, documents, change, cancellation).ConfigureAwait(false);
            }
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            return null;
        }
        catch (ObjectDisposedException)
        {
            return null; // the server ends
        }
        catch (Exception failure)
        {
            StoreLog.Failed(log, job.Contents[0].Name, failure);
            string sentence = Sentence(failure);
            return record => record with { State = DocumentState.Failed, Error = sentence };
        }
#pragma warning restore CA1031
    }

    // A model for which there is no memory just now will have some.
    private async Task<IDocumentModelLease> AcquireAsync(string? model, CancellationToken cancellation)
    {
        while (true)
        {
            TimeSpan after;
            try
            {
                return await models.AcquireAsync(model, cancellation).ConfigureAwait(false);
            }
            catch (ApiException busy) when (busy.RetryAfter is not null)
            {
                after = busy.RetryAfter.Value;
            }
            await Task.Delay(after < s_longestPause ? after : s_longestPause, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<IReadOnlyList<Document>> ExtractAsync(
        ReadingJob job, Action<Func<DocumentRecord, DocumentRecord>> change, CancellationToken cancellation)
    {
        using IDisposable turn = await _turns.EnterAsync("extract", cancellation).ConfigureAwait(false);
        change(static record => record with { State = DocumentState.Extracting });
        IReadOnlyList<Document> documents =
            await Task.Run(() => _work.Extract(job.Contents, cancellation), cancellation).ConfigureAwait(false);
        IReadOnlyList<DocumentEntry> entries = [.. documents.Select(DocumentEntry.Of)];
        change(record => record with { State = DocumentState.Queued, Entries = entries });
        return documents;
    }

    private async Task<Func<DocumentRecord, DocumentRecord>> ReadAsync(ReadingJob job, IDocumentModelLease lease,
        IReadOnlyList<Document> documents, Action<Func<DocumentRecord, DocumentRecord>> change, CancellationToken cancellation)
    {
        LanguageModel model = lease.Engine.Model.Model;
        SessionOptions session = _work.SessionOf(model);
        string key = ReadingWork.KeyOf(job, model, session), modelId = lease.ModelId, hash = ReadingWork.HashOf(model);
        IReadOnlyList<DocumentEntry> entries = [.. documents.Select(DocumentEntry.Of)];
        using IDisposable turn = await _turns.EnterAsync($"reading {key}", cancellation).ConfigureAwait(false);
        // What was read before was read under names of its own.
        if (folder.NamesRead(key) is { } names && names.Count == documents.Count)
            documents = [.. documents.Zip(names, static (document, name) => document with { Name = name })];
        IReadOnlyList<Document> told = documents;
        change(record => Begun(record) with { State = DocumentState.Reading });
        using DocumentReading reading = await _work.ReadAsync(lease.Engine, job, told, key, session, modelId, cancellation)
            .ConfigureAwait(false);
        Tally tokens = reading.Session.State.Tally;
        long bytes = reading.Session.State.StateBytes, total = reading.TokensTotal;
        return record => Begun(record) with { State = DocumentState.Ready, Tokens = tokens, StateBytes = bytes, TokensTotal = total };

        DocumentRecord Begun(DocumentRecord record) => record with
        {
            ModelId = modelId,
            ModelHash = hash,
            ReadingKey = key,
            Entries = entries,
            Error = null,
            Contents = [.. record.Contents.Zip(told, static (content, document) => content with { Name = document.Name })],
        };
    }

    // What a client is told: the reader's own sentence where there is one, never a path.
    private static string Sentence(Exception failure) => failure switch
    {
        ApiException or DocumentException => failure.Message,
        ContextOverflowException overflow => string.Create(CultureInfo.InvariantCulture,
            $"expected a text of at most {overflow.LimitTokens} tokens, which is all that the model can hold, found one of "
                + $"{overflow.NeededTokens}: a model with a memory reads texts of any length."),
        IOException => "The document could not be kept: the disk refused it; the server's log says why.",
        _ => ApiErrors.Explain(failure)?.Message ?? "The document could not be read; the server's log says why.",
    };
}
