using System;
using AhnSharp.Kernels;

namespace AhnSharp.Hippocampus;

/// <summary>Solves (I + A) U = R in place for a strictly lower triangular A: the forward substitution of the chunked delta rule.</summary>
/// <remarks>
/// In blocks of <see cref="Block"/> rows: what the solved rows above contribute, and the product with the inverse of the diagonal block,
/// are matrix products; only that small inverse is computed number by number. It is safe to invert: its entries are products of
/// contractions (I − β k̂k̂ᵀ, norm ≤ 1, times decays ≤ 1), so none exceeds β in size.
/// </remarks>
internal static class UnitTriangle
{
    public const int Block = 16;

    /// <param name="gemm">Small products.</param>
    /// <param name="negatedA">−A [n, n] in rows of stride <paramref name="aStride"/>; the upper triangle of each
    /// diagonal block is not read.</param>
    /// <param name="aStride">Floats per row of A.</param>
    /// <param name="u">R [n, d], then U.</param>
    /// <param name="n">Rows.</param>
    /// <param name="d">Columns of U.</param>
    /// <param name="inverse">[Block, Block] scratch.</param>
    /// <param name="solved">[Block, d] scratch.</param>
    public static void SolveInPlace(
        Gemm gemm, ReadOnlySpan<float> negatedA, int aStride, Span<float> u, int n, int d, Span<float> inverse, Span<float> solved)
    {
        for (int row = 0; row < n; row += Block)
        {
            int m = Math.Min(Block, n - row);
            ReadOnlySpan<float> a = negatedA[(row * aStride)..];
            Span<float> uRows = u[(row * d)..];
            if (row > 0) gemm.Multiply(in a[0], aStride, in u[0], d, ref uRows[0], d, m, row, d, accumulate: true);
            Invert(a[row..], aStride, m, inverse);
            gemm.Multiply(in inverse[0], Block, in uRows[0], d, ref solved[0], d, m, m, d, accumulate: false);
            solved[..(m * d)].CopyTo(uRows);
        }
    }

    // Row i of (I + A)⁻¹ = e_i + Σ_{j<i} (−A_ij) · row j.
    private static void Invert(ReadOnlySpan<float> negatedA, int aStride, int m, Span<float> inverse)
    {
        inverse.Clear();
        for (int i = 0; i < m; i++)
        {
            Span<float> row = inverse.Slice(i * Block, Block);
            for (int j = 0; j < i; j++)
            {
                float factor = negatedA[i * aStride + j];
                ReadOnlySpan<float> above = inverse.Slice(j * Block, Block);
                for (int c = 0; c <= j; c++) row[c] += factor * above[c];
            }
            row[i] = 1;
        }
    }
}
