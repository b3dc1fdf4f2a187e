using ILGPU;
using ILGPU.Algorithms;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>Activations to signed bytes, 32 to a scale.</summary>
internal static class Quantising
{
    /// <summary>A warp quantises one group; each lane brings one value.</summary>
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

    /// <summary>RMSNorm: n = x · w / √(mean x² + ε), as floats and quantised. Grid.X counts rows; the groups of Grid.Y share a row, and each adds up all its squares.</summary>
    /// <param name="x">[rows, columns].</param>
    /// <param name="weight">[columns].</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="columns">Width.</param>
    /// <param name="n">The result.</param>
    public static void Norm(ArrayView<float> x, ArrayView<float> weight, float epsilon, int columns, Activations n)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(32);
        int row = Grid.IdxX;
        long from = (long)row * columns;
        float squares = 0;
        for (int i = Group.IdxX; i < columns; i += Group.DimX)
        {
            squares += x[from + i] * x[from + i];
        }
        float scale = XMath.Rsqrt(WarpSums.SumOfGroup(squares, shared) / columns + epsilon);

        int lane = Group.IdxX % 32, groups = (columns + 31) / 32;
        int warps = Group.DimX / 32;
        for (int g = Grid.IdxY * warps + Group.IdxX / 32; g < groups; g += Grid.DimY * warps)
        {
            int i = g * 32 + lane;
            float value = i < columns ? x[from + i] * scale * weight[i] : 0;
            if (i < columns)
            {
                n.Values[(long)row * columns + i] = value;
            }
            Store(n, row, g, groups, value, lane);
        }
    }

    /// <summary>Quantises rows as they are; a warp a group of 32.</summary>
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
