using System;
using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Hub;

/// <summary>What was fetched, and where it lies.</summary>
/// <param name="Reference">What was asked for.</param>
/// <param name="Revision">The branch, tag or commit that was asked for.</param>
/// <param name="Commit">The commit that it stands for.</param>
/// <param name="Folder">The snapshot folder of that commit.</param>
/// <param name="Kind">What the files are together.</param>
/// <param name="Label">Their type, or their name.</param>
/// <param name="Files">The files; the parts of a split model in their order.</param>
/// <param name="Took">How long it took.</param>
public sealed record PullResult(ModelReference Reference, string Revision, string Commit, string Folder, ModelKind Kind, string Label,
    IReadOnlyList<PulledFile> Files, TimeSpan Took)
{
    /// <summary>The size of all files.</summary>
    public long Bytes => Files.Sum(file => file.Bytes);

    /// <summary>What came over the network; the rest was there.</summary>
    public long FetchedBytes => Files.Sum(file => file.FetchedBytes);
}

/// <summary>One file of a <see cref="PullResult"/>.</summary>
/// <param name="Path">Its path in the repository.</param>
/// <param name="LocalPath">Where it lies.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="BlobId">The hash that was proven, or under which it lay in the cache already.</param>
/// <param name="FetchedBytes">Bytes that came over the network; 0 where it was there.</param>
public sealed record PulledFile(string Path, string LocalPath, long Bytes, string BlobId, long FetchedBytes);
