using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace AhnSharp.Hub;

/// <summary>What removing a model would take from the cache: names in snapshots, and the blobs that no other name refers to.</summary>
public sealed class CacheRemoval
{
    private readonly HubCache _cache;
    private readonly RepoName _repo;

    private CacheRemoval(HubCache cache, RepoName repo, IReadOnlyList<CachedFile> files, IReadOnlyList<string> blobs, bool isWhole)
    {
        (_cache, _repo) = (cache, repo);
        (Files, Blobs, IsWhole) = (files, blobs, isWhole);
        Bytes = Blobs.Sum(path => new FileInfo(path).Length);
    }

    /// <summary>The names that go, of every snapshot.</summary>
    public IReadOnlyList<CachedFile> Files { get; }

    /// <summary>The bytes that go: paths of blobs to which nothing else refers, and of partial downloads.</summary>
    public IReadOnlyList<string> Blobs { get; }

    /// <summary>How many of them are partial downloads.</summary>
    public int UnfinishedCount => Blobs.Count(
        path => path.EndsWith(HubCache.Incomplete, StringComparison.Ordinal) || path.EndsWith(HubCache.Corrupt, StringComparison.Ordinal));

    /// <summary>True where the repository goes whole.</summary>
    public bool IsWhole { get; }

    /// <summary>What becomes free on the disk.</summary>
    public long Bytes { get; }

    /// <summary>Finds what would go.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="repo">The repository.</param>
    /// <param name="what">A type or a file of it; null for all of it.</param>
    /// <exception cref="HubException">It is not in the cache; the sentence says what is.</exception>
    public static CacheRemoval Plan(HubCache cache, RepoName repo, string? what)
    {
        if (!Directory.Exists(cache.RepoFolder(repo)))
            throw new HubException($"{repo} is not in the cache {cache.Folder}; 'ahn list' says what is.");
        List<CachedFile> all = [.. cache.Commits(repo, null).SelectMany(commit => cache.Files(repo, commit))];
        if (what is null)
        {
            return new CacheRemoval(cache, repo, all, [.. BlobsOf(cache, repo),
                .. all.Where(file => file.BlobPath == file.LocalPath).Select(file => file.LocalPath)], isWhole: true);
        }

        ModelReference reference = new(repo, what);
        HubException? unclear = null;
        List<CachedFile> going = [];
        foreach (string commit in cache.Commits(repo, null)) going.AddRange(Chosen(reference, cache.Files(repo, commit), ref unclear));
        HashSet<string> kept = [.. all.Except(going).Select(file => file.BlobPath)];
        List<string> blobs = [.. going.Select(file => file.BlobPath).Distinct().Where(blob => !kept.Contains(blob))];
        CachedPartial[] partials = [.. CacheListing.Of(cache, repo).Partials.Where(partial => partial.Name is not null)];
        HashSet<string> unfinished =
            [.. Chosen(reference, [.. partials.Select(partial => new RepoFile(partial.Name!, partial.Bytes)).Distinct()], ref unclear)
                .Select(file => file.Path)];
        blobs.AddRange(partials.Where(partial => unfinished.Contains(partial.Name!)).Select(partial => partial.LocalPath));
        if (going.Count == 0 && blobs.Count == 0)
        {
            throw unclear ?? new HubException(
                $"{repo} has no whole files in the cache {cache.Folder}; 'ahn remove {repo}' removes what unfinished downloads left.");
        }
        return new CacheRemoval(cache, repo, going, blobs, isWhole: false);
    }

    /// <summary>Removes it. Nothing is removed where another process fetches a part of it.</summary>
    /// <exception cref="HubException">Another process holds a lock.</exception>
    public void Execute()
    {
        List<BlobLock> locks = [];
        try
        {
            // Of a whole repository every lock that there is: a download may not have written its first byte yet.
            string locksFolder = Path.GetDirectoryName(_cache.LockPath(_repo, "x"))!;
            IEnumerable<string> held = IsWhole && Directory.Exists(locksFolder) ? Directory.EnumerateFiles(locksFolder) : [];
            foreach (string id in Blobs.Concat(held).Select(path => Path.GetFileName(path).Split('.')[0]).Where(BlobHash.IsId).Distinct())
            {
                locks.Add(BlobLock.TryAcquire(_cache.LockPath(_repo, id)) ?? throw new HubException(
                    $"another process is fetching or removing files of {_repo} just now; nothing was removed, try again later."));
            }
            // Names first: a name without its bytes is what every reader skips.
            foreach (CachedFile file in Files) File.Delete(file.LocalPath);
            foreach (string blob in Blobs) File.Delete(blob);
            if (!IsWhole) DeleteEmptyFolders(_cache.SnapshotsFolder(_repo));
            bool isEmpty = (!Directory.Exists(_cache.SnapshotsFolder(_repo))
                || !Directory.EnumerateFileSystemEntries(_cache.SnapshotsFolder(_repo)).Any()) && !BlobsOf(_cache, _repo).Any();
            if (IsWhole || isEmpty) Directory.Delete(_cache.RepoFolder(_repo), recursive: true);
        }
        finally
        {
            foreach (BlobLock taken in locks) taken.Dispose();
        }
    }

    private static IReadOnlyList<T> Chosen<T>(ModelReference reference, IReadOnlyList<T> files, ref HubException? unclear)
        where T : RepoFile
    {
        if (files.Count == 0) return [];
        try
        {
            return FileChoice.Of(reference, files, wholeOnly: false).Files;
        }
        catch (HubException none)
        {
            unclear ??= none;
            return [];
        }
    }

    private static IEnumerable<string> BlobsOf(HubCache cache, RepoName repo) =>
        Directory.Exists(cache.BlobFolder(repo)) ? Directory.EnumerateFiles(cache.BlobFolder(repo)) : [];

    private static void DeleteEmptyFolders(string folder)
    {
        if (!Directory.Exists(folder)) return;
        foreach (string inner in Directory.EnumerateDirectories(folder))
        {
            // A link to a folder is not ours to walk into.
            if (new DirectoryInfo(inner).LinkTarget is not null) continue;
            DeleteEmptyFolders(inner);
            if (!Directory.EnumerateFileSystemEntries(inner).Any()) Directory.Delete(inner);
        }
    }
}
