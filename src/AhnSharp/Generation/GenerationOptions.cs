using System;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using AhnSharp.Constraints;

namespace AhnSharp;

/// <summary>How an answer is drawn, and where it ends.</summary>
public sealed record GenerationOptions
{
    /// <summary>Most that <see cref="TopLogProbabilities"/> may ask for.</summary>
    public const int MaxTopLogProbabilities = 20;

    /// <summary>How each token is chosen.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>Tokens the answer may have at most; reaching it is told as <see cref="StopReason.MaxTokens"/>.</summary>
    public int MaxTokens { get; init; } = 1024;

    /// <summary>The answer ends before the first of these texts, wherever the tokens' borders lie.</summary>
    public ImmutableArray<string> Stop { get; init; } = [];

    /// <summary>Which texts the answer may be; null: any. The tokens of other texts are never chosen.</summary>
    /// <remarks>
    /// It counts from the first token, or, where the answer begins with thoughts, from behind their end. Where <see cref="MaxTokens"/> or
    /// the context leaves just enough tokens, the answer is closed on the shortest way, thoughts as well; where not even the shortest
    /// answer fits into <see cref="MaxTokens"/>, it is an <see cref="ArgumentException"/> before anything is read. An answer that ends
    /// at a stop string may be the beginning of such a text.
    /// </remarks>
    public Constraint? Constraint { get; init; }

    // What calls that the model makes by itself may be; null: anything. Not together with a constraint, which has the calls in it.
    internal Constraint? Calls { get; init; }

    // Whether there may be several of them.
    internal bool ParallelCalls { get; init; }

    /// <summary>
    /// Tells of every token how likely it was, and so many of the likeliest beside it, 0 to <see cref="MaxTopLogProbabilities"/>; null:
    /// nothing is told. It takes a sum over the vocabulary per token.
    /// </summary>
    public int? TopLogProbabilities { get; init; }

    /// <summary>Throws an <see cref="ArgumentException"/> whose sentence names the first value out of range.</summary>
    public void Validate()
    {
        Sampling.Validate();
        if (MaxTokens < 1)
            throw new ArgumentException($"MaxTokens: expected a whole number of at least 1, found {MaxTokens}.", nameof(MaxTokens));
        if (TopLogProbabilities is < 0 or > MaxTopLogProbabilities)
        {
            throw new ArgumentException($"TopLogProbabilities: expected a whole number from 0 to {MaxTopLogProbabilities}, "
                + $"found {TopLogProbabilities}.", nameof(TopLogProbabilities));
        }
        if (Stop.Any(string.IsNullOrEmpty))
            throw new ArgumentException("Stop: expected texts of at least one character, found an empty one.", nameof(Stop));
        if (Stop.Any(stop => stop.EnumerateRunes().Contains(Rune.ReplacementChar) && !stop.Contains('\uFFFD', StringComparison.Ordinal)))
            throw new ArgumentException("Stop: expected whole characters, found half of a surrogate pair.", nameof(Stop));
    }
}
