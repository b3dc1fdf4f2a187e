using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using AhnSharp.Files;

namespace AhnSharp.Hub;

/// <summary>The folder in which the hub's own tools, and we, keep what was fetched.</summary>
/// <remarks>
/// <c>models--OWNER--REPO/blobs/HASH</c> holds the bytes, <c>snapshots/COMMIT/FILE</c> links to them (<c>../../blobs/HASH</c>),
/// <c>refs/REVISION</c> holds the commit of a branch or tag, <c>trees/COMMIT.json</c> the list of files, <c>blobs/HASH.incomplete</c> what
/// has come so far; <c>.locks/models--OWNER--REPO/HASH.lock</c> beside them is held while a blob is fetched. Where links cannot be made,
/// the file itself lies in the snapshot and there is no blob.
/// Source: huggingface_hub ee0a4510, file_download.py and docs/source/en/guides/manage-cache.md.
/// </remarks>
public sealed class HubCache
{
    internal const string Incomplete = ".incomplete", Corrupt = ".corrupt";
    private const string DefaultRevision = "main";

    // The Cache Directory Tagging Standard: backup programs leave such a folder out.
    private const string TagName = "CACHEDIR.TAG",
        Tag = "Signature: 8a477f597d28d172789f06886806bc55\n# This folder holds models that can be fetched again.\n";

    /// <summary>A cache at a folder, which need not exist yet.</summary>
    public HubCache(string folder) => Folder = Path.GetFullPath(folder);

    /// <summary>The folder, as a full path.</summary>
    public string Folder { get; }

    /// <summary>The repositories in the cache, by name.</summary>
    internal IEnumerable<RepoName> Repos()
    {
        if (!Directory.Exists(Folder)) yield break;
        foreach (string folder in Directory.EnumerateDirectories(Folder).Order(StringComparer.Ordinal))
        {
            if (RepoName.TryParseFolder(Path.GetFileName(folder), out RepoName? repo)) yield return repo;
        }
    }

    internal string RepoFolder(RepoName repo) => Path.Combine(Folder, repo.FolderName);

    internal string BlobFolder(RepoName repo) => Path.Combine(RepoFolder(repo), "blobs");

    internal string BlobPath(RepoName repo, string blobId) => Path.Combine(BlobFolder(repo), blobId);

    internal string LockPath(RepoName repo, string blobId) => Path.Combine(Folder, ".locks", repo.FolderName, blobId + ".lock");

    internal string SnapshotsFolder(RepoName repo) => Path.Combine(RepoFolder(repo), "snapshots");

    internal string RefsFolder(RepoName repo) => Path.Combine(RepoFolder(repo), "refs");

    internal string TreePath(RepoName repo, string commit) => Path.Combine(RepoFolder(repo), "trees", commit + ".json");

    /// <summary>The folder of a commit's files.</summary>
    public string SnapshotFolder(RepoName repo, string commit) => Path.Combine(SnapshotsFolder(repo), commit);

    /// <summary>The files that <paramref name="reference"/> means, from the newest snapshot that has them; null where none has.</summary>
    /// <param name="reference">What is looked for.</param>
    /// <param name="revision">A branch, tag or commit; null looks at <c>main</c> first and then at every other
    /// snapshot, the newest first.</param>
    /// <exception cref="HubException">The repository is there, and what is asked of it is missing or not clear; the sentence
    /// says what there is.</exception>
    public (string Commit, ModelChoice<CachedFile> Choice)? Find(ModelReference reference, string? revision = null)
    {
        HubException? first = null;
        foreach (string commit in Commits(reference.Repo, revision))
        {
            IReadOnlyList<CachedFile> files = Files(reference.Repo, commit);
            if (files.Count == 0) continue;
            try
            {
                return (commit, FileChoice.Of(reference, files));
            }
            catch (HubException unclear)
            {
                first ??= unclear;
            }
        }
        return first is null ? null : throw first;
    }

