using ILGPU;
using ILGPU.Algorithms;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>Activations to signed bytes, 32 to a scale.</summary>
internal static class Quantizing
{
    /// <summary>A warp quantizes one group; each lane brings one value.</summary>
    /// <remarks>scale = max |x| / 127, q = round(x / scale); 0 where all are 0.</remarks>
    public static void Store(Activations x, int row, int group, int groups, float value, int lane)
    {
        float largest = WarpSums.Max(IntrinsicMath.Abs(value));
        float scale = largest / 127;
        int q = largest > 0 ? Ptx.Round(value / scale) : 0;
        float sum = WarpSums.Sum((float)q);
        long first = (long)row * groups * 2 + GroupOrder.First(group) + (lane < 16 ? 0 : GroupOrder.Stride(group, groups));
        x.Quants.Cast<sbyte>()[first * 16 + lane % 16] = (sbyte)q;
        if (lane == 0)
        {
            var scales = default(Float2);
            scales.X = scale;
            scales.Y = scale * sum;
            x.Scales[(long)row * groups + group] = scales;
        }
    }

    /// <summary>
    /// RMSNorm: n = x · w / √(mean x² + ε), as floats and quantized. Grid.X counts rows; the groups of Grid.Y share a row,
    /// and each adds up all its squares.
    /// </summary>
    /// <param name="x">[rows, columns].</param>
    /// <param name="from">Row of x that row i is of.</param>
    /// <param name="gathers">0: row i is row i of x.</param>
    /// <param name="weight">[columns].</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="columns">Width, a multiple of 32.</param>
    /// <param name="n">The result.</param>
    public static void Norm(
        ArrayView<float> x, ArrayView<int> from, int gathers, ArrayView<float> weight, float epsilon, int columns, Activations n)
    {
        Ptx.TriggerDependents();
        ArrayView<float> shared = SharedMemory.Allocate<float>(32);
        int row = Grid.IdxX, lane = Group.IdxX % 32, groups = columns / 32, group = Grid.IdxY * (Group.DimX / 32) + Group.IdxX / 32;
        long start = (long)(gathers != 0 ? from[row] : row) * columns;

        // A lane's own value is asked for before the sum is waited for.
        int i = IntrinsicMath.Min(group, groups - 1) * 32 + lane;
        float factor = weight[i];
        Ptx.WaitForDependencies();
        float own = x[start + i];
        ArrayView<Float4> fours = x.Cast<Float4>();
        float squares = 0;
        for (int four = Group.IdxX; four < columns / 4; four += Group.DimX)
        {
            Float4 v = fours[start / 4 + four];
            squares += v.X * v.X + v.Y * v.Y + v.Z * v.Z + v.W * v.W;
        }
        float scale = XMath.Rsqrt(WarpSums.SumOfGroup(squares, shared) / columns + epsilon);
        if (group >= groups) return;
        float value = own * scale * factor;
        n.Values[(long)row * columns + i] = value;
        Store(n, row, group, groups, value, lane);
    }

    /// <summary>Quantizes rows as they are; a warp per group of 32.</summary>
    /// <param name="x">Its Values are read.</param>
    /// <param name="columns">Width.</param>
    /// <param name="rows">Rows.</param>
    public static void Rows(Activations x, int columns, int rows)
    {
        int groups = (columns + 31) / 32, lane = Group.IdxX % 32;
        int index = Grid.IdxX * (Group.DimX / 32) + Group.IdxX / 32;
        int row = index / groups, i = index % groups * 32 + lane;
        if (row < rows)
        {
            Store(x, row, index % groups, groups, i < columns ? x.Values[(long)row * columns + i] : 0, lane);
        }
    }
}
