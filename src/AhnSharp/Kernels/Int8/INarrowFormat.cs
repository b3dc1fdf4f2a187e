using AhnSharp.Kernels.Tiers;

namespace AhnSharp.Kernels.Int8;

/// <summary>A tile format of weights of at most 6 bits, kept unsigned: <see cref="NarrowTile{V, T, F}"/> multiplies it.</summary>
/// <remarks>
/// A block begins with 16 halves d (and, with mins, 16 halves dmin, the scale of the mins). <see cref="SubBlocks"/> sub-blocks of 32
/// weights end with 4 vectors of nibbles, vector i with k-group 2i in its low and 2i + 1 in its high ones, or with 2 vectors of four 2-bit
/// codes a byte; bits above those stand before them.
/// </remarks>
internal interface INarrowFormat : ITileFormat
{
    /// <summary>Sub-blocks of 32 weights under one activation scale: 1 (its scale is d) or 8 (byte scales times d).</summary>
    static abstract int SubBlocks { get; }

    /// <summary>k-groups whose products a 16-bit partial holds: 8, or 4 where 8 would not fit.</summary>
    static abstract int GroupsPerWidening { get; }

    /// <summary>
    /// Whether weights have mins, which multiply sums of activations: d·scale·q − dmin·min, or d·q + m in blocks of 32, 16
    /// halves m in the place of dmin.
    /// </summary>
    static abstract bool HasMins { get; }

    /// <summary>
    /// Whether every 16 weights of a super-block have a min, the high nibble of the byte whose low nibble is their scale; else every
    /// 32, at <see cref="MinsOffset"/>.
    /// </summary>
    static abstract bool HasMinsOf16 { get; }

    /// <summary>What partials take away from unsigned weights, by starting at −Offset·Σx: 8, 16, 32, or 0 where they start at 0.</summary>
    static abstract int Offset { get; }

    /// <summary>Bytes from the start of a tile block to its byte scales (not read where <see cref="SubBlocks"/> is 1).</summary>
    static abstract int ScalesOffset { get; }

    /// <summary>Bytes from the byte scales of a sub-block to those of the next.</summary>
    static abstract int ScalesStride { get; }

    /// <summary>Byte scales a sub-block and row: 2 where 16 weights have their own, else 1.</summary>
    static abstract int ScalesPerSubBlock { get; }

    /// <summary>Bytes from the start of a tile block to its mins, as pairs of sub-blocks (not read without mins of 32).</summary>
    static abstract int MinsOffset { get; }

    /// <summary>Bytes from the start of a tile block to its sub-blocks.</summary>
    static abstract int SubBlocksOffset { get; }

    /// <summary>Bytes of a sub-block of 16 rows.</summary>
    static abstract int SubBlockBytes { get; }

    /// <summary>The start of a partial, from the pairs that the activations hold for it.</summary>
    static abstract V Start<V, T>(V pairs) where V : struct where T : struct, ITier<V>;

    /// <summary>The weights of k-groups 2·<paramref name="pair"/> and 2·<paramref name="pair"/> + 1 of a sub-block, one a byte.</summary>
    /// <param name="tile">The tile block.</param>
    /// <param name="subBlock">Bytes from there to the first row of the sub-block's first vector.</param>
    /// <param name="pair">0..3, a constant.</param>
    /// <param name="even">k-group 2·pair.</param>
    /// <param name="odd">k-group 2·pair + 1.</param>
    static abstract void Unpack<V, T>(ref readonly byte tile, nint subBlock, int pair, out V even, out V odd)
        where V : struct where T : struct, ITier<V>;
}
