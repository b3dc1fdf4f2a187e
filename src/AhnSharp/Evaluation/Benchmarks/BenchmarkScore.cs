using System.Collections.Generic;
using System.Linq;
using AhnSharp.Sessions;

namespace AhnSharp.Evaluation.Benchmarks;

/// <summary>The answers to one task in one memory, summed up.</summary>
/// <param name="Benchmark">Name of the benchmark.</param>
/// <param name="Task">Name of the task.</param>
/// <param name="Mode">What the sessions kept.</param>
/// <param name="Items">Questions answered.</param>
/// <param name="Score">Mean, 0 to 100, as the authors print it.</param>
/// <param name="MeanPromptTokens">Mean length of what was read.</param>
/// <param name="Cut">Prompts that lost their middle.</param>
/// <param name="Seconds">Wall time of all of them.</param>
public sealed record BenchmarkScore(
    string Benchmark, string Task, MemoryMode Mode, int Items, double Score, double MeanPromptTokens, int Cut, double Seconds)
{
    /// <summary>Scores by task and memory, in the order in which they first appear.</summary>
    public static IReadOnlyList<BenchmarkScore> Of(IEnumerable<BenchmarkResult> results) =>
    [
        .. results.GroupBy(result => (result.Benchmark, result.Task, result.Mode)).Select(group => new BenchmarkScore(
            group.Key.Benchmark, group.Key.Task, group.Key.Mode, group.Count(), 100 * group.Average(result => result.Score),
            group.Average(result => (double)result.PromptTokens), group.Count(result => result.CutTokens > 0),
            group.Sum(result => result.Seconds))),
    ];
}
