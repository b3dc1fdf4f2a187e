using System;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AhnSharp.Kernels.Portable;

/// <summary>Products row by row with TensorPrimitives.MultiplyAdd: c += x[i, k]·A[k, ·].</summary>
internal sealed class PortableGemm : Gemm
{
    private const int PieceLength = 1024; // numbers widened at a time

    private delegate void Widen<T>(ReadOnlySpan<T> from, Span<float> to);

    /// <inheritdoc/>
    public override void Multiply(
        ref readonly float x, nint xStride, ref readonly float a, nint aStride, ref float c, nint cStride, int m, int k, int n,
        bool accumulate)
    {
        if (!accumulate) Clear(ref c, cStride, m, n);
        for (int j = 0; j < k; j++)
        {
            ReadOnlySpan<float> row = MemoryMarshal.CreateReadOnlySpan(in Unsafe.Add(ref Unsafe.AsRef(in a), j * aStride), n);
            for (int i = 0; i < m; i++)
            {
                Span<float> sums = MemoryMarshal.CreateSpan(ref Unsafe.Add(ref c, i * cStride), n);
                TensorPrimitives.MultiplyAdd(row, Unsafe.Add(ref Unsafe.AsRef(in x), (i * xStride) + j), sums, sums);
            }
        }
    }

    /// <inheritdoc/>
    public override void Multiply(
        ref readonly float x, nint xStride, ref readonly Half a, nint aStride, ref float c, nint cStride, int m, int k, int n,
        bool accumulate) =>
        Widened(in x, xStride, in a, aStride, ref c, cStride, m, k, n, accumulate, static (from, to) =>
            TensorPrimitives.ConvertToSingle(from, to));

    /// <inheritdoc/>
    public override void Multiply(
        ref readonly float x, nint xStride, ref readonly sbyte a, nint aStride, ref float c, nint cStride, int m, int k, int n,
        bool accumulate) =>
        Widened(in x, xStride, in a, aStride, ref c, cStride, m, k, n, accumulate, static (from, to) => SignedBytes.ToSingle(from, to));

    // Narrower numbers become floats piece by piece.
    [SkipLocalsInit]
    private static void Widened<T>(
        ref readonly float x, nint xStride, ref readonly T a, nint aStride, ref float c, nint cStride, int m, int k, int n,
        bool accumulate, Widen<T> widen)
    {
        if (!accumulate) Clear(ref c, cStride, m, n);
        Span<float> piece = stackalloc float[PieceLength];
        for (int from = 0; from < n; from += PieceLength)
        {
            Span<float> row = piece[..Math.Min(PieceLength, n - from)];
            for (int j = 0; j < k; j++)
            {
                widen(MemoryMarshal.CreateReadOnlySpan(in Unsafe.Add(ref Unsafe.AsRef(in a), (j * aStride) + from), row.Length), row);
                for (int i = 0; i < m; i++)
                {
                    Span<float> sums = MemoryMarshal.CreateSpan(ref Unsafe.Add(ref c, (i * cStride) + from), row.Length);
                    TensorPrimitives.MultiplyAdd(row, Unsafe.Add(ref Unsafe.AsRef(in x), (i * xStride) + j), sums, sums);
                }
            }
        }
    }

    private static void Clear(ref float c, nint cStride, int m, int n)
    {
        for (int i = 0; i < m; i++) MemoryMarshal.CreateSpan(ref Unsafe.Add(ref c, i * cStride), n).Clear();
    }
}
