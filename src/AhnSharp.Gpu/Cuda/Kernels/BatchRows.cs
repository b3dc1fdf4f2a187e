using ILGPU;
using ILGPU.Algorithms;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>
/// Rows of a batch as halves, each with a power of two taken out as in <see cref="HalfRows"/>, in the order in which
/// <see cref="BatchProduct"/> reads them.
/// </summary>
/// <remarks>
/// Columns are cut into steps of 128, four groups of 32; behind the last column stand zeros to the end of its step. Tokens are cut into
/// tiles of 8. Of step j, tile n, chunk c of four, lane 4·(token%8) + group has 16 bytes: columns 128j + 32·group + 8c … + 7.
/// </remarks>
internal struct BatchRows
{
    /// <summary>[steps][tiles][4][32].</summary>
    public ArrayView<Word4> Values;

    /// <summary>[rows]: what a product with the row is multiplied by.</summary>
    public ArrayView<float> Scales;

    /// <summary>Index, in words of two halves, of columns <paramref name="column"/> (even) and the next of a token.</summary>
    public static int WordOf(int token, int column, int tiles)
    {
        int step = column / 128, group = column % 128 / 32, chunk = column % 32 / 8;
        int lane = token % 8 * 4 + group;
        return ((((step * tiles) + token / 8) * 4 + chunk) * 32 + lane) * 4 + column % 8 / 2;
    }
}

/// <summary>What comes before a product of a batch: rows of floats in the order of <see cref="BatchRows"/>.</summary>
internal static class BatchRowKernels
{
    /// <summary>Threads of a group, which takes a row: two pairs of columns a thread where rows have 4,096.</summary>
    public const int Threads = 1024;

    /// <summary>Groups of threads that share a row of <see cref="Convert"/>.</summary>
    public const int Slices = 4;

    /// <summary>
    /// Rows as they are. Grid.X counts rows; each group of Grid.Y looks for the largest entry of its whole row, and writes its part of it.
    /// </summary>
    /// <param name="x">[rows, columns].</param>
    /// <param name="columns">A multiple of 32.</param>
    /// <param name="tiles">Tiles of 8 tokens that the product has.</param>
    /// <param name="n">The result.</param>
    public static void Convert(ArrayView<float> x, int columns, int tiles, BatchRows n)
    {
        Ptx.TriggerDependents();
        Ptx.WaitForDependencies();
        ArrayView<float> shared = SharedMemory.Allocate<float>(32);
        ArrayView<Float2> pairs = x.Cast<Float2>();
        ArrayView<Float4> fours = x.Cast<Float4>();
        long from = (long)Grid.IdxX * columns / 2;
        float largest = 0;
        for (int i = Group.IdxX; i < columns / 4; i += Group.DimX)
        {
            Float4 v = fours[from / 2 + i];
            largest = IntrinsicMath.Max(largest, IntrinsicMath.Max(IntrinsicMath.Abs(v.X), IntrinsicMath.Abs(v.Y)));
            largest = IntrinsicMath.Max(largest, IntrinsicMath.Max(IntrinsicMath.Abs(v.Z), IntrinsicMath.Abs(v.W)));
        }
        float factor = HalfRowKernels.Factor(WarpSums.MaxOfGroup(largest, shared));
        ArrayView<uint> to = n.Values.Cast<uint>();
        int padded = BatchProduct.StepsOf(columns) * BatchProduct.Columns / 2;
        for (int i = Grid.IdxY * Group.DimX + Group.IdxX; i < padded; i += Grid.DimY * Group.DimX)
        {
            var v = default(Float2);
            if (i < columns / 2) v = pairs[from + i];
            to[BatchRows.WordOf(Grid.IdxX, 2 * i, tiles)] = Ptx.PackHalves(v.X * factor, v.Y * factor);
        }
        if (Grid.IdxY == 0 && Group.IdxX == 0) n.Scales[Grid.IdxX] = 1 / factor;
    }

    /// <summary>RMSNorm of rows, as floats and as halves: n = x · w / √(mean x² + ε). Grid.X counts rows.</summary>
    /// <param name="x">[rows, columns].</param>
    /// <param name="from">Row of x that row i is of.</param>
    /// <param name="gathers">0: row i is row i of x.</param>
    /// <param name="weight">[columns].</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="columns">A multiple of 32.</param>
    /// <param name="tiles">Tiles of 8 tokens that the product has.</param>
    /// <param name="normed">[rows, columns], the result in floats.</param>
    /// <param name="n">The result.</param>
    public static void Norm(
        ArrayView<float> x, ArrayView<int> from, int gathers, ArrayView<float> weight, float epsilon, int columns, int tiles,
        ArrayView<float> normed, BatchRows n)
    {
        Ptx.TriggerDependents();
        Ptx.WaitForDependencies();
        ArrayView<float> sums = SharedMemory.Allocate<float>(32), maxima = SharedMemory.Allocate<float>(32);
        ArrayView<Float2> pairs = x.Cast<Float2>(), weights = weight.Cast<Float2>(), result = normed.Cast<Float2>();
        int row = Grid.IdxX;
        long start = (long)(gathers != 0 ? from[row] : row) * columns / 2, end = (long)row * columns / 2;
        float squares = 0, largest = 0;
        for (int i = Group.IdxX; i < columns / 2; i += Group.DimX)
        {
            Float2 v = pairs[start + i], w = weights[i];
            squares += v.X * v.X + v.Y * v.Y;
            largest = IntrinsicMath.Max(largest, IntrinsicMath.Max(IntrinsicMath.Abs(v.X * w.X), IntrinsicMath.Abs(v.Y * w.Y)));
        }
        float scale = XMath.Rsqrt(WarpSums.SumOfGroup(squares, sums) / columns + epsilon);
        float factor = HalfRowKernels.Factor(WarpSums.MaxOfGroup(largest, maxima) * scale);
        ArrayView<uint> to = n.Values.Cast<uint>();
        int padded = BatchProduct.StepsOf(columns) * BatchProduct.Columns / 2;
        for (int i = Group.IdxX; i < padded; i += Group.DimX)
        {
            var v = default(Float2);
            if (i < columns / 2)
            {
                Float2 w = weights[i];
                v = pairs[start + i];
                v.X *= scale * w.X;
                v.Y *= scale * w.Y;
                result[end + i] = v;
            }
            to[BatchRows.WordOf(row, 2 * i, tiles)] = Ptx.PackHalves(v.X * factor, v.Y * factor);
        }
        if (Group.IdxX == 0) n.Scales[row] = 1 / factor;
    }
}
