using System.Collections.Generic;

namespace AhnSharp.Sessions;

/// <summary>One layer of a session.</summary>
public sealed record LayerDescription
{
    /// <summary>From 0.</summary>
    public required int Layer { get; init; }

    /// <summary>Whether it keeps every token: in the mode full, and in layers of full attention.</summary>
    public required bool KeepsEverything { get; init; }

    /// <summary>Bytes of its keys, values and gates.</summary>
    public required long ExactBytes { get; init; }

    /// <summary>The memory of each query head; none in a layer without one.</summary>
    public required IReadOnlyList<MemoryHeadDescription> Heads { get; init; }
}
