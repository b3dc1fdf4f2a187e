using System;
using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Evaluation;

/// <summary>What <see cref="Perplexity"/> measured.</summary>
/// <param name="NegativeLogLikelihoods">[N] natural logarithms, one a predicted token, in order.</param>
/// <param name="Seconds">Wall time of the pass, without loading.</param>
/// <param name="TokensExact">Tokens the session held exactly at the end.</param>
/// <param name="TokensCompressed">Tokens that were in the memory at the end.</param>
/// <param name="TokensDropped">Tokens that had left the window and were nowhere at the end.</param>
public sealed record PerplexityResult(float[] NegativeLogLikelihoods, double Seconds, long TokensExact, long TokensCompressed, long TokensDropped)
{
    /// <summary>Predicted tokens: one fewer than were given.</summary>
    public int Tokens => NegativeLogLikelihoods.Length;

    /// <summary>Mean negative log likelihood a token, natural logarithm.</summary>
    public double MeanNll => NegativeLogLikelihoods.Average(nll => (double)nll);

    /// <summary>e^<see cref="MeanNll"/>.</summary>
    public double Perplexity => Math.Exp(MeanNll);

    /// <summary>Perplexities of runs of <paramref name="every"/> positions, in order; the last run may be shorter.</summary>
    public IReadOnlyList<double> ByPosition(int every) => [.. NegativeLogLikelihoods.Chunk(every).Select(run => Math.Exp(run.Average(nll => (double)nll)))];
}
