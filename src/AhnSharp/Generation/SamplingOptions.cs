using System;
using System.Collections.Generic;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace AhnSharp;

/// <summary>How the next token is chosen from the logits. The defaults are greedy: the likeliest token, every time.</summary>
/// <remarks>
/// Order of effect, as in llama.cpp: bias → penalties → top-k → top-p → min-p → temperature → draw. Top-p and min-p therefore see the
/// probabilities at temperature 1, and a high temperature never lets back in what they left out. With <see cref="Temperature"/> 0
/// the largest logit after the penalties is taken (of equal ones the lowest id), and the filters and the seed have no effect.
/// What an answer may be (<see cref="GenerationOptions.Constraint"/>) stands before the filters: they see the tokens that it allows.
/// </remarks>
public sealed record SamplingOptions
{
    /// <summary>Most tokens that <see cref="PenaltyTokens"/> may look back on.</summary>
    public const int MaxPenaltyTokens = 4096;

    private static readonly Dictionary<int, float> s_noBias = [];

    /// <summary>T ≥ 0: a token's weight is e^(logit/T). 0 is greedy.</summary>
    public float Temperature { get; init; }

    /// <summary>Only the k likeliest tokens; 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>Only the fewest likeliest tokens that together reach this probability, at least one; 1 keeps all.</summary>
    public float TopP { get; init; } = 1;

    /// <summary>Only tokens at least this share as likely as the likeliest; 0 keeps all.</summary>
    public float MinP { get; init; }

    /// <summary>r &gt; 0: logits of recent tokens become logit/r where positive and logit·r where negative; 1 is off.</summary>
    public float RepeatPenalty { get; init; } = 1;

    /// <summary>Taken from a token's logit once for each time it stands among the recent tokens; 0 is off.</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>Taken from the logit of every token that stands among the recent tokens; 0 is off.</summary>
    public float PresencePenalty { get; init; }

    /// <summary>Recent tokens: the last so many of the text, read and generated alike; at most <see cref="MaxPenaltyTokens"/>.</summary>
    public int PenaltyTokens { get; init; } = 64;

    /// <summary>Added to the logits of these tokens, by id, before everything else; null or empty: nothing is.</summary>
    /// <remarks>−100 all but forbids a token, +100 all but demands it. An id that the vocabulary does not have is refused.</remarks>
    public IReadOnlyDictionary<int, float>? LogitBias { get; init; }

    /// <summary>Seed of the draws; null draws a seed, which <see cref="GenerationStatistics.Seed"/> tells.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Throws an <see cref="ArgumentException"/> whose sentence names the first value out of range.</summary>
    public void Validate()
    {
        Require(Temperature is >= 0 and < float.PositiveInfinity, Temperature, "a number of at least 0");
        Require(TopK >= 0, TopK, "a whole number of at least 0");
        Require(TopP is >= 0 and <= 1, TopP, "a number from 0 to 1");
        Require(MinP is >= 0 and <= 1, MinP, "a number from 0 to 1");
        Require(RepeatPenalty is > 0 and < float.PositiveInfinity, RepeatPenalty, "a number above 0");
        Require(float.IsFinite(FrequencyPenalty), FrequencyPenalty, "a finite number");
        Require(float.IsFinite(PresencePenalty), PresencePenalty, "a finite number");
        foreach ((int id, float bias) in LogitBias ?? s_noBias)
            Require(float.IsFinite(bias), bias, $"a finite number for token {id}", nameof(LogitBias));
        Require(PenaltyTokens is >= 0 and <= MaxPenaltyTokens, PenaltyTokens, $"a whole number from 0 to {MaxPenaltyTokens}");
    }

    private static void Require(bool holds, double found, string expected, [CallerArgumentExpression(nameof(found))] string name = "")
    {
        if (!holds)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{name}: expected {expected}, found {found}."), name);
    }
}
