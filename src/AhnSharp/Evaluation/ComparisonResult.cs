using System;
using System.Collections.Generic;

namespace AhnSharp.Evaluation;

/// <summary>What <see cref="ModelComparison"/> measured, token by token.</summary>
/// <param name="Divergences">[N] KL(reference ‖ model) of the distributions of the next token, nats.</param>
/// <param name="SameTop">[N] whether both find the same next token likeliest.</param>
/// <param name="ReferenceNll">[N] negative log likelihoods of the reference, natural logarithm.</param>
/// <param name="ModelNll">[N] those of the model.</param>
public sealed record ComparisonResult(double[] Divergences, bool[] SameTop, float[] ReferenceNll, float[] ModelNll)
{
    /// <summary>Wall time of both passes, without loading.</summary>
    public double Seconds { get; init; }

    /// <summary>Predicted tokens.</summary>
    public int Tokens => Divergences.Length;

    /// <summary>Summed up over the whole text.</summary>
    public ComparisonSummary Summary => Summarize(0, Tokens);

    /// <summary>Summed up over parts of <paramref name="every"/> positions, the last of which may be shorter.</summary>
    public IReadOnlyList<ComparisonSummary> ByPosition(int every)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(every, 1);
        var parts = new List<ComparisonSummary>();
        for (int start = 0; start < Tokens; start += every) parts.Add(Summarize(start, Math.Min(every, Tokens - start)));
        return parts;
    }

    private ComparisonSummary Summarize(int start, int count)
    {
        ReadOnlySpan<float> reference = ReferenceNll.AsSpan(start, count), model = ModelNll.AsSpan(start, count);
        Span<double> change = count <= 256 ? stackalloc double[count] : new double[count];
        for (int i = 0; i < count; i++) change[i] = (double)model[i] - reference[i];
        return new ComparisonSummary
        {
            Start = start,
            Tokens = count,
            Divergence = Distribution.Of(Divergences.AsSpan(start, count)),
            Agreement = (double)SameTop.AsSpan(start, count).Count(true) / count,
            ReferencePerplexity = Math.Exp(MeanOf(reference)),
            ModelPerplexity = Math.Exp(MeanOf(model)),
            NllChange = Distribution.Of(change),
        };
    }

    private static double MeanOf(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values) sum += value;
        return sum / values.Length;
    }
}
