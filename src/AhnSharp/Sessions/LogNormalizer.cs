using System;
using System.Numerics.Tensors;

namespace AhnSharp.Sessions;

/// <summary>ln Z = ln Σ e^logit of a row of logits, in double: p_i = e^(logit_i − ln Z).</summary>
internal static class LogNormalizer
{
    /// <summary>Logits that are looked at together: 8 KB as doubles, which stay in the nearest cache.</summary>
    public const int Piece = 1024;

    /// <param name="logits">[vocabulary], each finite.</param>
    public static double Of(ReadOnlySpan<float> logits)
    {
        double max = TensorPrimitives.Max(logits), sum = 0;
        Span<double> exponentials = stackalloc double[Piece];
        for (int start = 0; start < logits.Length; start += Piece)
        {
            ReadOnlySpan<float> piece = logits[start..Math.Min(start + Piece, logits.Length)];
            Exponentials(piece, max, exponentials);
            sum += TensorPrimitives.Sum<double>(exponentials[..piece.Length]);
        }
        return Math.Log(sum) + max;
    }

    /// <summary>e^(logit − subtract) of each logit.</summary>
    public static void Exponentials(ReadOnlySpan<float> logits, double subtract, Span<double> exponentials)
    {
        exponentials = exponentials[..logits.Length];
        TensorPrimitives.ConvertTruncating<float, double>(logits, exponentials);
        TensorPrimitives.Subtract(exponentials, subtract, exponentials);
        TensorPrimitives.Exp<double>(exponentials, exponentials);
    }
}