    /// <summary>The whole files of a snapshot: what links to nothing, or lies elsewhere than in this repository, is none.</summary>
    internal IReadOnlyList<CachedFile> Files(RepoName repo, string commit)
    {
        string folder = SnapshotFolder(repo, commit), blobs = BlobFolder(repo) + Path.DirectorySeparatorChar;
        if (!Directory.Exists(folder)) return [];
        List<CachedFile> files = [];
        foreach (FileInfo file in Walk(new DirectoryInfo(folder)).OrderBy(file => file.FullName, StringComparer.Ordinal))
        {
            string blob = file.LinkTarget is null ? file.FullName : file.ResolveLinkTarget(returnFinalTarget: false)!.FullName;
            FileInfo? target = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo;
            if (target is not { Exists: true } || (file.LinkTarget is not null && !blob.StartsWith(blobs, StringComparison.Ordinal)))
                continue;
            string path = Path.GetRelativePath(folder, file.FullName).Replace(Path.DirectorySeparatorChar, '/');
            files.Add(new CachedFile(path, target.Length, file.FullName, blob));
        }
        return files;
    }

    // A link to a folder leads out of the cache: what lies there is not ours to list, and not ours to remove.
    private static IEnumerable<FileInfo> Walk(DirectoryInfo folder)
    {
        EnumerationOptions all = new() { AttributesToSkip = 0 };
        return folder.EnumerateFiles("*", all).Concat(
            folder.EnumerateDirectories("*", all).Where(inner => inner.LinkTarget is null).SelectMany(Walk));
    }

    /// <summary>
    /// The commits with a snapshot, those of the revision first: <c>main</c> where none is named, then by the time of their last change.
    /// </summary>
    internal IEnumerable<string> Commits(RepoName repo, string? revision)
    {
        string? wanted = CommitOf(repo, revision ?? DefaultRevision);
        if (wanted is not null) yield return wanted;
        if (revision is not null || !Directory.Exists(SnapshotsFolder(repo))) yield break;
        foreach (DirectoryInfo snapshot in new DirectoryInfo(SnapshotsFolder(repo)).EnumerateDirectories().OrderByDescending(
            folder => folder.LastWriteTimeUtc))
        {
            if (snapshot.Name != wanted) yield return snapshot.Name;
        }
    }

    /// <summary>The commit of a branch or tag, where the cache knows it.</summary>
    internal string? CommitOf(RepoName repo, string revision)
    {
        if (FilePaths.IsCommit(revision)) return revision;
        string path = FilePaths.Below(RefsFolder(repo), revision);
        return File.Exists(path) && File.ReadAllText(path).Trim() is { } commit && FilePaths.IsCommit(commit) ? commit : null;
    }

    /// <summary>The branches and tags that the cache knows, with their commits.</summary>
    internal IEnumerable<(string Revision, string Commit)> Refs(RepoName repo)
    {
        string folder = RefsFolder(repo);
        if (!Directory.Exists(folder)) yield break;
        foreach (string path in Walk(new DirectoryInfo(folder)).Select(file => file.FullName).Order(StringComparer.Ordinal))
        {
            string revision = Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/');
            if (FilePaths.Flaw(revision) is null && CommitOf(repo, revision) is { } commit) yield return (revision, commit);
        }
    }

    /// <summary>Remembers the commit of a branch or tag.</summary>
    internal void WriteRef(RepoName repo, string revision, string commit)
    {
        if (revision == commit) return;
        ReplaceText(FilePaths.Below(RefsFolder(repo), revision), commit);
    }

    /// <summary>Writes a text, where another stands there: a cache that may only be read stays usable as long as nothing changes.</summary>
    internal static void ReplaceText(string path, string text)
    {
        if (File.Exists(path) && File.ReadAllText(path) == text) return;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using PartialFile file = new(path);
        file.Write(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Makes the folders of a repository, and the mark by which backup programs know a cache.</summary>
    internal void Create(RepoName repo)
    {
        Directory.CreateDirectory(BlobFolder(repo));
        Directory.CreateDirectory(SnapshotsFolder(repo));
        string tag = Path.Combine(Folder, TagName);
        if (!File.Exists(tag)) File.WriteAllText(tag, Tag);
    }
}
