using System;

namespace AhnSharp;

/// <summary>How many answers a <see cref="TextEngine"/> writes at once, and what it keeps between them.</summary>
public sealed record TextEngineOptions
{
    /// <summary>Answers that are read and written at the same time; others wait for their turn, first come, first served.</summary>
    /// <remarks>Each takes the state of a session (<see cref="Sessions.SessionPlan"/> says how many bytes).</remarks>
    public int MaxAnswers { get; init; } = 8;

    /// <summary>Most bytes of sessions that are kept so that what several conversations begin with is read once; 0 keeps none.</summary>
    public long CacheBytes { get; init; } = 1L << 30;

    /// <summary>
    /// Most tokens of a prompt in one pass, so long others have to wait for their next token; null: a whole chunk of the model, the fastest
    /// for who is alone. At 150 tokens/s 32 take 0.2 s.
    /// </summary>
    public int? PieceTokens { get; init; }

    /// <summary>Throws an <see cref="ArgumentException"/> whose sentence names the first value out of range.</summary>
    public void Validate()
    {
        if (MaxAnswers < 1)
            throw new ArgumentException($"MaxAnswers: expected a whole number of at least 1, found {MaxAnswers}.", nameof(MaxAnswers));
        if (CacheBytes < 0)
            throw new ArgumentException($"CacheBytes: expected a whole number of at least 0, found {CacheBytes}.", nameof(CacheBytes));
        if (PieceTokens < 1)
            throw new ArgumentException($"PieceTokens: expected a whole number of at least 1, found {PieceTokens}.", nameof(PieceTokens));
    }
}
