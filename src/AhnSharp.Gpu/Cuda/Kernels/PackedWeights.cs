using ILGPU;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>A matrix on the device, its blocks taken apart into planes so that the lanes of a warp read 16 bytes side by side.</summary>
/// <remarks>
/// A row is cut into groups of 32 weights; the quantized formats use what they need of
///   Quants       4-bit formats: 16 bytes per group, byte j: low nibble = weight j, high nibble = weight j + 16.
///                8 bits: 32 bytes per group, in chunks of 32 groups: first the first 16 bytes of each group, then the second
///                (<see cref="GroupOrder"/>). Floats: the row as it is.
///   HighBits     5 bits: 4 bytes per group, bit 8b + w = bit 4 of weight 4w + b.
///                6 bits: 8 bytes per group, word h, bits 8b + 2v and the next = bits 4 and 5 of weight 16h + 4v + b.
///   Scales       2 bytes per group: the scale as a half; Q4_K and Q5_K: scale and minimum;
///                Q6_K: the scales of both halves of the group, signed.
///   SuperScales  4 bytes per 256 weights (8 groups), two halves: factor of the scales, factor of the minima.
/// </remarks>
internal struct PackedWeights
{
    public ArrayView<Word4> Quants;
    public ArrayView<uint> HighBits;
    public ArrayView<ushort> Scales;
    public ArrayView<uint> SuperScales;

    /// <summary>Columns of the matrix.</summary>
    public int Columns;
}

/// <summary>Where the 16-byte halves of 32 signed bytes lie, for weights of 8 bits and for activations.</summary>
internal static class GroupOrder
{
    /// <summary>Index, in units of 16 bytes from the start of the row, of the first half of a group.</summary>
    public static int First(int group) => ((group >> 5) << 6) + (group & 31);

    /// <summary>Distance from a group's first half to its second: the length of the chunk that the group lies in.</summary>
    public static int Stride(int group, int groups) => ILGPU.IntrinsicMath.Min(32, groups - (group & ~31));
}
