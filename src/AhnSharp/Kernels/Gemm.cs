using System;

namespace AhnSharp.Kernels;

/// <summary>Small products C[m, n] (+)= X[m, k] · A[k, n] for attention and memories: single-threaded, no allocation.</summary>
/// <remarks>All row-major, strides in elements. Any n; widths that are multiples of 16 are fastest. C must not overlap X or A.</remarks>
internal abstract class Gemm
{
    /// <summary>C (+)= X·A with A in f32.</summary>
    public abstract void Multiply(
        ref readonly float x, nint xStride, ref readonly float a, nint aStride, ref float c, nint cStride, int m, int k, int n,
        bool accumulate);

    /// <summary>C (+)= X·A with A in halves (finite ones: infinities and NaN are not kept).</summary>
    public abstract void Multiply(
        ref readonly float x, nint xStride, ref readonly Half a, nint aStride, ref float c, nint cStride, int m, int k, int n,
        bool accumulate);

    /// <summary>C (+)= X·A with A in signed bytes.</summary>
    public abstract void Multiply(
        ref readonly float x, nint xStride, ref readonly sbyte a, nint aStride, ref float c, nint cStride, int m, int k, int n,
        bool accumulate);
}
