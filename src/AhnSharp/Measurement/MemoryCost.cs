using System;
using System.Linq;
using System.Threading;
using AhnSharp.Cpu;
using AhnSharp.Kernels;
using AhnSharp.Sessions;

namespace AhnSharp.Measurement;

/// <summary>
/// What the compressed memory takes of a step once every token writes and reads it: a session with it and one with the
/// window alone, stepped alternately.
/// </summary>
/// <param name="Kind">Which memory.</param>
/// <param name="Window">W.</param>
/// <param name="Sinks">S.</param>
/// <param name="Begin">Tokens before the first step: S + W + 512.</param>
/// <param name="MadeUp">Whether these were made up instead of read.</param>
/// <param name="Decode">Generating token by token.</param>
/// <param name="Prefill">Reading many tokens at once.</param>
internal sealed record MemoryCost(string Kind, int Window, int Sinks, long Begin, bool MadeUp, MemoryShare Decode, MemoryShare Prefill)
{
    private const int Beyond = 512, WarmUp = 10;

    /// <summary>Runs it.</summary>
    /// <param name="model">A model with a memory.</param>
    /// <param name="options">W and S.</param>
    /// <param name="steps">Generated tokens of each session.</param>
    /// <param name="promptTokens">Tokens that are read at once.</param>
    /// <param name="promptRuns">How often.</param>
    /// <param name="roofs">For the floors.</param>
    /// <param name="madeUp">Makes up the text before.</param>
    /// <param name="cancellation">Ends it.</param>
    public static MemoryCost Run(CpuModel model, SessionOptions options, int steps, int promptTokens, int promptRuns, Roofs roofs,
        bool madeUp, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(roofs);
        SessionPlan plan = model.Plan(options with { Mode = MemoryMode.Ahn });
        long begin = (long)plan.Window + plan.Sinks + Beyond;
        StepClock with = StepClock.Behind(model, options with { Mode = MemoryMode.Ahn }, begin, madeUp, null, cancellation);
        using LanguageSession withSession = with.Session;
        StepClock without = StepClock.Behind(model, options with { Mode = MemoryMode.Window }, begin, madeUp, null, cancellation);
        using LanguageSession withoutSession = without.Session;
        double read = Roofs.ReadBeside(model.Workers);
        MemoryShare decode = Share(WarmUp, steps, clock => clock.Step(cancellation), steps);
        int[] ids = SpeedRunner.RandomIds(model.Config.VocabularySize, promptTokens, 3);
        MemoryShare prefill = Share(1, promptRuns, clock => clock.Read(ids, cancellation), 1);
        return new MemoryCost(model.Config.Ahn!.Rule.Name, plan.Window, plan.Sinks, begin, madeUp, decode, prefill);

        MemoryShare Share(int warmUp, int runs, Func<StepClock, double> step, int profiled)
        {
            double[] ours = new double[runs], theirs = new double[runs], shares = new double[runs];
            for (int i = -warmUp; i < runs; i++)
            {
                bool withFirst = i % 2 == 0;
                double first = step(withFirst ? with : without), second = step(withFirst ? without : with);
                if (i < 0) continue;
                (ours[i], theirs[i]) = withFirst ? (first, second) : (second, first);
                shares[i] = 1 - theirs[i] / ours[i];
            }
            StepProfile profile = new();
            model.Workers.Profile = profile;
            try
            {
                profile.Start();
                for (int i = 0; i < profiled; i++) step(with);
                profile.Stop();
            }
            finally
            {
                model.Workers.Profile = null;
            }
            ProfileLine[] memory = [.. profile.Lines.Where(line => line.Stage == ProfileStage.Memory)];
            double bytes = (double)memory.Sum(line => line.Bytes) / profiled,
                multiplyAdds = (double)memory.Sum(line => line.MultiplyAdds) / profiled;
            return new MemoryShare(
                runs, 1000 * SampleSummary.Of(ours).Median, 1000 * SampleSummary.Of(theirs).Median, MedianInterval.Of(shares),
                memory.Sum(line => line.Seconds) / profile.Seconds, bytes, multiplyAdds,
                1000 * roofs.Floor(bytes, multiplyAdds, multipliesBytes: false, read));
        }
    }
}

/// <summary>The memory's part of one kind of step.</summary>
/// <param name="Runs">Pairs of steps.</param>
/// <param name="WithMs">Median step with the memory, milliseconds.</param>
/// <param name="WindowMs">Median step with the window alone.</param>
/// <param name="Share">1 − window/with, of the pairs.</param>
/// <param name="ProfileShare">What the profile says: time in the memory's stages over all time, waiting apart.</param>
/// <param name="FloorBytes">Bytes of states, projections and gates that it cannot avoid to read or write.</param>
/// <param name="MultiplyAdds">Multiply-adds, counted token by token.</param>
/// <param name="FloorMs">What these take at the measured roofs.</param>
internal sealed record MemoryShare(
    int Runs, double WithMs, double WindowMs, MedianInterval Share, double ProfileShare, double FloorBytes, double MultiplyAdds,
    double FloorMs);
