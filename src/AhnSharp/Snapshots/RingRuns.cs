using System.Collections.Generic;
using AhnSharp.Attention;

namespace AhnSharp.Snapshots;

/// <summary>The tokens of a ring that a snapshot holds, by position, cut where they do not lie together.</summary>
internal static class RingRuns
{
    /// <summary>Sinks, then window: those that keys and values are kept of.</summary>
    public static IEnumerable<KvRun> Held(KvRing ring, long position)
    {
        (long sinksEnd, _) = ring.Geometry.Held(position);
        foreach (KvRun run in Between(ring, 0, sinksEnd)) yield return run;
        foreach (KvRun run in Window(ring, position)) yield return run;
    }

    /// <summary>The window alone: those that will leave, and whose gates are kept.</summary>
    public static IEnumerable<KvRun> Window(KvRing ring, long position) =>
        Between(ring, ring.Geometry.Held(position).WindowStart, position);

    private static IEnumerable<KvRun> Between(KvRing ring, long from, long end)
    {
        while (from < end)
        {
            KvRun run = ring.Run(from, end);
            yield return run;
            from += run.Count;
        }
    }
}
