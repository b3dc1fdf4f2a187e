using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cluster.Storage;
using AhnSharp.Files;
using AhnSharp.Server.Documents;

namespace AhnSharp.Cluster.Grains;

/// <summary>A document while a silo has it: its record with the version that is known, and the job that reads it.</summary>
/// <remarks>
/// Two silos may have one document at the same time, while a network is parted: each believes that the other is gone. The lock of its
/// folder lets one of them read, and the version of the record lets one of them write; the other sees that it is
/// <see cref="IsStale"/>, and is given up.
/// </remarks>
internal sealed class KeptDocument(string id, SiloDocuments silo)
{
    private readonly Lock _gate = new();
    private DocumentRecord? _record; // under _gate, as all that follows
    private long _version;
    private ReadingJob? _job;

    /// <summary>Whether somebody else has written the record: what is known here is old.</summary>
    public bool IsStale { get; private set; }

    /// <summary>Looks the record up.</summary>
    public void Load()
    {
        lock (_gate) (_record, _version) = silo.Library.Read(id);
    }

    /// <summary>How it stands; null: there is none.</summary>
    public DocumentStanding? Standing
    {
        get
        {
            lock (_gate) return _record is null ? null : DocumentStanding.Of(_record, _version, _job?.Status);
        }
    }

    /// <summary>Remembers it, where it is not there already.</summary>
    public void Create(DocumentRecord record)
    {
        lock (_gate)
        {
            if (_record is null) Put(record);
        }
    }

    /// <summary>Begins to read it, where it is not read.</summary>
    public void Read()
    {
        lock (_gate)
        {
            if (_record is not { IsSettled: false } record || _job is not null || IsStale) return;
            _job = new ReadingJob(id, record.Contents, record.IsCollection, record.Model, record.System);
            _job.Documents.Add(id);
            _job.Ended = RunAsync(_job);
        }
    }

    /// <summary>Makes a further document of the same text: its files are the same ones.</summary>
    public DocumentRecord? Fork(string other, long number, string? name)
    {
        DocumentRecord? record;
        lock (_gate) record = _record;
        if (record is null) return null;
        DocumentFiles from = silo.Library.FilesOf(id), to = silo.Library.MakeFilesOf(other);
        bool isReady = record.State == DocumentState.Ready;
        foreach (string part in isReady ? (string[])["contents", "texts", "readings"] : ["contents"])
        {
            // Files of a document that is ready are never written again, and bytes as they came never at all.
            foreach (string path in Directory.GetFiles(Path.Combine(from.Folder, part)))
            {
                if (path.EndsWith(".lock", StringComparison.Ordinal)) continue;
                string link = Path.Combine(to.Folder, part, Path.GetFileName(path));
                if (!HardLink.TryCreate(path, link) && !File.Exists(link))
                    throw new IOException($"{to.Folder}: expected a file system that makes hard links, found one that does not.");
            }
        }
        return record with
        {
            Id = other,
            Number = number,
            Created = DateTimeOffset.UtcNow,
            Name = name is null ? record.Name : new DocumentRequest { Name = name }.PlainName,
            State = isReady ? DocumentState.Ready : DocumentState.Queued,
            Error = null,
        };
    }

    /// <summary>Ends the reading; a checkpoint stays.</summary>
    public async Task EndAsync()
    {
        ReadingJob? job;
        lock (_gate) job = _job;
        if (job is null) return;
        await job.Cancel.CancelAsync().ConfigureAwait(false);
        await job.Ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Forgets it, and deletes what lies of it.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> DeleteAsync()
    {
        await EndAsync().ConfigureAwait(false);
        lock (_gate)
        {
            bool was = _record is not null;
            if (was) _version = silo.Library.Delete(id, _version);
            else if (_version > 0) silo.Library.RemoveFiles(id); // who deleted it was killed in between
            _record = null;
            return was;
        }
    }

    private async Task RunAsync(ReadingJob job)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // the caller has the lock
#pragma warning disable CA1031 // Nobody waits for it: what goes wrong stands in the log, and the library asks again for what is not read.
        try
        {
            DocumentFiles files = silo.Library.MakeFilesOf(id);
            using FileLock mine = await FileLock.TakeAsync(
                Path.Combine(files.Folder, "document"), () => ClusterLog.Waits(silo.Log, id), job.Cancel.Token).ConfigureAwait(false);
            Func<DocumentRecord, DocumentRecord>? last =
                await silo.RunnerOf(files).RunAsync(job, change => Change(job, change)).ConfigureAwait(false);
            if (last is not null && !job.Cancel.IsCancellationRequested) Change(job, last);
        }
        catch (OperationCanceledException)
        {
            // It was ended while it waited.
        }
        catch (Exception failure)
        {
            ClusterLog.NotRead(silo.Log, id, failure);
        }
#pragma warning restore CA1031
        lock (_gate) _job = null;
        silo.Settled(id);
    }

    private void Change(ReadingJob job, Func<DocumentRecord, DocumentRecord> change)
    {
        lock (_gate)
        {
            if (_record is null) throw new OperationCanceledException();
            try
            {
                Put(change(_record));
            }
            catch (VersionConflictException conflict)
            {
                IsStale = true;
                job.Cancel.Cancel(); // the job ends here, and is no failure of the document
                ClusterLog.Stale(silo.Log, id, conflict.Message);
                throw;
            }
        }
    }

    private void Put(DocumentRecord record)
    {
        _version = silo.Library.Write(record, _version);
        _record = record;
    }
}
