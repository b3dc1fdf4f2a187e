using ILGPU;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>The product of one row of weights with one or four rows of activations, over the lanes of a warp.</summary>
internal interface IRowSum
{
    /// <summary>This lane's part of weights[row] · x[0], where <paramref name="lanes"/> share the row: 32, 64 or 128.</summary>
    float One(PackedWeights w, Activations x, int row, int lane, int lanes);

    /// <summary>This lane's parts of weights[row] · x[0] and weights[row + 8] · x[0].</summary>
    Float2 Pair(PackedWeights w, Activations x, int row, int lane);

    /// <summary>This lane's parts of weights[row] · x[t], t = first … first+3, where rows from <paramref name="rows"/> on repeat the last.</summary>
    Float4 Four(PackedWeights w, Activations x, int row, int lane, int first, int rows);
}

/// <summary>Quantised weights times activations in signed bytes.</summary>
internal struct Quantised<TFormat> : IRowSum
    where TFormat : struct, IQuantisedFormat
{
    public readonly float One(PackedWeights w, Activations x, int row, int lane, int lanes)
    {
        int groups = w.Columns / 32;
        float a = 0, b = 0;
        int g = lane;
        for (; g + lanes < groups; g += 2 * lanes)
        {
            Group32 u = default(TFormat).Load(w, row, g, groups);
            Group32 v = default(TFormat).Load(w, row, g + lanes, groups);
            a += Dot(u, x, 0, g, groups);
            b += Dot(v, x, 0, g + lanes, groups);
        }
        if (g < groups)
        {
            a += Dot(default(TFormat).Load(w, row, g, groups), x, 0, g, groups);
        }
        return a + b;
    }

    public readonly Float2 Pair(PackedWeights w, Activations x, int row, int lane)
    {
        int groups = w.Columns / 32;
        var sum = default(Float2);
        for (int g = lane; g < groups; g += 32)
        {
            Group32 u = default(TFormat).Load(w, row, g, groups);
            Group32 v = default(TFormat).Load(w, row + 8, g, groups);
            sum.X += Dot(u, x, 0, g, groups);
            sum.Y += Dot(v, x, 0, g, groups);
        }
        return sum;
    }

    public readonly Float4 Four(PackedWeights w, Activations x, int row, int lane, int first, int rows)
    {
        int groups = w.Columns / 32;
        int second = IntrinsicMath.Min(first + 1, rows - 1);
        int third = IntrinsicMath.Min(first + 2, rows - 1);
        int fourth = IntrinsicMath.Min(first + 3, rows - 1);
        var sum = default(Float4);
        for (int g = lane; g < groups; g += 32)
        {
            Group32 u = default(TFormat).Load(w, row, g, groups);
            sum.X += Dot(u, x, first, g, groups);
            sum.Y += Dot(u, x, second, g, groups);
            sum.Z += Dot(u, x, third, g, groups);
            sum.W += Dot(u, x, fourth, g, groups);
        }
        return sum;
    }

    private static float Dot(Group32 w, Activations x, int row, int group, int groups)
    {
        long first = (long)row * groups * 2 + GroupOrder.First(group);
        Word4 low = x.Quants[first];
        Word4 high = x.Quants[first + GroupOrder.Stride(group, groups)];
        Float2 scale = x.Scales[(long)row * groups + group];

        // 16 · 128 · 127 fits easily.
        int a = Ptx.Dp4a(w.Low.W, low.W, Ptx.Dp4a(w.Low.Z, low.Z, Ptx.Dp4a(w.Low.Y, low.Y, Ptx.Dp4a(w.Low.X, low.X, 0))));
        int b = Ptx.Dp4a(w.High.W, high.W, Ptx.Dp4a(w.High.Z, high.Z, Ptx.Dp4a(w.High.Y, high.Y, Ptx.Dp4a(w.High.X, high.X, 0))));
        float dot = scale.X * (w.ScaleLow * a + w.ScaleHigh * b);
        return default(TFormat).HasMinimum ? dot - w.Minimum * scale.Y : dot;
    }
}
