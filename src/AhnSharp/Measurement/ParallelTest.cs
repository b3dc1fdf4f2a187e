using System;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using AhnSharp.Sessions;

namespace AhnSharp.Measurement;

/// <summary>How fast several texts are gone on with at once: their tokens share each pass over the weights.</summary>
/// <param name="Prompt">Tokens that each text had before.</param>
/// <param name="Generated">Tokens that each got, behind one that is not timed.</param>
/// <param name="Runs">Runs of each number of texts.</param>
/// <param name="Levels">By the number of texts.</param>
internal sealed record ParallelTest(int Prompt, int Generated, int Runs, ParallelLevel[] Levels)
{
    private const int WarmUpTokens = 16;

    /// <summary>Runs it; the numbers of texts take turns, so that a change of the machine meets all alike.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">What each text keeps.</param>
    /// <param name="counts">Numbers of texts.</param>
    /// <param name="prompt">Tokens of each text before, at least 1; not timed.</param>
    /// <param name="generated">Tokens of each text that are timed, at least 1.</param>
    /// <param name="runs">Runs of each.</param>
    /// <param name="report">Is told how many runs are done.</param>
    /// <param name="cancellation">Ends it.</param>
    public static ParallelTest Run(LanguageModel model, SessionOptions options, int[] counts, int prompt, int generated, int runs,
        Action<int>? report, CancellationToken cancellation)
    {
        double[][] rates = [.. counts.Select(_ => new double[runs])];
        using LanguageSession read = model.CreateSession(options);
        Random random = new(1);
        int[] ids = [.. Enumerable.Range(0, prompt).Select(_ => random.Next(model.Config.VocabularySize))];
        model.Forward(read, ids, cancellation);
        for (int run = -1; run < runs; run++)
        {
            for (int i = 0; i < counts.Length; i++)
            {
                double seconds = Generate(model, read, counts[i], run < 0 ? Math.Min(generated, WarmUpTokens) : generated, cancellation);
                if (run < 0) continue;
                rates[i][run] = counts[i] * generated / seconds;
                report?.Invoke(run * counts.Length + i + 1);
            }
        }
        double one = rates.Select((all, i) => (counts[i], all)).Where(static level => level.Item1 == 1).Select(
            static level => SampleSummary.Of(level.all).Median).FirstOrDefault(double.NaN);
        return new ParallelTest(prompt, generated, runs, [.. counts.Select((count, i) =>
        {
            SampleSummary all = SampleSummary.Of(rates[i]);
            return new ParallelLevel(count, all.Median, all.Least, all.Most, all.Median / count,
                double.IsNaN(one) ? null : all.Median / one, rates[i]);
        })]);
    }

    private static double Generate(LanguageModel model, LanguageSession read, int count, int tokens, CancellationToken cancellation)
    {
        LanguageSession[] sessions = [.. Enumerable.Range(0, count).Select(_ => read.Fork())];
        try
        {
            SequenceSlice[] slices = new SequenceSlice[count];
            StepOutcome[] outcomes = new StepOutcome[count];
            int[][] next = [.. sessions.Select((_, i) => new int[] { i + 1 })]; // each text goes its own way
            long started = 0;
            // With its first token a text copies what it shares with the others: of a text's life, not of its speed.
            for (int token = -1; token < tokens; token++)
            {
                if (token == 0) started = Stopwatch.GetTimestamp();
                for (int i = 0; i < count; i++) slices[i] = new SequenceSlice(sessions[i], next[i], Cancellation: cancellation);
                model.Step(slices, outcomes);
                for (int i = 0; i < count; i++)
                {
                    outcomes[i].ThrowUnlessDone();
                    next[i][0] = sessions[i].Logits.ArgMax();
                }
            }
            return Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
        finally
        {
            foreach (LanguageSession session in sessions) session.Dispose();
        }
    }
}
