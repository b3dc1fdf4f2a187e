using ILGPU;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>Tokens that leave the window together, as the fold reads them.</summary>
internal struct LeavingTokens
{
    /// <summary>[tokens, K·D], over their lengths.</summary>
    public ArrayView<float> Keys;

    /// <summary>[tokens, K·D].</summary>
    public ArrayView<float> Values;

    /// <summary>[tokens, H]: β or Δ, decay, and what answers to the query of the row that reads behind it are multiplied by.</summary>
    public ArrayView<Float4> Scalars;
}
