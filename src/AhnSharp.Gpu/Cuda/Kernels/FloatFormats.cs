using ILGPU;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>Eight weights as floats.</summary>
internal struct Float8
{
    public Float4 Low, High;
}

/// <summary>How a float format becomes floats, eight at a time.</summary>
internal interface IFloatFormat
{
    /// <summary>Weights 8·index … 8·index+7 of the matrix, row after row.</summary>
    Float8 Load(ArrayView<Word4> weights, long index);
}

/// <summary>F32.</summary>
internal struct FormatF32 : IFloatFormat
{
    public readonly Float8 Load(ArrayView<Word4> weights, long index)
    {
        ArrayView<Float4> floats = weights.Cast<Float4>();
        var result = default(Float8);
        result.Low = floats[2 * index];
        result.High = floats[2 * index + 1];
        return result;
    }
}

/// <summary>F16.</summary>
internal struct FormatF16 : IFloatFormat
{
    public readonly Float8 Load(ArrayView<Word4> weights, long index)
    {
        Word4 w = weights[index];
        var result = default(Float8);
        result.Low.X = Ptx.LowHalf(w.X);
        result.Low.Y = Ptx.HighHalf(w.X);
        result.Low.Z = Ptx.LowHalf(w.Y);
        result.Low.W = Ptx.HighHalf(w.Y);
        result.High.X = Ptx.LowHalf(w.Z);
        result.High.Y = Ptx.HighHalf(w.Z);
        result.High.Z = Ptx.LowHalf(w.W);
        result.High.W = Ptx.HighHalf(w.W);
        return result;
    }
}

/// <summary>BF16: the high 16 bits of a float.</summary>
internal struct FormatBF16 : IFloatFormat
{
    public readonly Float8 Load(ArrayView<Word4> weights, long index)
    {
        Word4 w = weights[index];
        var result = default(Float8);
        result.Low.X = Low(w.X);
        result.Low.Y = High(w.X);
        result.Low.Z = Low(w.Y);
        result.Low.W = High(w.Y);
        result.High.X = Low(w.Z);
        result.High.Y = High(w.Z);
        result.High.Z = Low(w.W);
        result.High.W = High(w.W);
        return result;
    }

    private static float Low(uint pair) => Interop.IntAsFloat(pair << 16);

    private static float High(uint pair) => Interop.IntAsFloat(pair & 0xFFFF0000);
}

/// <summary>Float weights times float activations.</summary>
internal struct Floating<TFormat> : IRowSum
    where TFormat : struct, IFloatFormat
{
    public readonly float One(PackedWeights w, Activations x, int row, int lane, int lanes)
    {
        int eights = w.Columns / 8;
        long start = (long)row * eights;
        float a = 0, b = 0;
        int i = lane;
        for (; i + lanes < eights; i += 2 * lanes)
        {
            Float8 u = default(TFormat).Load(w.Quants, start + i);
            Float8 v = default(TFormat).Load(w.Quants, start + i + lanes);
            a += Dot(u, x, 0, i, eights);
            b += Dot(v, x, 0, i + lanes, eights);
        }
        if (i < eights)
        {
            a += Dot(default(TFormat).Load(w.Quants, start + i), x, 0, i, eights);
        }
        return a + b;
    }

    public readonly Float2 Pair(PackedWeights w, Activations x, int row, int lane)
    {
        int eights = w.Columns / 8;
        var sum = default(Float2);
        for (int i = lane; i < eights; i += 32)
        {
            Float8 u = default(TFormat).Load(w.Quants, (long)row * eights + i);
            Float8 v = default(TFormat).Load(w.Quants, (long)(row + 8) * eights + i);
            sum.X += Dot(u, x, 0, i, eights);
            sum.Y += Dot(v, x, 0, i, eights);
        }
        return sum;
    }

    public readonly Float4 Four(PackedWeights w, Activations x, int row, int lane, int first, int rows)
    {
        int eights = w.Columns / 8;
        int second = IntrinsicMath.Min(first + 1, rows - 1);
        int third = IntrinsicMath.Min(first + 2, rows - 1);
        int fourth = IntrinsicMath.Min(first + 3, rows - 1);
        var sum = default(Float4);
        for (int i = lane; i < eights; i += 32)
        {
            Float8 u = default(TFormat).Load(w.Quants, (long)row * eights + i);
            sum.X += Dot(u, x, first, i, eights);
            sum.Y += Dot(u, x, second, i, eights);
            sum.Z += Dot(u, x, third, i, eights);
            sum.W += Dot(u, x, fourth, i, eights);
        }
        return sum;
    }

    private static float Dot(Float8 w, Activations x, int row, int index, int eights)
    {
        ArrayView<Float4> values = x.Values.Cast<Float4>();
        long first = ((long)row * eights + index) * 2;
        Float4 low = values[first], high = values[first + 1];
        return w.Low.X * low.X + w.Low.Y * low.Y + w.Low.Z * low.Z + w.Low.W * low.W
            + w.High.X * high.X + w.High.Y * high.Y + w.High.Z * high.Z + w.High.W * high.W;
    }
}

/// <summary>No rows: where a product has fewer parts than its kernel can take.</summary>
internal struct NoRows : IRowSum
{
    public readonly float One(PackedWeights w, Activations x, int row, int lane, int lanes) => 0;

    public readonly Float2 Pair(PackedWeights w, Activations x, int row, int lane) => default;

    public readonly Float4 Four(PackedWeights w, Activations x, int row, int lane, int first, int rows) => default;
}
