using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cli.Display;
using AhnSharp.Evaluation.Benchmarks;
using AhnSharp.Sessions;

namespace AhnSharp.Cli;

/// <summary>
/// All questions of all files in all memories, file by file, so that the memories can be compared as soon as a file is done.
/// </summary>
internal sealed class BenchmarkRun(
    TextModel model, BenchmarkFile[] files, SessionOptions[] memories, BenchmarkSetup setup, int? limit, ResultsFile? kept)
{
    private readonly List<BenchmarkResult> _results = [];

    internal IReadOnlyList<BenchmarkResult> Results => _results;

    /// <summary>Questions that an earlier run answered.</summary>
    internal int AnsweredBefore { get; private set; }

    internal BenchmarkSetup Setup => setup;

    internal int Total => files.Where(file => Reason(file) is null).Sum(CountOf) * memories.Length;

    /// <summary>Files that are not run, and why.</summary>
    internal IEnumerable<(BenchmarkFile File, string Reason)> LeftOut =>
        files.Where(file => Reason(file) is not null).Select(file => (file, Reason(file)!));

    internal async Task<bool> AnswerAllAsync(IProgress<(long Done, long Total, string Note)> bar, CancellationToken cancellationToken)
    {
        foreach (BenchmarkFile file in files.Where(file => Reason(file) is null))
        {
            foreach (SessionOptions memory in memories) await AnswerAsync(file, memory, bar, cancellationToken);
        }
        return true;
    }

    private async Task AnswerAsync(
        BenchmarkFile file, SessionOptions memory, IProgress<(long Done, long Total, string Note)> bar, CancellationToken cancellationToken)
    {
        using BenchmarkRunner runner = new(model, memory, setup.MaxPromptTokens, setup.ChatTemplate);
        double score = 0;
        int answered = 0;
        foreach ((int index, string hash, BenchmarkItem item) in file.Read(limit))
        {
            cancellationToken.ThrowIfCancellationRequested();
            BenchmarkResult? result = kept?.Find(file.Benchmark.Name, file.Task, memory.Mode!.Value, index, hash);
            if (result is not null)
            {
                AnsweredBefore++;
            }
            else
            {
                result = await runner.AnswerAsync(file, index, hash, item, cancellationToken);
                kept?.Append(result);
            }
            _results.Add(result);
            score += result.Score;
            bar.Report((_results.Count, Total, string.Create(
                CultureInfo.InvariantCulture,
                $"{_results.Count:N0} of {Total:N0} · {file.Task}, {MemoryName.Of(memory.Mode!.Value)} {100 * score / ++answered:N1}")));
        }
    }

    private static string? Reason(BenchmarkFile file) => file.Benchmark.LeftOut(file.Task);

    private int CountOf(BenchmarkFile file) => Math.Min(file.Items, limit ?? int.MaxValue);
}
