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
    /// <summary>Whether eight weights are 16 bytes, not 32.</summary>
    bool IsNarrow { get; }

    /// <summary>Weights 8·index … 8·index+7 of the matrix, row after row.</summary>
    StoredWeights Fetch(ArrayView<Word4> weights, long index);

    /// <summary>What was fetched, as floats.</summary>
    Float8 Unpack(StoredWeights stored);
}

/// <summary>Floats from their bits.</summary>
internal static class FloatBits
{
    /// <summary>Four.</summary>
    public static Float4 Of(Word4 bits)
    {
        var floats = default(Float4);
        floats.X = Interop.IntAsFloat(bits.X);
        floats.Y = Interop.IntAsFloat(bits.Y);
        floats.Z = Interop.IntAsFloat(bits.Z);
        floats.W = Interop.IntAsFloat(bits.W);
        return floats;
    }
}

/// <summary>F32.</summary>
internal struct FormatF32 : IFloatFormat
{
    public readonly bool IsNarrow => false;

    public readonly StoredWeights Fetch(ArrayView<Word4> weights, long index)
    {
        var stored = default(StoredWeights);
        stored.Low = weights[2 * index];
        stored.High = weights[2 * index + 1];
        return stored;
    }

    public readonly Float8 Unpack(StoredWeights stored)
    {
        var result = default(Float8);
        result.Low = FloatBits.Of(stored.Low);
        result.High = FloatBits.Of(stored.High);
        return result;
    }
}

/// <summary>F16.</summary>
internal struct FormatF16 : IFloatFormat
{
    public readonly bool IsNarrow => true;

    public readonly StoredWeights Fetch(ArrayView<Word4> weights, long index)
    {
        var stored = default(StoredWeights);
        stored.Low = weights[index];
        return stored;
    }

    public readonly Float8 Unpack(StoredWeights stored)
    {
        Word4 w = stored.Low;
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
    public readonly bool IsNarrow => true;

    public readonly StoredWeights Fetch(ArrayView<Word4> weights, long index)
    {
        var stored = default(StoredWeights);
        stored.Low = weights[index];
        return stored;
    }

    public readonly Float8 Unpack(StoredWeights stored)
    {
        Word4 w = stored.Low;
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
internal struct Floating<TFormat> : IFloatRowSum
    where TFormat : struct, IFloatFormat
{
    public readonly RowStart Start(PackedWeights w, int row, int unit, int lanes)
    {
        int eights = w.Columns / 8, last = eights - 1;
        long first = (long)row * eights;
        var start = default(RowStart);
        start.First = default(TFormat).Fetch(w.Quants, first + IntrinsicMath.Min(unit, last));
        start.Second = default(TFormat).Fetch(w.Quants, first + IntrinsicMath.Min(unit + lanes, last));
        start.Third = default(TFormat).Fetch(w.Quants, first + IntrinsicMath.Min(unit + 2 * lanes, last));
        start.Fourth = default(TFormat).Fetch(w.Quants, first + IntrinsicMath.Min(unit + 3 * lanes, last));
        return start;
    }

    public readonly float One(PackedWeights w, Activations x, int row, int lane, int lanes, RowStart start)
    {
        int eights = w.Columns / 8, last = eights - 1;
        float sum = 0;
        for (int i = lane; i < eights; i += 4 * lanes)
        {
            int i1 = IntrinsicMath.Min(i + lanes, last), i2 = IntrinsicMath.Min(i + 2 * lanes, last),
                i3 = IntrinsicMath.Min(i + 3 * lanes, last);
            if (i != lane) start = Start(w, row, i, lanes);
            float first = Dot(start.First, x, i, eights), second = Dot(start.Second, x, i1, eights),
                third = Dot(start.Third, x, i2, eights), fourth = Dot(start.Fourth, x, i3, eights);
            sum += first;
            sum += i + lanes < eights ? second : 0;
            sum += i + 2 * lanes < eights ? third : 0;
            sum += i + 3 * lanes < eights ? fourth : 0;
        }
        return sum;
    }

    public readonly bool IsNarrow => default(TFormat).IsNarrow;

    public readonly int Units(int columns) => columns / 8;

    public readonly StoredWeights Fetch(PackedWeights w, int row, int unit, int units) =>
        default(TFormat).Fetch(w.Quants, (long)row * units + unit);

    public readonly ActivationGroup Take(Activations x, int unit, int units)
    {
        ArrayView<Word4> values = x.Values.Cast<Word4>();
        var result = default(ActivationGroup);
        result.Low = values[2 * unit];
        result.High = values[2 * unit + 1];
        return result;
    }

    public readonly float Dot(StoredWeights w, ActivationGroup x) =>
        Product(default(TFormat).Unpack(w), FloatBits.Of(x.Low), FloatBits.Of(x.High));

    public readonly Float4 Four(PackedWeights w, Activations x, int row, int lane, int first, int rows)
    {
        int eights = w.Columns / 8;
        int second = IntrinsicMath.Min(first + 1, rows - 1);
        int third = IntrinsicMath.Min(first + 2, rows - 1);
        int fourth = IntrinsicMath.Min(first + 3, rows - 1);
        var sum = default(Float4);
        for (int i = lane; i < eights; i += 32)
        {
            Float8 u = Load(w.Quants, (long)row * eights + i);
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
        return Product(w, values[first], values[first + 1]);
    }

    private static float Dot(StoredWeights w, Activations x, int index, int eights) =>
        Dot(default(TFormat).Unpack(w), x, 0, index, eights);

    private static Float8 Load(ArrayView<Word4> weights, long index) => default(TFormat).Unpack(default(TFormat).Fetch(weights, index));

    private static float Product(Float8 w, Float4 low, Float4 high) =>
        w.Low.X * low.X + w.Low.Y * low.Y + w.Low.Z * low.Z + w.Low.W * low.W
            + w.High.X * high.X + w.High.Y * high.Y + w.High.Z * high.Z + w.High.W * high.W;
}

/// <summary>No rows: where a product has fewer parts than its kernel can take.</summary>
internal struct NoRows : IFloatRowSum
{
    public readonly RowStart Start(PackedWeights w, int row, int unit, int lanes) => default;

    public readonly float One(PackedWeights w, Activations x, int row, int lane, int lanes, RowStart start) => 0;

    public readonly bool IsNarrow => false;

    public readonly int Units(int columns) => 0;

    public readonly StoredWeights Fetch(PackedWeights w, int row, int unit, int units) => default;

    public readonly ActivationGroup Take(Activations x, int unit, int units) => default;

    public readonly float Dot(StoredWeights w, ActivationGroup x) => 0;

    public readonly Float4 Four(PackedWeights w, Activations x, int row, int lane, int first, int rows) => default;
}
