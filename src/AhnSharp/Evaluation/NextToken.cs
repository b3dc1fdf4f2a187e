using System;
using System.Numerics.Tensors;
using AhnSharp.Sessions;

namespace AhnSharp.Evaluation;

/// <summary>How far two rows of logits are apart in what they say of the next token. Everything in double.</summary>
/// <remarks>
/// In doubles because the terms of a divergence cancel to the second order: in floats a small one would be lost altogether.
/// </remarks>
internal sealed class NextToken
{
    private readonly double[] _logits = new double[LogNormalizer.Piece], _other = new double[LogNormalizer.Piece];
    private readonly double[] _exponentials = new double[LogNormalizer.Piece];

    /// <summary>
    /// KL(reference ‖ model) = Σ p (ln p − ln q), in nats, of two rows whose normalisers are known; exactly 0 for equal rows.
    /// </summary>
    internal double Divergence(ReadOnlySpan<float> reference, double referenceLogZ, ReadOnlySpan<float> model, double modelLogZ)
    {
        double sum = 0;
        for (int start = 0; start < reference.Length; start += LogNormalizer.Piece)
        {
            int count = Math.Min(LogNormalizer.Piece, reference.Length - start);
            Span<double> p = _exponentials.AsSpan(0, count);
            LogNormalizer.Exponentials(reference.Slice(start, count), referenceLogZ, p);
            Span<double> difference = _logits.AsSpan(0, count), other = _other.AsSpan(0, count);
            TensorPrimitives.ConvertTruncating<float, double>(reference.Slice(start, count), difference);
            TensorPrimitives.ConvertTruncating<float, double>(model.Slice(start, count), other);
            TensorPrimitives.Subtract(difference, other, difference);
            sum += TensorPrimitives.Dot<double>(p, difference);
        }
        // Rounding may take a divergence of nearly equal rows below 0 by 1e-16.
        return Math.Max(0, sum - (referenceLogZ - modelLogZ));
    }
}
