namespace AhnSharp.Archive;

/// <summary>What an asked token is told by the memory beside the archive.</summary>
public enum ArchiveReadout
{
    /// <summary>
    /// The less, the more the archive answers: the read-out counts (1 − ρ)², ρ = the largest share that a head gave the archive.
    /// </summary>
    Gated,

    /// <summary>Nothing.</summary>
    Off,

    /// <summary>All.</summary>
    On,
}
