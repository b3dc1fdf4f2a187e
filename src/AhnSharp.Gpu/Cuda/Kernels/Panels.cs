using ILGPU;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>
/// Weights as panels of halves: 64 columns of all rows, then the next 64. What a step of a product reads is one piece of memory, which one
/// copy brings.
/// </summary>
/// <remarks>
/// A row of a panel is 128 bytes, 8 chunks of 16, and chunk c of row r stands at c ^ r%8: the 128-byte swizzle of wgmma.
/// </remarks>
internal static class Panels
{
    /// <summary>Columns of a panel.</summary>
    public const int Columns = 64;

    /// <summary>Threads of a group that makes panels.</summary>
    public const int Threads = 128;

    /// <summary>Where eight columns of a row are.</summary>
    /// <param name="row">The row.</param>
    /// <param name="eight">Column / 8.</param>
    /// <param name="rows">Rows of a panel.</param>
    public static long At(int row, int eight, int rows) => ((long)(eight / 8) * rows + row) * 8 + ((eight % 8) ^ (row % 8));

    /// <summary>Quantized rows, a thread a group of 32 weights.</summary>
    /// <param name="w">The packed matrix.</param>
    /// <param name="first">Its first row that is taken.</param>
    /// <param name="count">Rows that are taken.</param>
    /// <param name="row">Where the first goes.</param>
    /// <param name="rows">Rows of a panel.</param>
    /// <param name="to">The panels.</param>
    public static void Dequantize<TFormat>(PackedWeights w, int first, int count, int row, int rows, ArrayView<Word4> to)
        where TFormat : struct, IQuantizedFormat
    {
        // Through shared memory, so that four threads beside each other store 64 bytes, not each 16 of its own 64.
        ArrayView<Word4> shared = SharedMemory.Allocate<Word4>(4 * Threads);
        // Groups of 32 fit 32 bits, of which a division is a quarter of the instructions of one of 64.
        uint groups = (uint)w.Columns / 32, firstGroup = (uint)Grid.IdxX * Threads, end = (uint)count * groups;
        int thread = Group.IdxX;
        uint own = IntrinsicMath.Min(firstGroup + (uint)thread, end - 1), ownRow = own / groups;
        Group32 q = default(TFormat).Unpack(
            default(TFormat).Fetch(w, first + (int)ownRow, (int)(own - ownRow * groups), (int)groups));
        int swizzle = thread / 2 % 4, at = 4 * thread;
        shared[at + swizzle] = HalfRowKernels.Eight(q.Low.X, q.Low.Y, q.ScaleLow, q.Minimum);
        shared[at + (1 ^ swizzle)] = HalfRowKernels.Eight(q.Low.Z, q.Low.W, q.ScaleLow, q.Minimum);
        shared[at + (2 ^ swizzle)] = HalfRowKernels.Eight(q.High.X, q.High.Y, q.ScaleHigh, q.Minimum);
        shared[at + (3 ^ swizzle)] = HalfRowKernels.Eight(q.High.Z, q.High.W, q.ScaleHigh, q.Minimum);
        Group.Barrier();
        for (int i = 0; i < 4; i++)
        {
            int of = i * (Threads / 4) + thread / 4, chunk = thread % 4;
            uint group = firstGroup + (uint)of, r = group / groups;
            if (group >= end) return;
            to[At(row + (int)r, (int)(group - r * groups) * 4 + chunk, rows)] = shared[4 * of + (chunk ^ (of / 2 % 4))];
        }
    }

    /// <summary>Rows of floats, a thread eight weights.</summary>
    /// <param name="w">The packed matrix.</param>
    /// <param name="first">Its first row that is taken.</param>
    /// <param name="count">Rows that are taken.</param>
    /// <param name="row">Where the first goes.</param>
    /// <param name="rows">Rows of a panel.</param>
    /// <param name="to">The panels.</param>
    public static void Narrow<TFormat>(PackedWeights w, int first, int count, int row, int rows, ArrayView<Word4> to)
        where TFormat : struct, IFloatFormat
    {
        uint eights = (uint)w.Columns / 8, index = (uint)Grid.IdxX * Threads + (uint)Group.IdxX, r = index / eights;
        if (index >= (uint)count * eights) return;
        Float8 v = default(TFormat).Unpack(default(TFormat).Fetch(w.Quants, (long)first * eights + index));
        to[At(row + (int)r, (int)(index - r * eights), rows)] = HalfRowKernels.Eight(v);
    }
}
