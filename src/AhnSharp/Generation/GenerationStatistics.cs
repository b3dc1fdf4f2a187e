using System;

namespace AhnSharp;

/// <summary>What an answer took, known while it runs and final when it has ended.</summary>
public sealed record GenerationStatistics
{
    /// <summary>
    /// Tokens of the text before those, which the session held already: of earlier turns, or of a beginning that was read before.
    /// </summary>
    public long ReusedTokens { get; init; }

    /// <summary>Tokens read for this answer before its first token: the document and question, or the turn of a chat.</summary>
    public long PromptTokens { get; init; }

    /// <summary>How long reading them took.</summary>
    public TimeSpan PromptTime { get; init; }

    /// <summary>Tokens chosen, an end token included.</summary>
    public int GeneratedTokens { get; init; }

    /// <summary>How many of them are thoughts before the answer.</summary>
    public int ThoughtTokens { get; init; }

    /// <summary>From the request to the first token chosen: reading included.</summary>
    public TimeSpan TimeToFirstToken { get; init; }

    /// <summary>
    /// Computing time of the tokens, the reading of the prompt not included, nor time in which nobody asked for the next piece.
    /// </summary>
    public TimeSpan GenerationTime { get; init; }

    /// <summary>Why the answer ended.</summary>
    public StopReason StopReason { get; init; }

    /// <summary>
    /// Whether the text is whole by <see cref="GenerationOptions.Constraint"/>, or no call of a tool was left open; null where it has not
    /// ended, where it ended at a stop string, and where nothing was asked of it.
    /// </summary>
    /// <remarks>
    /// Whole with <see cref="StopReason.MaxTokens"/>: it was closed because its tokens ran out, and is shorter than the model would have
    /// made it.
    /// </remarks>
    public bool? IsWhole { get; init; }

    /// <summary>
    /// Tokens of the archive that the answer was read from: whole blocks, each counted once, whatever heads and tokens looked at it; 0
    /// without an archive.
    /// </summary>
    public long RetrievedTokens { get; init; }

    /// <summary>The stop string that ended it, or null.</summary>
    public string? StopString { get; init; }

    /// <summary>The seed of the draws; null where nothing was drawn (temperature 0).</summary>
    public ulong? Seed { get; init; }

    /// <summary>Prompt tokens per second; 0 where there were none.</summary>
    public double PromptTokensPerSecond => PerSecond(PromptTokens, PromptTime);

    /// <summary>Generated tokens per second; 0 where there were none.</summary>
    public double TokensPerSecond => PerSecond(GeneratedTokens, GenerationTime);

    private static double PerSecond(long tokens, TimeSpan time) => time > TimeSpan.Zero ? tokens / time.TotalSeconds : 0;
}
