using System;
using System.Collections.Generic;
using System.Diagnostics;
using AhnSharp.Kernels;

namespace AhnSharp.Attention;

/// <summary>One layer's exact memory of one text: sinks, a ring of the last tokens, and beside each token the gates it will be folded with.</summary>
/// <remarks>
/// A position p lies in slot p while p &lt; S, else in slot S' + (p − S) mod R (S' = S and R = W + C, both rounded up to 16), so
/// nothing moves as the ring turns, and the C keys of a chunk never overwrite one that its own first queries still see. Where
/// everything stays (W = 0), slot = position, in segments of 1,024.
/// <para>A segment, for each key/value head: keys [slots/16][D][16], the slot fastest, so that a tile of 16 keys multiplies as a
/// matrix [D, 16]; then values [slots][D]; last, for all heads, gates [slots][g] f32. Q8_0: a tile of keys is s8 [D][16] then f16
/// scales [D/32][16]; a value is s8 [D] then f16 scales [D/32].</para>
/// <para>The owner writes positions in order, a chunk at a time, and may write a chunk again (a cancelled one) before going on.</para>
/// </remarks>
public sealed class KvRing : IDisposable
{
    private readonly List<NativeBuffer> _segments = [];
    private readonly long _keyBytesPerHead;
    private readonly long _gatesOffset;

    /// <summary>Creates an empty memory; a fixed one takes all its (untouched) memory now.</summary>
    public KvRing(KvGeometry geometry)
    {
        if (geometry.Problem() is { } problem) throw new NotSupportedException(problem);
        Geometry = geometry;
        _keyBytesPerHead = (long)geometry.SegmentSlots * geometry.RowBytes;
        _gatesOffset = 2 * geometry.KvHeads * _keyBytesPerHead;
        if (!geometry.Grows) _segments.Add(new NativeBuffer(geometry.SegmentBytes));
    }

    /// <summary>Its shape.</summary>
    public KvGeometry Geometry { get; }

    /// <summary>Bytes taken now.</summary>
    public long ByteLength => _segments.Count * Geometry.SegmentBytes;

    /// <summary>Makes room for positions below <paramref name="end"/>, where the memory grows.</summary>
    public void Reserve(long end)
    {
        while (Geometry.Grows && (long)_segments.Count * KvGeometry.GrowthSlots < end) _segments.Add(new NativeBuffer(Geometry.SegmentBytes));
    }

    /// <summary>Gives back what a growing memory took.</summary>
    public void Clear()
    {
        if (!Geometry.Grows) return;
        foreach (NativeBuffer segment in _segments) segment.Dispose();
        _segments.Clear();
    }

    /// <summary>The longest run that starts at <paramref name="position"/> and ends before <paramref name="end"/>; call again behind it.</summary>
    public KvRun Run(long position, long end)
    {
        Debug.Assert(position < end);
        if (Geometry.Grows)
        {
            int slot = (int)(position % KvGeometry.GrowthSlots);
            return new KvRun((int)(position / KvGeometry.GrowthSlots), slot, (int)Math.Min(end - position, KvGeometry.GrowthSlots - slot), position);
        }
        if (position < Geometry.Sinks) return new KvRun(0, (int)position, (int)(Math.Min(end, Geometry.Sinks) - position), position);
        int turn = (int)((position - Geometry.Sinks) % Geometry.RingSlots);
        return new KvRun(0, Geometry.SinkSlots + turn, (int)Math.Min(end - position, Geometry.RingSlots - turn), position);
    }

    /// <summary>Writes the key and value of one head and position: D floats each, the key already rotated.</summary>
    public void Write(int kvHead, long position, ReadOnlySpan<float> key, ReadOnlySpan<float> value)
    {
        KvRun run = Run(position, position + 1);
        NativeBuffer segment = _segments[run.Segment];
        long keyTile = KeyTileOffset(kvHead, run.Slot / KvGeometry.TileSlots), row = ValueOffset(kvHead, run.Slot);
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
        NativeBuffer segment = _segments[run.Segment];
        long keyTile = KeyTileOffset(kvHead, run.Slot / KvGeometry.TileSlots), row = ValueOffset(kvHead, run.Slot);
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
        return _segments[run.Segment].Span<float>(_gatesOffset + 4L * run.Slot * Geometry.GatesPerToken, Geometry.GatesPerToken);
    }

    /// <summary>The segment that holds a run.</summary>
    public NativeBuffer Segment(int segment) => _segments[segment];

    /// <summary>Where tile <paramref name="tile"/> of a head's keys begins in its segment.</summary>
    public long KeyTileOffset(int kvHead, int tile) => kvHead * _keyBytesPerHead + (long)tile * KvGeometry.TileSlots * Geometry.RowBytes;

    /// <summary>Where the value of a head and slot begins in its segment.</summary>
    public long ValueOffset(int kvHead, int slot) => (Geometry.KvHeads + kvHead) * _keyBytesPerHead + (long)slot * Geometry.RowBytes;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (NativeBuffer segment in _segments) segment.Dispose();
        _segments.Clear();
    }
}
