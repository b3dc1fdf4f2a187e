using System;

namespace AhnSharp.Kernels.Portable;

/// <summary>The formula of <see cref="BlockKernel"/>, token by token.</summary>
internal sealed class PortableBlock : BlockKernel
{
    /// <inheritdoc/>
    public override void Score(
        ReadOnlySpan<sbyte> codes, ReadOnlySpan<float> scales, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin,
        ReadOnlySpan<float> queries, int headDim, Span<float> scores)
    {
        int b = scales.Length, half = headDim / 2;
        for (int g = 0; g < queries.Length / headDim; g++)
        {
            ReadOnlySpan<float> u = queries.Slice(g * headDim, headDim);
            for (int j = 0; j < b; j++)
            {
                float sum = 0;
                for (int i = 0; i < half; i++)
                {
                    float first = codes[i * b + j], second = codes[(i + half) * b + j], c = cos[i * b + j], s = sin[i * b + j];
                    sum += u[i] * (first * c - second * s) + u[i + half] * (second * c + first * s);
                }
                scores[g * b + j] = scales[j] * sum;
            }
        }
    }
}
