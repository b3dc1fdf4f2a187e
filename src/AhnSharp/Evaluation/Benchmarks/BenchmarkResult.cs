using AhnSharp.Sessions;

namespace AhnSharp.Evaluation.Benchmarks;

/// <summary>One answered question.</summary>
/// <param name="Benchmark">Name of the benchmark.</param>
/// <param name="Task">Name of the task.</param>
/// <param name="Mode">What the session kept of the prompt.</param>
/// <param name="Index">The item's place in its file, from 0.</param>
/// <param name="ItemHash">Of the item's line.</param>
/// <param name="PromptTokens">Tokens read, template and answer prefix included.</param>
/// <param name="CutTokens">Tokens of the prompt's middle that were left out.</param>
/// <param name="Answer">What the model wrote.</param>
/// <param name="Score">What that is worth, 0 to 1.</param>
/// <param name="Seconds">Wall time of reading and answering.</param>
public sealed record BenchmarkResult(
    string Benchmark, string Task, MemoryMode Mode, int Index, string ItemHash, int PromptTokens, int CutTokens, string Answer,
    double Score, double Seconds);
