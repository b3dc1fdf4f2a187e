using AhnSharp.Archive;
using AhnSharp.Attention;

namespace AhnSharp.Sessions;

/// <summary>What a new session keeps, and how.</summary>
public sealed record SessionOptions
{
    /// <summary>null: <see cref="MemoryMode.Ahn"/> where the model has a memory, else <see cref="MemoryMode.Full"/>.</summary>
    public MemoryMode? Mode { get; init; }

    /// <summary>W, tokens; null: what the memory was trained with.</summary>
    public int? Window { get; init; }

    /// <summary>S, tokens; null: what the memory was trained with.</summary>
    public int? Sinks { get; init; }

    /// <summary>Most tokens that layers with full attention take; null: the context length of the file.</summary>
    public int? ContextTokens { get; init; }

    /// <summary>An exact store of what leaves the window; null: none.</summary>
    public ArchiveOptions? Archive { get; init; }

    /// <summary>
    /// Where the blocks of the archive lie until the session is saved, in a file without a name; null: the system's folder for temporary
    /// files that are kept on a disk.
    /// </summary>
    public string? ArchiveFolder { get; init; }

    /// <summary>
    /// r: sinks and archived blocks that are farther away are seen as if they were r tokens away; null: where they are, as in the
    /// published code.
    /// </summary>
    public long? Reach { get; init; }

    /// <summary>Entries of the exact memory.</summary>
    public KvType Kv { get; init; } = KvType.F16;
}
