using ILGPU;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>The product of one row of weights with one row of activations, over the lanes of a warp.</summary>
internal interface IRowSum
{
    /// <summary>This lane's part of weights[row] · x[0], where <paramref name="lanes"/> share the row: 32, 64 or 128.</summary>
    float One(PackedWeights w, Activations x, int row, int lane, int lanes);

    /// <summary>Whether what a lane fetches is 16 bytes and a little, not 32.</summary>
    bool IsNarrow { get; }

    /// <summary>How many units a row is read in: groups of 32 quantized weights, or of 8 floats.</summary>
    int Units(int columns);

    /// <summary>A unit of a row.</summary>
    StoredWeights Fetch(PackedWeights w, int row, int unit, int units);

    /// <summary>The activations that a unit of weights meets, of the first row.</summary>
    ActivationGroup Take(Activations x, int unit, int units);

    /// <summary>Their product.</summary>
    float Dot(StoredWeights w, ActivationGroup x);
}

/// <summary>With four rows of activations too: floats. Quantized weights times several rows are for <see cref="BatchProduct"/>.</summary>
internal interface IFloatRowSum : IRowSum
{
    /// <summary>
    /// This lane's parts of weights[row] · x[t], t = first … first+3, where rows from <paramref name="rows"/> on repeat the last.
    /// </summary>
    Float4 Four(PackedWeights w, Activations x, int row, int lane, int first, int rows);
}

/// <summary>32 activations as signed bytes, or the bits of 8 floats.</summary>
internal struct ActivationGroup
{
    public Word4 Low, High;

    /// <summary>X = scale, Y = scale · sum of the bytes.</summary>
    public Float2 Scale;
}

/// <summary>Quantized weights times activations in signed bytes.</summary>
/// <remarks>
/// What a lane asks for together is on its way together: some 2 KB a warp. Behind the end of a row it asks for the last group
/// once more, and does not count it.
/// </remarks>
internal struct Quantized<TFormat> : IRowSum
    where TFormat : struct, IQuantizedFormat
{
    public readonly float One(PackedWeights w, Activations x, int row, int lane, int lanes)
    {
        int groups = w.Columns / 32, last = groups - 1;
        float a = 0, b = 0;
        for (int g = lane; g < groups; g += (default(TFormat).IsNarrow ? 4 : 2) * lanes)
        {
            int g1 = IntrinsicMath.Min(g + lanes, last), g2 = IntrinsicMath.Min(g + 2 * lanes, last),
                g3 = IntrinsicMath.Min(g + 3 * lanes, last);
            Group32 u = Load(w, row, g, groups), v = Load(w, row, g1, groups);
            if (default(TFormat).IsNarrow)
            {
                Group32 s = Load(w, row, g2, groups), t = Load(w, row, g3, groups);
                float third = Product(s, Load(x, 0, g2, groups)), fourth = Product(t, Load(x, 0, g3, groups));
                a += g + 2 * lanes < groups ? third : 0;
                b += g + 3 * lanes < groups ? fourth : 0;
            }
            float first = Product(u, Load(x, 0, g, groups)), second = Product(v, Load(x, 0, g1, groups));
            a += first;
            b += g + lanes < groups ? second : 0;
        }
        return a + b;
    }

    public readonly bool IsNarrow => default(TFormat).IsNarrow;

    public readonly int Units(int columns) => columns / 32;

    public readonly StoredWeights Fetch(PackedWeights w, int row, int unit, int units) => default(TFormat).Fetch(w, row, unit, units);

    public readonly ActivationGroup Take(Activations x, int unit, int units) => Load(x, 0, unit, units);

    public readonly float Dot(StoredWeights w, ActivationGroup x) => Product(default(TFormat).Unpack(w), x);

    private static ActivationGroup Load(Activations x, int row, int group, int groups)
    {
        long first = (long)row * groups * 2 + GroupOrder.First(group);
        var result = default(ActivationGroup);
        result.Low = x.Quants[first];
        result.High = x.Quants[first + GroupOrder.Stride(group, groups)];
        result.Scale = x.Scales[(long)row * groups + group];
        return result;
    }

    private static Group32 Load(PackedWeights w, int row, int group, int groups) =>
        default(TFormat).Unpack(default(TFormat).Fetch(w, row, group, groups));

    private static float Product(Group32 w, ActivationGroup x)
    {
        // 16 · 128 · 127 fits easily.
        int a = Ptx.Dp4a(w.Low.W, x.Low.W, Ptx.Dp4a(w.Low.Z, x.Low.Z, Ptx.Dp4a(w.Low.Y, x.Low.Y, Ptx.Dp4a(w.Low.X, x.Low.X, 0))));
        int b = Ptx.Dp4a(w.High.W, x.High.W, Ptx.Dp4a(w.High.Z, x.High.Z, Ptx.Dp4a(w.High.Y, x.High.Y, Ptx.Dp4a(w.High.X, x.High.X, 0))));
        float dot = x.Scale.X * (w.ScaleLow * a + w.ScaleHigh * b);
        return default(TFormat).HasMinimum ? dot - w.Minimum * x.Scale.Y : dot;
    }
}
