using System.Collections.Generic;
using System.Linq;
using AhnSharp.Cli.Display;
using AhnSharp.Evaluation.Benchmarks;
using AhnSharp.Sessions;
using static System.FormattableString;

namespace AhnSharp.Cli.Reports;

/// <summary>The page of <c>ahn eval --report</c>: scores by task and memory.</summary>
internal static class EvalPage
{
    /// <param name="run">With one answer at least.</param>
    /// <param name="plans">The memories that were measured.</param>
    internal static HtmlReport Of(BenchmarkRun run, IReadOnlyList<SessionPlan> plans)
    {
        BenchmarkScore[] scores = [.. BenchmarkScore.Of(run.Results)];
        IEnumerable<string> means = scores.GroupBy(score => score.Mode)
            .Select(group => Invariant($"{group.Average(score => score.Score):N1} with {MemoryName.Of(group.Key)}"));
        int tasks = scores.Select(score => (score.Benchmark, score.Task)).Distinct().Count();
        HtmlReport page = new(
            $"How {run.Setup.Model} answers about long texts",
            Invariant($"Of 100 points, the mean of {tasks:N0} {(tasks == 1 ? "task" : "tasks")} is {string.Join(", ", means)}."));
        page.Section("The numbers");
        page.Table(
            ["task", "memory", "questions", "score of 100", "tokens read, mean", "prompts cut", "time"],
            scores.Select(score => (IEnumerable<string>)
            [
                $"{score.Benchmark} {score.Task}", MemoryName.Of(score.Mode), MemoryWords.Number(score.Items),
                Invariant($"{score.Score:N2}"),
                Invariant($"{score.MeanPromptTokens:N0}"), MemoryWords.Number(score.Cut), Invariant($"{score.Seconds:N1} s"),
            ]));
        foreach ((BenchmarkFile file, string reason) in run.LeftOut) page.Paragraph($"Left out: {file.Path}: {reason}.");
        page.Section("What it means");
        page.Paragraph("Each task asks questions about long texts, and its authors' own rule gives an answer points: words in common with "
            + "theirs, the right choice, the right code. Scores of different tasks measure different things, and few questions leave much "
            + "to chance; what can be compared are memories in one task.");
        page.Paragraph(Invariant($"A prompt of more than {run.Setup.MaxPromptTokens:N0} tokens loses its middle where its authors cut it ")
            + "so; how many did stands in the table.");
        MemoryWords.Add(page, plans, (int)scores.Max(score => score.MeanPromptTokens));
        return page;
    }
}
