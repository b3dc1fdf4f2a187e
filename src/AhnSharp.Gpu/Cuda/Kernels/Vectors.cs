namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>Two 32-bit words: one 64-bit load.</summary>
internal struct Word2
{
    public uint X, Y;
}

/// <summary>Four 32-bit words: one 128-bit load.</summary>
internal struct Word4
{
    public uint X, Y, Z, W;
}

/// <summary>Two floats: one 64-bit load.</summary>
internal struct Float2
{
    public float X, Y;

    public static Float2 Of(float x, float y)
    {
        var pair = default(Float2);
        pair.X = x;
        pair.Y = y;
        return pair;
    }
}

/// <summary>Four floats: one 128-bit load, or the sums that one lane holds of a 16×8 tile.</summary>
internal struct Float4
{
    public float X, Y, Z, W;
}
