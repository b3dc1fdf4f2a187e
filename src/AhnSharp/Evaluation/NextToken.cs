using System;
using System.Numerics.Tensors;

namespace AhnSharp.Evaluation;

/// <summary>What a row of logits says of the next token: its normaliser, and how far two rows are apart. Everything in double.</summary>
/// <remarks>
/// p_i = e^(r_i − ln Z). In doubles because the terms of a divergence cancel to the second order: in floats a
/// small one would be lost altogether.
/// </remarks>
internal sealed class NextToken
{
    // Pieces that stay in the nearest cache.
    private const int Piece = 1024;
    private readonly double[] _logits = new double[Piece], _other = new double[Piece], _exponentials = new double[Piece];

    /// <summary>ln Z = ln Σ e^logit.</summary>
    internal double LogNormalizer(ReadOnlySpan<float> logits)
    {
        double max = TensorPrimitives.Max(logits), sum = 0;
        for (int start = 0; start < logits.Length; start += Piece)
        {
            ReadOnlySpan<float> piece = logits[start..Math.Min(start + Piece, logits.Length)];
            Span<double> exponentials = Exponentials(piece, max);
            sum += TensorPrimitives.Sum<double>(exponentials);
        }
        return Math.Log(sum) + max;
    }

    /// <summary>
    /// KL(reference ‖ model) = Σ p (ln p − ln q), in nats, of two rows whose normalisers are known; exactly 0 for equal rows.
    /// </summary>
    internal double Divergence(ReadOnlySpan<float> reference, double referenceLogZ, ReadOnlySpan<float> model, double modelLogZ)
    {
        double sum = 0;
        for (int start = 0; start < reference.Length; start += Piece)
        {
            int count = Math.Min(Piece, reference.Length - start);
            Span<double> p = Exponentials(reference.Slice(start, count), referenceLogZ);
            Span<double> difference = _logits.AsSpan(0, count), other = _other.AsSpan(0, count);
            TensorPrimitives.ConvertTruncating<float, double>(reference.Slice(start, count), difference);
            TensorPrimitives.ConvertTruncating<float, double>(model.Slice(start, count), other);
            TensorPrimitives.Subtract(difference, other, difference);
            sum += TensorPrimitives.Dot<double>(p, difference);
        }
        // Rounding may take a divergence of nearly equal rows below 0 by 1e-16.
        return Math.Max(0, sum - (referenceLogZ - modelLogZ));
    }

    private Span<double> Exponentials(ReadOnlySpan<float> logits, double subtract)
    {
        Span<double> e = _exponentials.AsSpan(0, logits.Length);
        TensorPrimitives.ConvertTruncating<float, double>(logits, e);
        TensorPrimitives.Subtract(e, subtract, e);
        TensorPrimitives.Exp<double>(e, e);
        return e;
    }
}
