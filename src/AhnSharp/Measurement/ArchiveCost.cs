using System;
using System.Threading;
using AhnSharp.Archive;
using AhnSharp.Cpu;
using AhnSharp.Sessions;

namespace AhnSharp.Measurement;

/// <summary>
/// What an archive takes of reading once every token leaves a block behind: sessions without one, with one, and with one that is read
/// without the memory's read-out, in turn.
/// </summary>
/// <param name="Window">W.</param>
/// <param name="Sinks">S.</param>
/// <param name="Begin">Tokens before the first prompt.</param>
/// <param name="MadeUp">Whether these were made up instead of read.</param>
/// <param name="PromptTokens">Tokens that are read at once; each run goes on behind the one before.</param>
/// <param name="Runs">Rounds, each with one run of every session.</param>
/// <param name="WithoutMs">Median time of a prompt without an archive, milliseconds.</param>
/// <param name="Ahn">With one, tokens see the memory while they are read.</param>
/// <param name="WindowOnly">With one, tokens see sinks and window alone while they are read; null: the model has no memory.</param>
internal sealed record ArchiveCost(
    int Window, int Sinks, long Begin, bool MadeUp, int PromptTokens, int Runs, double WithoutMs, ArchiveShare Ahn,
    ArchiveShare? WindowOnly)
{
    private const int Beyond = 512;

    /// <summary>
    /// Tokens before the first prompt where nobody says: S + W + 512, so that as many leave the window as are read.
    /// </summary>
    public static long BeginOf(SessionPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return (long)plan.Window + plan.Sinks + Beyond;
    }

    /// <summary>Runs it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">With an archive; its reading is not looked at.</param>
    /// <param name="begin">Tokens before the first prompt.</param>
    /// <param name="promptTokens">Tokens that are read at once.</param>
    /// <param name="runs">Rounds.</param>
    /// <param name="madeUp">Makes up the text before.</param>
    /// <param name="done">Is told of each round.</param>
    /// <param name="cancellation">Ends it.</param>
    public static ArchiveCost Run(
        CpuModel model, SessionOptions options, long begin, int promptTokens, int runs, bool madeUp, Action<int>? done,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Archive is not { } archive)
            throw new ArgumentException("Expected options with an archive, found none.", nameof(options));
        SessionPlan plan = model.Plan(options);
        SessionOptions[] kinds = plan.HasMemory
            ? [options with { Archive = null }, Reading(ArchiveReading.Ahn), Reading(ArchiveReading.Window)]
            : [options with { Archive = null }, Reading(ArchiveReading.Ahn)];
        StepClock[] clocks = new StepClock[kinds.Length];
        try
        {
            for (int k = 0; k < kinds.Length; k++) clocks[k] = StepClock.Behind(model, kinds[k], begin, madeUp, null, cancellation);
            double[][] seconds = new double[kinds.Length][];
            for (int k = 0; k < kinds.Length; k++) seconds[k] = new double[runs];
            int[] ids = SpeedRunner.RandomIds(model.Config.VocabularySize, promptTokens, 3);
            for (int i = -1; i < runs; i++)
            {
                // Who goes first changes from round to round; the first round warms up.
                for (int n = 0; n < kinds.Length; n++)
                {
                    int k = (n + i + 1) % kinds.Length;
                    double took = clocks[k].Read(ids, cancellation);
                    if (i >= 0) seconds[k][i] = took;
                }
                done?.Invoke(i + 1);
            }
            return new ArchiveCost(
                plan.Window, plan.Sinks, begin, madeUp, promptTokens, runs, 1000 * SampleSummary.Of(seconds[0]).Median, Share(1),
                kinds.Length > 2 ? Share(2) : null);

            ArchiveShare Share(int k)
            {
                double[] ratios = new double[runs];
                for (int i = 0; i < runs; i++) ratios[i] = seconds[0][i] / seconds[k][i];
                return new ArchiveShare(
                    1000 * SampleSummary.Of(seconds[k]).Median, MedianInterval.Of(ratios), clocks[k].Session.ArchiveBytes,
                    clocks[k].Session.ArchiveIndexBytes);
            }
        }
        finally
        {
            foreach (StepClock? clock in clocks) clock?.Session.Dispose();
        }

        SessionOptions Reading(ArchiveReading reading) => options with { Archive = archive with { Reading = reading } };
    }
}

/// <summary>Reading with an archive beside reading without.</summary>
/// <param name="Ms">Median time of a prompt, milliseconds.</param>
/// <param name="Speed">Tokens/s with the archive over tokens/s without, of the rounds: 1 where it costs nothing.</param>
/// <param name="ArchiveBytes">Keys and values that the archive has at the end.</param>
/// <param name="ArchiveIndexBytes">Bytes of its index.</param>
internal sealed record ArchiveShare(double Ms, MedianInterval Speed, long ArchiveBytes, long ArchiveIndexBytes);
