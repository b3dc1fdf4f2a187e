using ILGPU;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>
/// Rows of halves for the matrix units, each with a power of two taken out so that its largest entry lies in [2^13, 2^14).
/// </summary>
internal struct HalfRows
{
    /// <summary>[rows, columns/8].</summary>
    public ArrayView<Word4> Values;

    /// <summary>[rows]: what a product with the row is multiplied by.</summary>
    public ArrayView<float> Scales;
}
