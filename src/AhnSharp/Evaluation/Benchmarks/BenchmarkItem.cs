using System;

namespace AhnSharp.Evaluation.Benchmarks;

/// <summary>One question of a benchmark: what the model reads, how it may answer, and what the answer is worth.</summary>
public sealed record BenchmarkItem
{
    /// <summary>The task's name, as its authors file it.</summary>
    public required string Task { get; init; }

    /// <summary>The whole prompt, before anything is cut.</summary>
    public required string Prompt { get; init; }

    /// <summary>Begins the answer, so that the model goes on from it; may be empty.</summary>
    public string AnswerPrefix { get; init; } = "";

    /// <summary>Whether the authors put the prompt into the model's chat template.</summary>
    public required bool InChat { get; init; }

    /// <summary>Whether a prompt that is too long loses its middle; else it is an error.</summary>
    public required bool CutsMiddle { get; init; }

    /// <summary>Most tokens of the answer.</summary>
    public required int MaxNewTokens { get; init; }

    /// <summary>Whether only the answer's first line that is not empty counts: the rest need not be generated.</summary>
    public bool FirstLineCounts { get; init; }

    /// <summary>What an answer is worth, 0 to 1.</summary>
    public required Func<string, double> Score { get; init; }
}
