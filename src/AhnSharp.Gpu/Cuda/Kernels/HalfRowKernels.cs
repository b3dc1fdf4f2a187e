using ILGPU;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>What comes before a product of many rows: activations and weights as halves.</summary>
internal static class HalfRowKernels
{
    /// <summary>Rows to halves as they are, one group of threads per row.</summary>
    /// <param name="x">[rows, columns].</param>
    /// <param name="columns">Even; a multiple of 64 in panels.</param>
    /// <param name="panelRows">Rows of a panel, see <see cref="Panels"/>; 0: row after row.</param>
    /// <param name="n">The result.</param>
    public static void Convert(ArrayView<float> x, int columns, int panelRows, HalfRows n)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(32);
        ArrayView<Float2> pairs = x.Cast<Float2>();
        long from = (long)Grid.IdxX * columns / 2;
        float largest = 0;
        for (int i = Group.IdxX; i < columns / 2; i += Group.DimX)
        {
            Float2 v = pairs[from + i];
            largest = IntrinsicMath.Max(largest, IntrinsicMath.Max(IntrinsicMath.Abs(v.X), IntrinsicMath.Abs(v.Y)));
        }
        float factor = Factor(WarpSums.MaxOfGroup(largest, shared));
        ArrayView<uint> to = n.Values.Cast<uint>();
        for (int i = Group.IdxX; i < columns / 2; i += Group.DimX)
        {
            Float2 v = pairs[from + i];
            long at = panelRows == 0 ? from + i : Panels.At(Grid.IdxX, i / 4, panelRows) * 4 + i % 4;
            to[at] = Ptx.PackHalves(v.X * factor, v.Y * factor);
        }
        if (Group.IdxX == 0) n.Scales[Grid.IdxX] = 1 / factor;
    }

    /// <summary>Quantized rows to halves, a thread per group of 32 weights.</summary>
    /// <param name="w">The packed matrix.</param>
    /// <param name="first">First row.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="to">[rows, columns/8].</param>
    public static void Dequantize<TFormat>(PackedWeights w, int first, int rows, ArrayView<Word4> to)
        where TFormat : struct, IQuantizedFormat
    {
        int groups = w.Columns / 32;
        long index = (long)Grid.IdxX * Group.DimX + Group.IdxX;
        int row = (int)(index / groups);
        if (row >= rows) return;
        Group32 q = default(TFormat).Unpack(default(TFormat).Fetch(w, first + row, (int)(index % groups), groups));
        to[index * 4] = Eight(q.Low.X, q.Low.Y, q.ScaleLow, q.Minimum);
        to[index * 4 + 1] = Eight(q.Low.Z, q.Low.W, q.ScaleLow, q.Minimum);
        to[index * 4 + 2] = Eight(q.High.X, q.High.Y, q.ScaleHigh, q.Minimum);
        to[index * 4 + 3] = Eight(q.High.Z, q.High.W, q.ScaleHigh, q.Minimum);
    }

    /// <summary>Float rows to halves, a thread eight weights.</summary>
    public static void Narrow<TFormat>(PackedWeights w, int first, int rows, ArrayView<Word4> to)
        where TFormat : struct, IFloatFormat
    {
        int eights = w.Columns / 8;
        long index = (long)Grid.IdxX * Group.DimX + Group.IdxX;
        if (index >= (long)rows * eights) return;
        to[index] = Eight(default(TFormat).Unpack(default(TFormat).Fetch(w.Quants, (long)first * eights + index)));
    }

    /// <summary>The power of two that brings <paramref name="largest"/> into [2^13, 2^14); 1 for zero.</summary>
    public static float Factor(float largest)
    {
        uint exponent = Interop.FloatAsInt(largest) >> 23;
        return exponent is > 20 and < 240 ? Interop.IntAsFloat((127 + 13 + 127 - exponent) << 23) : 1;
    }

    /// <summary>Eight floats.</summary>
    public static Word4 Eight(Float8 v)
    {
        var halves = default(Word4);
        halves.X = Ptx.PackHalves(v.Low.X, v.Low.Y);
        halves.Y = Ptx.PackHalves(v.Low.Z, v.Low.W);
        halves.Z = Ptx.PackHalves(v.High.X, v.High.Y);
        halves.W = Ptx.PackHalves(v.High.Z, v.High.W);
        return halves;
    }

    /// <summary>Eight signed bytes times scale, less the minimum.</summary>
    public static Word4 Eight(uint a, uint b, float scale, float minimum)
    {
        var halves = default(Word4);
        halves.X = Two(a, 0, scale, minimum);
        halves.Y = Two(a, 16, scale, minimum);
        halves.Z = Two(b, 0, scale, minimum);
        halves.W = Two(b, 16, scale, minimum);
        return halves;
    }

    private static uint Two(uint q, int shift, float scale, float minimum) =>
        Ptx.PackHalves((sbyte)(q >> shift) * scale - minimum, (sbyte)(q >> (shift + 8)) * scale - minimum);
}
