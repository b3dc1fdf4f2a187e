using System;

namespace AhnSharp.Evaluation;

/// <summary>A comparison summed up over a run of positions.</summary>
public sealed record ComparisonSummary
{
    /// <summary>Position of the first token that was read in this run, from 0.</summary>
    public required int Start { get; init; }

    /// <summary>Predicted tokens.</summary>
    public required int Tokens { get; init; }

    /// <summary>KL(reference ‖ model) a token, nats.</summary>
    public required Distribution Divergence { get; init; }

    /// <summary>Share of tokens at which both find the same next token likeliest, 0 to 1.</summary>
    public required double Agreement { get; init; }

    /// <summary>Standard error of <see cref="Agreement"/>, as of independent draws.</summary>
    public double AgreementError => Math.Sqrt(Agreement * (1 - Agreement) / Tokens);

    /// <summary>e^mean nll of the reference.</summary>
    public required double ReferencePerplexity { get; init; }

    /// <summary>e^mean nll of the model.</summary>
    public required double ModelPerplexity { get; init; }

    /// <summary>nll of the model less that of the reference, token by token, nats.</summary>
    public required Distribution NllChange { get; init; }

    /// <summary>Perplexity of the model over that of the reference.</summary>
    public double PerplexityRatio => Math.Exp(NllChange.Mean);

    /// <summary>Standard error of <see cref="PerplexityRatio"/>, from the paired changes: what both find hard does not count.</summary>
    public double PerplexityRatioError => PerplexityRatio * NllChange.StandardError;
}
