using ILGPU;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>The product of one row of weights with one row of activations, over the lanes of a warp.</summary>
internal interface IRowSum
{
    /// <summary>
    /// The weights of a lane's turn of a row that <paramref name="lanes"/> share: 32, 64 or 128. Its units are <paramref name="unit"/>,
    /// the lane in the first turn, and every <paramref name="lanes"/>th behind; at the end of the row the last unit once more.
    /// </summary>
    RowStart Start(PackedWeights w, int row, int unit, int lanes);

    /// <summary>This lane's part of weights[row] · x[0].</summary>
    /// <param name="w">The matrix.</param>
    /// <param name="x">The activations.</param>
    /// <param name="row">The row.</param>
    /// <param name="lane">Which of the lanes.</param>
    /// <param name="lanes">How many share the row.</param>
    /// <param name="start">The first turn's weights.</param>
    float One(PackedWeights w, Activations x, int row, int lane, int lanes, RowStart start);

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

/// <summary>What a lane has asked for of a row: its units of one turn, as many as the format has on their way together.</summary>
internal struct RowStart
{
    public StoredWeights First, Second, Third, Fourth;
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
    public readonly RowStart Start(PackedWeights w, int row, int unit, int lanes)
    {
        int groups = w.Columns / 32, last = groups - 1;
        var start = default(RowStart);
        start.First = default(TFormat).Fetch(w, row, IntrinsicMath.Min(unit, last), groups);
        start.Second = default(TFormat).Fetch(w, row, IntrinsicMath.Min(unit + lanes, last), groups);
        if (default(TFormat).IsNarrow)
        {
            start.Third = default(TFormat).Fetch(w, row, IntrinsicMath.Min(unit + 2 * lanes, last), groups);
            start.Fourth = default(TFormat).Fetch(w, row, IntrinsicMath.Min(unit + 3 * lanes, last), groups);
        }
        return start;
    }

    public readonly float One(PackedWeights w, Activations x, int row, int lane, int lanes, RowStart start)
    {
        int groups = w.Columns / 32, last = groups - 1;
        float a = 0, b = 0;
        for (int g = lane; g < groups; g += (default(TFormat).IsNarrow ? 4 : 2) * lanes)
        {
            int g1 = IntrinsicMath.Min(g + lanes, last), g2 = IntrinsicMath.Min(g + 2 * lanes, last),
                g3 = IntrinsicMath.Min(g + 3 * lanes, last);
            if (g != lane) start = Start(w, row, g, lanes);
            if (default(TFormat).IsNarrow)
            {
                float third = Product(start.Third, x, g2, groups), fourth = Product(start.Fourth, x, g3, groups);
                a += g + 2 * lanes < groups ? third : 0;
                b += g + 3 * lanes < groups ? fourth : 0;
            }
            float first = Product(start.First, x, g, groups), second = Product(start.Second, x, g1, groups);
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

    private static float Product(StoredWeights w, Activations x, int group, int groups) =>
        Product(default(TFormat).Unpack(w), Load(x, 0, group, groups));

    private static float Product(Group32 w, ActivationGroup x)
    {
        // 16 · 128 · 127 fits easily.
        int a = Ptx.Dp4a(w.Low.W, x.Low.W, Ptx.Dp4a(w.Low.Z, x.Low.Z, Ptx.Dp4a(w.Low.Y, x.Low.Y, Ptx.Dp4a(w.Low.X, x.Low.X, 0))));
        int b = Ptx.Dp4a(w.High.W, x.High.W, Ptx.Dp4a(w.High.Z, x.High.Z, Ptx.Dp4a(w.High.Y, x.High.Y, Ptx.Dp4a(w.High.X, x.High.X, 0))));
        float dot = x.Scale.X * (w.ScaleLow * a + w.ScaleHigh * b);
        return default(TFormat).HasMinimum ? dot - w.Minimum * x.Scale.Y : dot;
    }
}
