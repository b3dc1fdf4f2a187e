using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Sessions;

namespace AhnSharp.Evaluation;

/// <summary>What <see cref="Perplexity"/> measured.</summary>
/// <param name="NegativeLogLikelihoods">[N] natural logarithms, one a predicted token, in order.</param>
/// <param name="Seconds">Wall time of the pass, without loading.</param>
/// <param name="Tally">Where the tokens of the session were at the end.</param>
public sealed record PerplexityResult(float[] NegativeLogLikelihoods, double Seconds, Tally Tally)
{
    /// <summary>Predicted tokens: one fewer than were given.</summary>
    public int Tokens => NegativeLogLikelihoods.Length;

    /// <summary>Mean negative log likelihood a token, natural logarithm.</summary>
    public double MeanNll => NegativeLogLikelihoods.Average(nll => (double)nll);

    /// <summary>e^<see cref="MeanNll"/>.</summary>
    public double Perplexity => Math.Exp(MeanNll);

    /// <summary>Perplexities of runs of <paramref name="every"/> positions, in order; the last run may be shorter.</summary>
    public IReadOnlyList<double> ByPosition(int every) =>
        [.. NegativeLogLikelihoods.Chunk(every).Select(run => Math.Exp(run.Average(nll => (double)nll)))];
}
