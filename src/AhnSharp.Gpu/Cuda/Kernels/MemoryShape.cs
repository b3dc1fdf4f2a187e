using ILGPU;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>What the kernels of a memory need to know of a layer and a token.</summary>
internal struct MemoryShape
{
    /// <summary>Heads and key/value heads.</summary>
    public int Heads, KvHeads;

    /// <summary>The kind of the rule as a number: 0 DN, 1 GDN, 2 Mamba2.</summary>
    public int Kind;

    /// <summary>Floats of gates that the ring keeps a token.</summary>
    public int Gates;

    /// <summary>Slot of the token that leaves.</summary>
    public int Slot;

    /// <summary>ε of the norm.</summary>
    public float Epsilon;
}

/// <summary>The memory of a layer, and what it reads for a token.</summary>
internal struct MemoryViews
{
    /// <summary>[slots][g]: write gates of the ring.</summary>
    public ArrayView<float> Gates;

    /// <summary>[H]: exp(A_log) of Mamba2.</summary>
    public ArrayView<float> Rates;

    /// <summary>[H][D keys][D values].</summary>
    public ArrayView<float> State;

    /// <summary>[H·D]: o, the result.</summary>
    public ArrayView<float> Read;
}
