using System;
using System.Collections.Immutable;
using System.Linq;
using System.Text;

namespace AhnSharp.Generation;

/// <summary>How an answer is drawn, and where it ends.</summary>
public sealed record GenerationOptions
{
    /// <summary>How each token is chosen.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>Tokens the answer may have at most; reaching it is told as <see cref="StopReason.MaxTokens"/>.</summary>
    public int MaxTokens { get; init; } = 1024;

    /// <summary>The answer ends before the first of these texts, wherever the tokens' borders lie.</summary>
    public ImmutableArray<string> Stop { get; init; } = [];

    /// <summary>Throws an <see cref="ArgumentException"/> whose sentence names the first value out of range.</summary>
    public void Validate()
    {
        Sampling.Validate();
        if (MaxTokens < 1)
            throw new ArgumentException($"MaxTokens: expected a whole number of at least 1, found {MaxTokens}.", nameof(MaxTokens));
        if (Stop.Any(string.IsNullOrEmpty))
            throw new ArgumentException("Stop: expected texts of at least one character, found an empty one.", nameof(Stop));
        if (Stop.Any(stop => stop.EnumerateRunes().Contains(Rune.ReplacementChar) && !stop.Contains('\uFFFD', StringComparison.Ordinal)))
            throw new ArgumentException("Stop: expected whole characters, found half of a surrogate pair.", nameof(Stop));
    }
}
