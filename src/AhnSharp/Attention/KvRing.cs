using System;
using System.Collections.Generic;
using System.Diagnostics;
using AhnSharp.Kernels;

namespace AhnSharp.Attention;

/// <summary>
/// One layer's exact memory of one text: sinks, a ring of the last tokens, and beside each token the gates it will be folded with.
/// </summary>
/// <remarks>
/// A position p lies in slot p while p &lt; S, else in slot S' + (p − S) mod R (S' = S and R = W + C, both rounded up to 16), so
/// nothing moves as the ring turns, and the C keys of a chunk never overwrite one that its own first queries still see. Where
/// everything stays (W = 0), slot = position. Slots lie in segments of 256, taken when the text first reaches them. Two rings may
/// share a segment (<see cref="Fork"/>) until one of them is about to write it (<see cref="Reserve"/>).
/// <para>A segment, for each key/value head: keys [slots/16][D][16], the slot fastest, so that a tile of 16 keys multiplies as a
/// matrix [D, 16]; then values [slots][D]; last, for all heads, gates [slots][g] f32. Q8_0: a tile of keys is s8 [D][16] then f16
/// scales [D/32][16]; a value is s8 [D] then f16 scales [D/32].</para>
/// <para>The owner writes positions in order, a chunk at a time, and may write a chunk again (a cancelled one) before going on.</para>
/// </remarks>
internal sealed class KvRing : IDisposable
{
    private readonly List<SharedBuffer> _segments;

    /// <summary>Creates an empty memory.</summary>
    public KvRing(KvGeometry geometry)
    {
        if (geometry.Problem() is { } problem) throw new NotSupportedException(problem);
        Geometry = geometry;
        _segments = [];
    }

    private KvRing(KvRing other)
    {
        Geometry = other.Geometry;
        _segments = new List<SharedBuffer>(other._segments.Count);
        foreach (SharedBuffer segment in other._segments) _segments.Add(segment.Share());
    }

    /// <summary>Its shape.</summary>
    public KvGeometry Geometry { get; }

    /// <summary>Bytes taken now, those shared with other rings included.</summary>
    public long ByteLength
    {
        get
        {
            long bytes = 0;
            foreach (SharedBuffer segment in _segments) bytes += segment.Buffer.ByteLength;
            return bytes;
        }
    }

    /// <summary>A ring with the same tokens, that shares all segments with this one.</summary>
    public KvRing Fork() => new(this);

    /// <summary>
    /// Makes the slots of positions <paramref name="from"/> to <paramref name="end"/> (not included) ready to be
    /// written: taken, and this ring's alone.
    /// </summary>
    /// <returns>Bytes copied because another ring shares them.</returns>
    public long Reserve(long from, long end)
    {
        long copied = 0;
        while (from < end)
        {
            KvRun run = Run(from, end);
            while (_segments.Count <= run.Segment)
                _segments.Add(new SharedBuffer((long)Geometry.SlotsOf(_segments.Count) * Geometry.SlotBytes));
            _segments[run.Segment] = _segments[run.Segment].Unshare(ref copied);
            from += run.Count;
        }
        return copied;
    }

    /// <summary>Gives back all segments.</summary>
    public void Clear()
    {
        foreach (SharedBuffer segment in _segments) segment.Release();
        _segments.Clear();
    }

    /// <summary>
    /// The longest run that starts at <paramref name="position"/> and ends before <paramref name="end"/>; call again behind it.
    /// </summary>
    public KvRun Run(long position, long end)
    {
        Debug.Assert(position < end);
        long slot = position, count = end - position;
        if (!Geometry.Grows && position < Geometry.Sinks) count = Math.Min(count, Geometry.Sinks - position);
        else if (!Geometry.Grows)
        {
            long turn = (position - Geometry.Sinks) % Geometry.RingSlots;
            slot = Geometry.SinkSlots + turn;
            count = Math.Min(count, Geometry.RingSlots - turn);
        }
        int inSegment = (int)(slot % KvGeometry.SegmentSlots);
        return new KvRun(
            (int)(slot / KvGeometry.SegmentSlots), inSegment, (int)Math.Min(count, KvGeometry.SegmentSlots - inSegment), position);
    }

    /// <summary>Writes the key and value of one head and position: D floats each, the key already rotated.</summary>
    public void Write(int kvHead, long position, ReadOnlySpan<float> key, ReadOnlySpan<float> value)
    {
        KvRun run = Run(position, position + 1);
        NativeBuffer segment = Segment(run.Segment);
        long keyTile = KeyTileOffset(run.Segment, kvHead, run.Slot / KvGeometry.TileSlots),
            row = ValueOffset(run.Segment, kvHead, run.Slot);
        int lane = run.Slot % KvGeometry.TileSlots;
        switch (Geometry.Type)
        {
            case KvType.F32: KvEntries.WriteF32(segment, keyTile, lane, row, key, value); break;
            case KvType.F16: KvEntries.WriteF16(segment, keyTile, lane, row, key, value); break;
            default: KvEntries.WriteQ8(segment, keyTile, lane, row, key, value); break;
        }
    }

    /// <summary>Reads back the key and value of one head and position as the memory holds them.</summary>
    public void Read(int kvHead, long position, Span<float> key, Span<float> value)
    {
        KvRun run = Run(position, position + 1);
        NativeBuffer segment = Segment(run.Segment);
        long keyTile = KeyTileOffset(run.Segment, kvHead, run.Slot / KvGeometry.TileSlots),
            row = ValueOffset(run.Segment, kvHead, run.Slot);
        int lane = run.Slot % KvGeometry.TileSlots;
        switch (Geometry.Type)
        {
            case KvType.F32: KvEntries.ReadF32(segment, keyTile, lane, row, key, value); break;
            case KvType.F16: KvEntries.ReadF16(segment, keyTile, lane, row, key, value); break;
            default: KvEntries.ReadQ8(segment, keyTile, lane, row, key, value); break;
        }
    }

    /// <summary>The gates kept beside a position: g floats, written when the token enters, read when it leaves.</summary>
    public Span<float> Gates(long position)
    {
        KvRun run = Run(position, position + 1);
        return Segment(run.Segment).Span<float>(GatesOffset(run.Segment, run.Slot), Geometry.GatesPerToken);
    }

    /// <summary>What it holds, in order.</summary>
    internal IReadOnlyList<SharedBuffer> Segments => _segments;

    /// <summary>The segment that holds a run.</summary>
    public NativeBuffer Segment(int segment) => _segments[segment].Buffer;

    /// <summary>Where tile <paramref name="tile"/> of a head's keys begins in its segment.</summary>
    public long KeyTileOffset(int segment, int kvHead, int tile) =>
        HeadOffset(segment, kvHead) + (long)tile * KvGeometry.TileSlots * Geometry.RowBytes;

    /// <summary>Where the value of a head and slot begins in its segment.</summary>
    public long ValueOffset(int segment, int kvHead, int slot) =>
        HeadOffset(segment, Geometry.KvHeads + kvHead) + (long)slot * Geometry.RowBytes;

    /// <inheritdoc/>
    public void Dispose() => Clear();

    /// <summary>Where the gates of a slot begin in its segment.</summary>
    internal long GatesOffset(int segment, int slot) => HeadOffset(segment, 2 * Geometry.KvHeads) + 4L * slot * Geometry.GatesPerToken;

    // Keys of all heads, then values of all heads: each takes as much as the other.
    private long HeadOffset(int segment, int head) => (long)head * Geometry.SlotsOf(segment) * Geometry.RowBytes;
}
