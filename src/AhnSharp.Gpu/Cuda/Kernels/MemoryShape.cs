using ILGPU;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>What the kernels of a memory need to know of a layer and a token.</summary>
internal struct MemoryShape
{
    /// <summary>Heads and key/value heads.</summary>
    public int Heads, KvHeads;

    /// <summary>The kind of the rule as a number: 0 DN, 1 GDN, 2 Mamba2.</summary>
    public int Kind;

    /// <summary>Floats of gates that the ring keeps a token, and that the product makes: g, g + H.</summary>
    public int Gates, GateWidth;

    /// <summary>ε of the norm.</summary>
    public float Epsilon;
}

/// <summary>What the memories of a layer have in common, and what they read for each row.</summary>
internal struct MemoryViews
{
    /// <summary>[H]: exp(A_log) of Mamba2.</summary>
    public ArrayView<float> Rates;

    /// <summary>[rows, H·D]: o, the result.</summary>
    public ArrayView<float> Read;
}
