using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using AhnSharp.Cpu;
using AhnSharp.Machine;
using AhnSharp.Sessions;

namespace AhnSharp.Measurement;

/// <summary>One session over a very long text: time per token and resident memory along the way.</summary>
/// <param name="Points">In order.</param>
internal sealed record LongRun(IReadOnlyList<LongRunPoint> Points)
{
    private const int MaxPoints = 200, GeneratedAPoint = 16;

    /// <summary>Tokens generated, of all.</summary>
    public long Generated => (long)Points.Count * GeneratedAPoint;

    /// <summary>Median of the last tenth over median of the first tenth behind the window: reading.</summary>
    public double ReadRatio => Ratio(point => point.ReadMicroseconds);

    /// <summary>The same of generating.</summary>
    public double GenerateRatio => Ratio(point => point.GenerateMicroseconds);

    /// <summary>Tokens after which the window was full.</summary>
    public long WindowFullAt { get; init; }

    /// <summary>Runs it: most tokens are read in pieces, and behind each piece a few are generated.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">What the session keeps.</param>
    /// <param name="tokens">All tokens.</param>
    /// <param name="progress">Is told how many there were.</param>
    /// <param name="cancellation">Ends it.</param>
    public static LongRun Run(CpuModel model, SessionOptions options, int tokens, Action<long>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(model);
        using (LanguageSession warm = model.CreateSession(options))
        {
            StepClock clock = new(model, warm);
            clock.Read(SpeedRunner.RandomIds(model.Config.VocabularySize, Math.Min(tokens, 2 * model.ChunkTokens)), cancellation);
            for (int i = 0; i < 2 * GeneratedAPoint; i++) clock.Step(cancellation);
        }
        using LanguageSession session = model.CreateSession(options);
        StepClock steps = new(model, session);
        int points = Math.Clamp(tokens / (4 * GeneratedAPoint), 1, MaxPoints);
        List<LongRunPoint> along = [];
        double[] generated = new double[GeneratedAPoint];
        for (int i = 0; i < points; i++)
        {
            int end = (int)((long)tokens * (i + 1) / points), read = Math.Max(1, end - (int)session.Position - GeneratedAPoint);
            double seconds = steps.Read(SpeedRunner.RandomIds(model.Config.VocabularySize, read, (ulong)i), cancellation);
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            for (int g = 0; g < GeneratedAPoint; g++) generated[g] = steps.Step(cancellation);
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            along.Add(new LongRunPoint(
                session.Position, 1e6 * seconds / read, 1e6 * SampleSummary.Of(generated).Median, ResidentMemory.Now, session.StateBytes,
                session.HistoryBytes,
                (double)allocated / GeneratedAPoint));
            progress?.Invoke(session.Position);
        }
        return new LongRun(along) { WindowFullAt = session.Mode == MemoryMode.Full ? 0 : (long)session.Window + session.Sinks };
    }

    private double Ratio(Func<LongRunPoint, double> of)
    {
        double[] behind = [.. Points.Where(point => point.Tokens > 2 * WindowFullAt).Select(of)];
        if (behind.Length < 2) return double.NaN;
        int tenth = Math.Max(1, behind.Length / 10);
        return SampleSummary.Of(behind.AsSpan(behind.Length - tenth)).Median / SampleSummary.Of(behind.AsSpan(0, tenth)).Median;
    }
}

/// <summary>One place of a <see cref="LongRun"/>.</summary>
/// <param name="Tokens">Seen so far.</param>
/// <param name="ReadMicroseconds">A token, of the piece before.</param>
/// <param name="GenerateMicroseconds">A token, median of those generated here.</param>
/// <param name="ResidentBytes">Of the process.</param>
/// <param name="StateBytes">Exact and compressed memory.</param>
/// <param name="HistoryBytes">The ids of the tokens seen.</param>
/// <param name="AllocatedBytesPerToken">On the managed heap by the calling thread, for a generated token.</param>
internal readonly record struct LongRunPoint(
    long Tokens, double ReadMicroseconds, double GenerateMicroseconds, long ResidentBytes, long StateBytes, long HistoryBytes,
    double AllocatedBytesPerToken);
