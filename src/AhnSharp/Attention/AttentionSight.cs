using System;

namespace AhnSharp.Attention;

/// <summary>What queries see of a ring: sinks and window, and where an archive is asked, what waits to be archived too.</summary>
/// <param name="Geometry">Of the ring.</param>
/// <param name="Pending">Whether tokens that left the window are seen until their block is sealed.</param>
/// <param name="Reach">r: sinks farther away are seen as if they were r away; <see cref="long.MaxValue"/>: where they are.</param>
internal readonly record struct AttentionSight(KvGeometry Geometry, bool Pending, long Reach)
{
    /// <summary>Sinks and window where they are: a session without an archive and without a reach.</summary>
    public AttentionSight(KvGeometry geometry)
        : this(geometry, false, long.MaxValue)
    {
    }

    /// <summary>The first position behind the sinks that the query at <paramref name="t"/> sees.</summary>
    public long WindowStart(long t)
    {
        if (Geometry.Grows) return 0;
        long start = Math.Max(0, t - Geometry.Window + 1);
        return Pending && start > Geometry.Sinks ? Geometry.FirstPending(t + 1) : start;
    }

    /// <summary>Whether the query at <paramref name="t"/> sees the sinks as from r.</summary>
    public bool IsFar(long t) => t > Reach && !Geometry.Grows;
}
