using System;

namespace AhnSharp.Archive;

/// <summary>What a token asks the archive of one key/value head.</summary>
internal readonly ref struct ArchiveQuery
{
    /// <summary>Whose archive.</summary>
    public required ArchiveStore Store { get; init; }

    /// <summary>Which of its heads.</summary>
    public required int Slot { get; init; }

    /// <summary>t, the token's position.</summary>
    public required long Position { get; init; }

    /// <summary>N, blocks sealed when the token asks.</summary>
    public required int Blocks { get; init; }

    /// <summary>The first of them that is left.</summary>
    public int First => (int)Store.Shape.FirstKept(Blocks);

    /// <summary>r: blocks beyond it are seen as from it; <see cref="long.MaxValue"/>: none is.</summary>
    public required long Reach { get; init; }

    /// <summary>[G, D], rotated to t.</summary>
    public required ReadOnlySpan<float> Queries { get; init; }

    /// <summary>[D], cos then sin of the turn by r − t; not looked at where nothing lies beyond reach.</summary>
    public required ReadOnlySpan<float> FarTurn { get; init; }

    /// <summary>ℓ [G], log of the sum of exp(score) over the exact part.</summary>
    public required ReadOnlySpan<float> LogSums { get; init; }

    /// <summary>The turn by which a block sees the queries.</summary>
    public ReadOnlySpan<float> TurnOf(int block) => IsFar(block) ? FarTurn : Store.Turn(block);

    /// <summary>Whether a block lies beyond reach.</summary>
    public bool IsFar(int block) => Position - Store.Shape.First(block) > Reach;
}
