namespace AhnSharp.Archive;

/// <summary>
/// How a loaded session reads and asks from then on, where not as its file says; what was read before stays as it was read.
/// </summary>
public sealed record ArchiveAsking
{
    /// <summary>What further tokens that are read see of the memory; null: as the file says.</summary>
    public ArchiveReading? Reading { get; init; }

    /// <summary>What tokens that are asked are told by the memory; null: as the file says.</summary>
    public ArchiveReadout? Readout { get; init; }

    /// <summary>r, tokens, at least window and sinks; <see cref="long.MaxValue"/>: none; null: as the file says.</summary>
    public long? Reach { get; init; }
}
