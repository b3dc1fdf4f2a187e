using System.Collections.Generic;
using AhnSharp.Attention;

namespace AhnSharp.Snapshots;

/// <summary>How a session is kept in a file.</summary>
public sealed record SnapshotOptions
{
    /// <summary>
    /// Entries of the exact memory in the file; null: as the session holds them, and a loaded session goes on bit for bit. A narrower type
    /// makes a smaller file and an approximate session, which the header says; a wider one is refused.
    /// </summary>
    public KvType? Kv { get; init; }

    /// <summary>What the application keeps beside the session, by name; each part is checked by a CRC of its own.</summary>
    public IReadOnlyDictionary<string, byte[]>? Sections { get; init; }
}
