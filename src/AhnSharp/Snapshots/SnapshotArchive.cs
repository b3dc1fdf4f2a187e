using System;
using System.Linq;
using AhnSharp.Archive;

namespace AhnSharp.Snapshots;

/// <summary>What a snapshot says of archive and reach, behind the model; a session without both says nothing.</summary>
/// <param name="Reach">r; <see cref="long.MaxValue"/>: none.</param>
/// <param name="Options">How the archive is kept and asked; null: there is none.</param>
/// <param name="File">Name of the archive's file, which lies beside the snapshot.</param>
/// <param name="Id">What that file says of itself.</param>
/// <param name="Hash">CRC32C over the checksums of the session's blocks.</param>
internal sealed record SnapshotArchive(long Reach, ArchiveOptions? Options, string File, Guid Id, uint Hash)
{
    /// <summary>Whether another says that it keeps and asks the same.</summary>
    public static bool SameOptions(ArchiveOptions? a, ArchiveOptions? b) => (a is null) == (b is null)
        && (a is null || ((a with { Heads = null }) == (b! with { Heads = null })
            && (a.Heads is null) == (b.Heads is null) && (a.Heads is null || a.Heads.ToHashSet().SetEquals(b.Heads!))));
}
