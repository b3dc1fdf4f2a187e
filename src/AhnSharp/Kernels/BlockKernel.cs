using System;

namespace AhnSharp.Kernels;

/// <summary>Exact scores of a block whose keys are signed bytes, each turned by its place in the block. Stateless.</summary>
internal abstract class BlockKernel
{
    /// <summary>A block of a multiple of so many tokens is what it takes.</summary>
    public const int Tokens = 16;

    /// <summary>
    /// scores[g, j] = scale_j · Σ_i (u[g, i]·(k_i c_i − k_i+D/2 s_i) + u[g, i + D/2]·(k_i+D/2 c_i + k_i s_i)), i from 0 to D/2 − 1.
    /// </summary>
    /// <param name="codes">k [D][b] s8.</param>
    /// <param name="scales">[b].</param>
    /// <param name="cos">c [D/2][b].</param>
    /// <param name="sin">s [D/2][b].</param>
    /// <param name="queries">u [heads, D].</param>
    /// <param name="headDim">D.</param>
    /// <param name="scores">[heads, b].</param>
    public abstract void Score(
        ReadOnlySpan<sbyte> codes, ReadOnlySpan<float> scales, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin,
        ReadOnlySpan<float> queries, int headDim, Span<float> scores);
}
