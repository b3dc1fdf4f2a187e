using System;
using System.Collections.Generic;

namespace AhnSharp.Hub;

/// <summary>One model in the cache, as <see cref="CacheListing"/> finds it.</summary>
/// <param name="Repo">Its repository.</param>
/// <param name="Kind">What its files are together.</param>
/// <param name="Label">Its type, such as <c>Q4_K_M</c>, or its name.</param>
/// <param name="Files">Its files.</param>
/// <param name="Bytes">Their size; a blob that several names share counts once.</param>
/// <param name="Commit">The commit of the snapshot that it lies in.</param>
/// <param name="Revisions">The branches and tags that stand for this commit.</param>
/// <param name="LastUsed">When its bytes were last read or written, as far as the file system keeps count.</param>
/// <param name="LacksParts">True where parts of a split model are missing.</param>
public sealed record CachedModel(
    RepoName Repo, ModelKind Kind, string Label, IReadOnlyList<CachedFile> Files, long Bytes, string Commit,
    IReadOnlyList<string> Revisions, DateTime LastUsed, bool LacksParts);

/// <summary>What an unfinished or refused download left in the cache.</summary>
/// <param name="Repo">Its repository.</param>
/// <param name="Name">The path of the file; null where the cache does not know it.</param>
/// <param name="LocalPath">Where it lies.</param>
/// <param name="Bytes">What has come.</param>
/// <param name="TotalBytes">The size of the whole file, where it is known.</param>
/// <param name="IsCorrupt">True for what was refused and kept aside: no download goes on from it.</param>
/// <param name="LastUsed">When the last bytes came.</param>
public sealed record CachedPartial(
    RepoName Repo, string? Name, string LocalPath, long Bytes, long? TotalBytes, bool IsCorrupt, DateTime LastUsed);
