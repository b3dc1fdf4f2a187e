using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace AhnSharp.Hub;

/// <summary>Fetches what a reference means from the hub into the cache.</summary>
/// <param name="settings">Which hub, by whose leave, into which folder.</param>
public sealed class ModelPull(HubSettings settings)
{
    /// <summary>Files fetched at once where nothing else is said.</summary>
    public const int DefaultParallel = 4;

    private readonly HubCache _cache = new(settings.CacheFolder);

    /// <summary>The branch, tag or commit; <c>main</c> where none is named.</summary>
    public string Revision { get; init; } = "main";

    /// <summary>Files fetched at once.</summary>
    public int Parallel { get; init; } = DefaultParallel;

    /// <summary>Looks at what was chosen before anything of it is fetched, and throws where it is not to be.</summary>
    internal Func<HubConnection, RemoteRepo, ModelChoice<RemoteFile>, CancellationToken, Task>? Judge { get; init; }

    /// <summary>Told all that the repository has, before anything of it is chosen.</summary>
    public Action<RemoteRepo>? Listed { get; init; }

    /// <summary>Told which files it will be, before the first byte of them comes.</summary>
    public Action<ModelChoice<RemoteFile>>? Chosen { get; init; }

    /// <summary>
    /// Fetches what is not in the cache yet. What is left by an exception or a cancellation is gone on from by the next call.
    /// </summary>
    /// <param name="reference">The repository, and what of it.</param>
    /// <param name="progress">Told of every file; called by several threads.</param>
    /// <param name="cancellationToken">Ends the work between two reads.</param>
    /// <exception cref="HubException">It cannot be had; the message is one sentence.</exception>
    public async Task<PullResult> RunAsync(
        ModelReference reference, IProgress<FileProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (FilePaths.Flaw(Revision) is { } flaw) throw new HubException($"the revision {FilePaths.Shown(Revision)} is refused: {flaw}.");
        long started = Stopwatch.GetTimestamp();
        if (settings.Offline) return FromCache(reference);
        using HubConnection connection = new(settings);
        RemoteRepo repo = await ListAsync(connection, settings, reference, Revision, cancellationToken);
        Listed?.Invoke(repo);
        ModelChoice<RemoteFile> choice = FileChoice.Of(reference, repo.Files);
        // Before anything is written: the names are the server's.
        foreach (RemoteFile file in choice.Files) FilePaths.Below(_cache.SnapshotFolder(repo.Name, repo.Commit), file.Path);
        CheckSpace(repo, choice);
        bool isHere = choice.Files.All(file => IsThere(repo, file, _cache.BlobPath(repo.Name, file.BlobId)));
        if (Judge is not null && !isHere) await Judge(connection, repo, choice, cancellationToken);
        Chosen?.Invoke(choice);

        _cache.Create(repo.Name);
        TreeFile.Write(_cache, repo);
        PulledFile[] pulled = new PulledFile[choice.Files.Count];
        ParallelOptions options = new() { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellationToken };
        await System.Threading.Tasks.Parallel.ForEachAsync(Enumerable.Range(0, pulled.Length), options, async (i, stop) =>
            pulled[i] = await PullAsync(connection, repo, choice.Files[i], progress, stop));
        // Last: until everything is there, the name stands for what was there before.
        _cache.WriteRef(repo.Name, repo.Revision, repo.Commit);
        return new PullResult(reference, repo.Revision, repo.Commit, _cache.SnapshotFolder(repo.Name, repo.Commit), choice.Kind,
            choice.Label, pulled, Stopwatch.GetElapsedTime(started));
    }

    /// <summary>All files of a repository; names like it where there is none of that name.</summary>
    internal static async Task<RemoteRepo> ListAsync(
        HubConnection connection, HubSettings settings, ModelReference reference, string revision, CancellationToken cancellationToken)
    {
        HubClient client = new(connection, settings);
        try
        {
            return await client.ListAsync(reference.Repo, revision, cancellationToken);
        }
        catch (RepoNotFoundException missing)
        {
            IReadOnlyList<string> near = await client.NearAsync(reference.Repo, cancellationToken);
            throw near.Count == 0 ? missing : new HubException($"{missing.Message} Names like it: {string.Join(", ", near)}.", missing);
        }
    }

