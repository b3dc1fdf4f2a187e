using AhnSharp.Attention;

namespace AhnSharp.Gpu.Kernels;

/// <summary>Where a position lies in a ring, and which positions a query sees; passed to kernels by value.</summary>
/// <remarks>
/// The same arithmetic as the engine's KvRing: position p lies in slot p while p &lt; S, else in SinkSlots + (p − S) mod RingSlots; where
/// everything stays (RingSlots = 0), slot = position. A query at t sees j ≤ t with t − j &lt; W or j &lt; S. Its visible keys have indices
/// 0..Visible(t)−1, in order of position: first sinks that lie before the window, then the window.
/// </remarks>
internal readonly struct RingShape
{
    /// <summary>S.</summary>
    public readonly int Sinks;

    /// <summary>Slots before the ring: S in whole tiles of 16.</summary>
    public readonly int SinkSlots;

    /// <summary>Slots of the ring; 0: everything stays.</summary>
    public readonly int RingSlots;

    /// <summary>W; 0: everything stays.</summary>
    public readonly int Window;

    public RingShape(KvGeometry geometry)
    {
        Window = geometry.Window;
        Sinks = geometry.Grows ? 0 : geometry.Sinks;
        SinkSlots = geometry.Grows ? 0 : geometry.SinkSlots;
        RingSlots = geometry.Grows ? 0 : geometry.RingSlots;
    }

    /// <summary>The slot of a position.</summary>
    public int Slot(int position) => RingSlots == 0 || position < Sinks ? position : SinkSlots + (position - Sinks) % RingSlots;

    /// <summary>First position of the window of a query at <paramref name="t"/>.</summary>
    public int WindowStart(int t) => Window == 0 || t < Window ? 0 : t - Window + 1;

    /// <summary>Keys that a query at <paramref name="t"/> sees.</summary>
    public int Visible(int t)
    {
        int start = WindowStart(t);
        return (start < Sinks ? start : Sinks) + t + 1 - start;
    }

    /// <summary>
    /// Ring slot, from SinkSlots, at which the window of a query at <paramref name="t"/> begins; 0 where it begins among the
    /// sinks. For <see cref="SlotOf"/>.
    /// </summary>
    public int WindowSlot(int t)
    {
        int start = WindowStart(t);
        return RingSlots == 0 || start <= Sinks ? 0 : (start - Sinks) % RingSlots;
    }

    /// <summary>
    /// The slot of visible key <paramref name="index"/>: what <see cref="Slot"/> says of <see cref="PositionOf"/>, without a division.
    /// </summary>
    public int SlotOf(int index, int windowSlot)
    {
        // Visible keys behind the sinks are fewer than the ring has slots.
        int slot = windowSlot + index - Sinks;
        if (RingSlots != 0 && slot >= RingSlots) slot -= RingSlots;
        return index < Sinks ? index : SinkSlots + slot;
    }

    /// <summary>The position of visible key <paramref name="index"/> of a query at <paramref name="t"/>.</summary>
    public int PositionOf(int index, int t)
    {
        int start = WindowStart(t), before = start < Sinks ? start : Sinks;
        return index < before ? index : start + index - before;
    }
}
