using System;
using System.Collections.Generic;

namespace AhnSharp.Archive;

/// <summary>An exact third store beside window and memory, and how it is asked. The mathematics: docs/archive.md.</summary>
public sealed record ArchiveOptions
{
    /// <summary>b, tokens of a block; a multiple of 8.</summary>
    public int BlockTokens { get; init; } = 32;

    /// <summary>k, the most blocks that a key/value head attends to for a token.</summary>
    public int AttendedBlocks { get; init; } = 16;

    /// <summary>m, blocks that are scored exactly, chosen by the index.</summary>
    public int Candidates { get; init; } = 32;

    /// <summary>f, the first blocks, whose mean key is the centre of the index.</summary>
    public int CentreBlocks { get; init; } = 32;

    /// <summary>
    /// θ: a block counts whose best token weighs more than e^θ of the exact part.
    /// </summary>
    public float Threshold { get; init; } = -4;

    /// <summary>How keys and values are kept.</summary>
    public ArchiveType Type { get; init; }

    /// <summary>What tokens that are read see of the memory.</summary>
    public ArchiveReading Reading { get; init; }

    /// <summary>What tokens that are asked are told by the memory.</summary>
    public ArchiveReadout Readout { get; init; }

    /// <summary>
    /// The most bytes of keys and values: of a longer text the oldest blocks are dropped, an eighth of the limit at a time; null: all
    /// are kept.
    /// </summary>
    public long? LimitBytes { get; init; }

    /// <summary>The (layer, key/value head) pairs that have an archive; null: all that have a window.</summary>
    public IReadOnlyCollection<(int Layer, int KvHead)>? Heads { get; init; }

    /// <summary>
    /// The fingerprint of the base model that <see cref="Heads"/> were found for; a session of another is refused. Null: not known.
    /// </summary>
    public string? HeadsFingerprint { get; init; }

    /// <summary>
    /// For tests of the mathematics: the index is asked with floats instead of signed bytes, which choose other candidates where
    /// scores nearly tie.
    /// </summary>
    internal bool AsksInFloats { get; init; }

    internal void Check()
    {
        if (BlockTokens is < 8 or > 256 || BlockTokens % 8 != 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(BlockTokens), $"Expected blocks of 8 to 256 tokens, a multiple of 8, found {BlockTokens}.");
        }
        if (AttendedBlocks is < 1 or > 256)
        {
            throw new ArgumentOutOfRangeException(
                nameof(AttendedBlocks), $"Expected 1 to 256 attended blocks, found {AttendedBlocks}.");
        }
        if (Candidates < AttendedBlocks || Candidates > 1024)
        {
            throw new ArgumentOutOfRangeException(
                nameof(Candidates), $"Expected as many candidates as attended blocks ({AttendedBlocks}) to 1024, found {Candidates}.");
        }
        if (CentreBlocks is < 1 or > 1024)
            throw new ArgumentOutOfRangeException(nameof(CentreBlocks), $"Expected a centre of 1 to 1024 blocks, found {CentreBlocks}.");
        if (float.IsNaN(Threshold))
            throw new ArgumentOutOfRangeException(nameof(Threshold), "Expected a number as threshold, found NaN.");
    }
}
