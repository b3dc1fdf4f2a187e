using System;
using System.Diagnostics;

namespace AhnSharp.Kernels.Probes;

/// <summary>
/// Runs a piece of work again and again for a while: the best run is the roof, because other load only ever slows a run down.
/// </summary>
internal static class ProbeClock
{
    /// <summary>G units/s of the best run, at least three runs behind one that warms up.</summary>
    /// <param name="duration">How long to go on.</param>
    /// <param name="work">Does <paramref name="units"/> units.</param>
    /// <param name="units">Bytes, or multiply-adds.</param>
    public static double Best(TimeSpan duration, Action work, long units)
    {
        work();
        double best = double.PositiveInfinity;
        long begin = Stopwatch.GetTimestamp();
        for (int runs = 0; runs < 3 || Stopwatch.GetElapsedTime(begin) < duration; runs++)
        {
            long start = Stopwatch.GetTimestamp();
            work();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return units / best / 1e9;
    }
}
