using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.Logging;

namespace AhnSharp.Server.Documents;

/// <summary>The jobs of a store, and which documents wait for which: called under the store's lock, unless they say so.</summary>
/// <param name="gate">The store's lock.</param>
/// <param name="records">The store's documents, by their ids.</param>
/// <param name="folder">Where they are kept.</param>
/// <param name="runner">What does the work.</param>
/// <param name="log">For the operator.</param>
internal sealed class DocumentJobs(
    Lock gate, Dictionary<string, DocumentRecord> records, StoreFolder folder, JobRunner runner, ILogger log)
{
    private readonly Dictionary<string, ReadingJob> _jobs = new(StringComparer.Ordinal); // of documents, by their ids
    private readonly Dictionary<string, ReadingJob> _shared = new(StringComparer.Ordinal); // by what their documents have in common
    private readonly HashSet<ReadingJob> _running = [];

    /// <summary>How far the reading is that a document waits for; null: it waits for none, or it has not begun.</summary>
    public ReadingStatus? StatusOf(string id) => _jobs.TryGetValue(id, out ReadingJob? job) ? job.Status : null;

    /// <summary>A document waits no longer; a job that nobody waits for is ended.</summary>
    /// <returns>Its end, to be waited for without the lock.</returns>
    public Task Leave(string id)
    {
        if (!_jobs.Remove(id, out ReadingJob? job)) return Task.CompletedTask;
        job.Documents.Remove(id);
        if (job.Documents.Count > 0) return Task.CompletedTask;
        _shared.Remove(job.Key);
        job.Cancel.Cancel();
        return job.Ended;
    }

    /// <summary>Ends all, and waits for them, without the lock.</summary>
    public async Task EndAsync()
    {
        ReadingJob[] running;
        lock (gate) running = [.. _running];
        foreach (ReadingJob job in running) await job.Cancel.CancelAsync().ConfigureAwait(false);
        foreach (ReadingJob job in running) await job.Ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Keeps a record, on the disk first.</summary>
    public void Put(DocumentRecord record)
    {
        folder.Save(record);
        records[record.Id] = record;
    }

    /// <summary>Lets a document join the job of the same text, or begins one.</summary>
    public void Start(DocumentRecord record)
    {
        string key = ReadingWork.JobKeyOf(record.Contents, record.IsCollection, record.Model, record.System);
        if (!_shared.TryGetValue(key, out ReadingJob? job))
        {
            job = new ReadingJob(key, record.Contents, record.IsCollection, record.Model, record.System);
            _shared.Add(key, job);
            _running.Add(job);
            job.Ended = RunAsync(job);
        }
        job.Documents.Add(record.Id);
        _jobs[record.Id] = job;
        // The model is told what the first of them is called; names of a collection are the same.
        record = record with
        {
            State = DocumentState.Queued,
            Contents = [.. record.Contents.Zip(job.Contents, static (own, told) => own with { Name = told.Name })],
        };
        Put(job.Latest is { } latest ? latest(record) : record);
    }

    private async Task RunAsync(ReadingJob job)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // the caller has the lock
        Func<DocumentRecord, DocumentRecord>? last = await runner.RunAsync(job, change => Change(job, change)).ConfigureAwait(false);
        lock (gate)
        {
            _running.Remove(job);
            if (_shared.TryGetValue(job.Key, out ReadingJob? shared) && shared == job) _shared.Remove(job.Key);
            foreach (string id in job.Documents) _jobs.Remove(id);
            if (last is not null) Apply(job, last);
        }
    }

    private void Change(ReadingJob job, Func<DocumentRecord, DocumentRecord> change)
    {
        lock (gate)
        {
            job.Latest = change;
            Apply(job, change);
        }
    }

    private void Apply(ReadingJob job, Func<DocumentRecord, DocumentRecord> change)
    {
        foreach (string id in job.Documents)
        {
            try
            {
                Put(change(records[id]));
            }
            catch (IOException error)
            {
                // A full disk: what is known goes on from here, and the file is as it was.
                records[id] = change(records[id]);
                StoreLog.NotWritten(log, id, error);
            }
        }
    }
}
