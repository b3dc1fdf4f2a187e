using System;
using System.Numerics.Tensors;

namespace AhnSharp.Kernels;

/// <summary>y = x / √(mean(x²) + ε) ⊙ weight. Source: transformers Qwen2RMSNorm.</summary>
internal static class RmsNorm
{
    /// <summary>Norms one row; <paramref name="y"/> may be <paramref name="x"/>.</summary>
    public static void Apply(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, float epsilon, Span<float> y)
    {
        float scale = 1 / MathF.Sqrt(TensorPrimitives.SumOfSquares(x) / x.Length + epsilon);
        TensorPrimitives.Multiply(x, scale, y);
        TensorPrimitives.Multiply(y, weight, y);
    }
}
