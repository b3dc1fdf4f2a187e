using AhnSharp.Kernels.Tiers;

namespace AhnSharp.Kernels.Int8;

/// <summary>A tile format of weights of up to 8 bits and a sign: <see cref="WideTile{V, T, F}"/> multiplies it.</summary>
/// <remarks>
/// A block begins with 16 halves d and has <see cref="SubBlocks"/> sub-blocks of 32 weights, each under an f32 scale; the
/// activations have one scale in 32 too.
/// </remarks>
internal interface IWideFormat : ITileFormat
{
    /// <summary>Sub-blocks of 32 weights in a block: 1 or 8.</summary>
    static abstract int SubBlocks { get; }

    /// <summary>Bytes from the start of a tile block to the vectors of its first sub-block.</summary>
    static abstract int VectorsOffset { get; }

    /// <summary>Bytes from the vectors of a sub-block to those of the next.</summary>
    static abstract int SubBlockStride { get; }

    /// <summary>Bytes of two k-groups of 16 rows.</summary>
    static abstract int PairBytes { get; }

    /// <summary>What <see cref="Unpack"/> looks codes up in; not read where weights are their own codes.</summary>
    static abstract V Table<V, T>() where V : struct where T : struct, ITier<V>;

    /// <summary>Two neighbouring k-groups, one signed weight a byte.</summary>
    /// <param name="tile">The tile block.</param>
    /// <param name="vectors">Bytes from there to the first row of the pair.</param>
    /// <param name="table"><see cref="Table"/>.</param>
    /// <param name="even">The first k-group.</param>
    /// <param name="odd">The second.</param>
    static abstract void Unpack<V, T>(ref readonly byte tile, nint vectors, V table, out V even, out V odd)
        where V : struct where T : struct, ITier<V>;

    /// <summary>
    /// The f32 scales of a sub-block of rows <paramref name="lane"/> and the next, whose blocks have the scales <paramref name="d"/>.
    /// </summary>
    static abstract V Scale<V, T>(ref readonly byte tile, int subBlock, nint lane, V d) where V : struct where T : struct, ITier<V>;
}