    private PullResult FromCache(ModelReference reference)
    {
        if (_cache.Find(reference, Revision) is not { } found)
        {
            throw new HubException(
                $"{reference} is not in the cache {_cache.Folder} at '{Revision}', and HF_HUB_OFFLINE forbids to fetch it.");
        }
        PulledFile[] files = [.. found.Choice.Files.Select(
            file => new PulledFile(file.Path, file.LocalPath, file.Bytes, Path.GetFileName(file.BlobPath), 0))];
        return new PullResult(reference, Revision, found.Commit, _cache.SnapshotFolder(reference.Repo, found.Commit), found.Choice.Kind,
            found.Choice.Label, files, TimeSpan.Zero);
    }

    private void CheckSpace(RemoteRepo repo, ModelChoice<RemoteFile> choice)
    {
        long needed = 0;
        foreach (RemoteFile file in choice.Files.DistinctBy(file => file.BlobId))
        {
            string blob = _cache.BlobPath(repo.Name, file.BlobId);
            if (IsThere(repo, file, blob)) continue;
            FileInfo partial = new(blob + HubCache.Incomplete);
            needed += file.Bytes - (partial.Exists && partial.Length <= file.Bytes ? partial.Length : 0);
        }
        if (needed == 0) return;
        long free = settings.FreeBytes(_cache.Folder);
        if (free < needed)
        {
            throw new HubException(
                $"{repo.Name} needs {ByteSize.Text(needed)} more on the disk of {_cache.Folder}, which has {ByteSize.Text(free)} free; "
                    + "'ahn list' says what is there, 'ahn remove' makes room, HF_HUB_CACHE names another folder.");
        }
    }

    private bool IsThere(RemoteRepo repo, RemoteFile file, string blob) =>
        (new FileInfo(blob) is { Exists: true } whole && whole.Length == file.Bytes)
        || SnapshotLink.IsWhole(FilePaths.Below(_cache.SnapshotFolder(repo.Name, repo.Commit), file.Path), blob, file);

    private async Task<PulledFile> PullAsync(
        HubConnection connection, RemoteRepo repo, RemoteFile file, IProgress<FileProgress>? progress, CancellationToken cancellationToken)
    {
        void Report(FileStage stage, long bytes, string? note) => progress?.Report(new FileProgress(file, stage, bytes, note));

        string blob = _cache.BlobPath(repo.Name, file.BlobId),
            name = FilePaths.Below(_cache.SnapshotFolder(repo.Name, repo.Commit), file.Path);
        if (SnapshotLink.IsWhole(name, blob, file))
        {
            // Without the lock: the cache may be one that we can only read.
            Report(FileStage.Done, file.Bytes, null);
            return new PulledFile(file.Path, name, file.Bytes, file.BlobId, 0);
        }
        long fetched = 0;
        using (await BlobLock.AcquireAsync(
            _cache.LockPath(repo.Name, file.BlobId), () => Report(FileStage.Waiting, 0, null), cancellationToken))
        {
            if (!IsThere(repo, file, blob))
            {
                using PartialBlob partial = await PartialBlob.OpenAsync(
                    blob + HubCache.Incomplete, file, bytes => Report(FileStage.Rereading, bytes, null), cancellationToken);
                fetched = await new BlobDownload(connection, settings, repo, file, Report).FillAsync(partial, cancellationToken);
                partial.Finish(blob);
            }
            string path = SnapshotLink.Make(_cache, repo.Name, repo.Commit, file, settings.Symlinks);
            Report(FileStage.Done, file.Bytes, null);
            return new PulledFile(file.Path, path, file.Bytes, file.BlobId, fetched);
        }
    }
}
