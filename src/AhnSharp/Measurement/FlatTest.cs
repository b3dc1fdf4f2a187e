using System;
using System.Threading;
using AhnSharp.Cpu;
using AhnSharp.Sessions;

namespace AhnSharp.Measurement;

/// <summary>
/// Whether a token costs the same after a page and after a library: two live sessions of one process, stepped alternately.
/// </summary>
/// <param name="Window">W.</param>
/// <param name="Sinks">S.</param>
/// <param name="NearTokens">Where the one session began: S + W, with an archive twice that.</param>
/// <param name="FarTokens">Where the other began.</param>
/// <param name="MadeUp">Whether the texts before were made up instead of read.</param>
/// <param name="Steps">Pairs of steps.</param>
/// <param name="NearMs">Median step of the one, milliseconds.</param>
/// <param name="FarMs">Median step of the other.</param>
/// <param name="Ratio">Far over near, of the pairs.</param>
/// <param name="NearStateBytes">Exact and compressed memory of the one.</param>
/// <param name="FarStateBytes">Of the other.</param>
internal sealed record FlatTest(
    int Window, int Sinks, long NearTokens, long FarTokens, bool MadeUp, int Steps, double NearMs, double FarMs, MedianInterval Ratio,
    long NearStateBytes, long FarStateBytes)
{
    private const int WarmUp = 20;

    /// <summary>Keys and values that the long text has in its archive; 0 without one.</summary>
    public long FarArchiveBytes { get; init; }

    /// <summary>Bytes of its index.</summary>
    public long FarArchiveIndexBytes { get; init; }

    /// <summary>Tokens of the short text.</summary>
    public static long NearTokensOf(SessionPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return ((long)plan.Window + plan.Sinks) * (plan.Archive is null ? 1 : 2);
    }

    /// <summary>Runs it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">A mode with a window.</param>
    /// <param name="farTokens">Tokens of the long text, more than S + W.</param>
    /// <param name="madeUp">Makes up the texts instead of reading them.</param>
    /// <param name="steps">Pairs of steps; who goes first alternates.</param>
    /// <param name="read">Is told how many tokens of the long text are read.</param>
    /// <param name="cancellation">Ends it.</param>
    public static FlatTest Run(
        CpuModel model, SessionOptions options, long farTokens, bool madeUp, int steps, Action<long>? read, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(model);
        SessionPlan plan = model.Plan(options);
        // An archive that was never looked into would make the near session too cheap.
        long nearTokens = NearTokensOf(plan);
        StepClock near = StepClock.Behind(model, options, nearTokens, madeUp, null, cancellation);
        using LanguageSession nearSession = near.Session;
        StepClock far = StepClock.Behind(model, options, farTokens, madeUp, read, cancellation);
        using LanguageSession farSession = far.Session;
        double[] nears = new double[steps], fars = new double[steps], ratios = new double[steps];
        for (int i = -WarmUp; i < steps; i++)
        {
            bool nearFirst = i % 2 == 0;
            double first = (nearFirst ? near : far).Step(cancellation), second = (nearFirst ? far : near).Step(cancellation);
            if (i < 0) continue;
            (nears[i], fars[i]) = nearFirst ? (first, second) : (second, first);
            ratios[i] = fars[i] / nears[i];
        }
        return new FlatTest(
            plan.Window, plan.Sinks, nearTokens, farTokens, madeUp, steps, 1000 * SampleSummary.Of(nears).Median,
            1000 * SampleSummary.Of(fars).Median,
            MedianInterval.Of(ratios), nearSession.StateBytes, farSession.StateBytes)
        {
            FarArchiveBytes = farSession.ArchiveBytes,
            FarArchiveIndexBytes = farSession.ArchiveIndexBytes,
        };
    }
}
