using System;
using System.Collections.Generic;
using AhnSharp.Kernels;

namespace AhnSharp.Archive;

/// <summary>The archive of one text: blocks of un-rotated keys and values, and the index that is made of them.</summary>
/// <remarks>
/// Layout: <see cref="ArchiveShape"/>. Which blocks are sealed follows from the position of the text alone, so a pass that fails needs
/// no undoing: its blocks lie behind the last sealed one, where nobody looks, and are written again. Sealed blocks never change. Blocks
/// lie in segments of 8, taken when the text reaches them; two archives may share a segment until one of them is about to write it.
/// The index is a function of the stored codes: one made of a loaded archive has the same bits.
/// </remarks>
internal sealed class ArchiveStore : IDisposable
{
    /// <summary>Blocks of a segment: 256 tokens, as of a ring.</summary>
    public const int SegmentBlocks = 8;

    private readonly List<SharedBuffer> _blocks, _index;
    private SharedBuffer? _centres; // [heads][D] f32

    public ArchiveStore(ArchiveShape shape) => (Shape, _blocks, _index) = (shape, [], []);

    private ArchiveStore(ArchiveStore other)
    {
        (Shape, _centres, Origin) = (other.Shape, other._centres?.Share(), other.Origin);
        _blocks = new List<SharedBuffer>(other._blocks.Count);
        _index = new List<SharedBuffer>(other._index.Count);
        foreach (SharedBuffer segment in other._blocks) _blocks.Add(segment.Share());
        foreach (SharedBuffer segment in other._index) _index.Add(segment.Share());
    }

    public ArchiveShape Shape { get; }

    /// <summary>The file that holds its first blocks; null: none does. Set by whoever saved or loaded it.</summary>
    public ArchiveOrigin? Origin { get; set; }

    /// <summary>Bytes of keys and values now, those shared with forks included.</summary>
    public long BlockBytes => BytesOf(_blocks);

    /// <summary>Bytes of the index now, likewise.</summary>
    public long IndexBytes => BytesOf(_index) + (_centres?.Buffer.ByteLength ?? 0);

    /// <summary>What it holds, by identity.</summary>
    public IEnumerable<(object Part, long Bytes)> Parts
    {
        get
        {
            foreach (SharedBuffer segment in _blocks) yield return (segment, segment.Buffer.ByteLength);
            foreach (SharedBuffer segment in _index) yield return (segment, segment.Buffer.ByteLength);
            if (_centres is not null) yield return (_centres, _centres.Buffer.ByteLength);
        }
    }

    /// <summary>An archive with the same blocks, that shares all of them with this one.</summary>
    public ArchiveStore Fork() => new(this);

    /// <summary>Makes room for blocks <paramref name="from"/> … <paramref name="end"/> − 1, this archive's alone.</summary>
    /// <returns>Bytes copied because a fork shares them.</returns>
    public long Reserve(long from, long end)
    {
        if (from >= end) return 0;
        long copied = 0;
        int first = (int)(from / SegmentBlocks), last = (int)((end - 1) / SegmentBlocks);
        for (int i = first; i <= last; i++)
        {
            Take(_blocks, i, Shape.BlockBytes, ref copied);
            Take(_index, i, Shape.IndexBytes, ref copied);
        }
        int centre = Shape.Options.CentreBlocks;
        if (!Shape.HasIndex || from >= centre || end < centre) return copied;
        // The block that settles the centre gives all earlier ones their index.
        for (int i = 0; i < first; i++) Take(_index, i, Shape.IndexBytes, ref copied);
        long bytes = sizeof(float) * (long)Shape.Heads * Shape.HeadDim;
        _centres = _centres is null ? new SharedBuffer(bytes) : _centres.Unshare(ref copied);
        return copied;
    }

    /// <summary>Gives back everything.</summary>
    public void Clear()
    {
        foreach (SharedBuffer segment in _blocks) segment.Release();
        foreach (SharedBuffer segment in _index) segment.Release();
        _blocks.Clear();
        _index.Clear();
        _centres?.Release();
        (_centres, Origin) = (null, null);
    }

    /// <inheritdoc/>
    public void Dispose() => Clear();

    /// <summary>All bytes of a block.</summary>
    public Span<byte> Block(long block) =>
        _blocks[(int)(block / SegmentBlocks)].Buffer.Span<byte>(block % SegmentBlocks * Shape.BlockBytes, checked((int)Shape.BlockBytes));

    /// <summary>Keys and values of one block and head.</summary>
    public Span<byte> Head(long block, int slot) => _blocks[(int)(block / SegmentBlocks)].Buffer.Span<byte>(
        block % SegmentBlocks * Shape.BlockBytes + (long)slot * Shape.HeadBytes, Shape.HeadBytes);

    /// <summary>[D]: cos, then sin, of the turn by minus a block's first position.</summary>
    public Span<float> Turn(long block) =>
        _index[(int)(block / SegmentBlocks)].Buffer.Span<float>(block % SegmentBlocks * Shape.TurnBytes, Shape.HeadDim);

    /// <summary>The index of one block and head; behind it lies that of the segment's next block and the same head.</summary>
    public Span<byte> Index(long block, int slot) => _index[(int)(block / SegmentBlocks)].Buffer.Span<byte>(
        SegmentBlocks * (long)Shape.TurnBytes + (slot * (long)SegmentBlocks + block % SegmentBlocks) * Shape.IndexHeadBytes,
        Shape.IndexHeadBytes);

    /// <summary>μ [D] of a head, once there is an index.</summary>
    public Span<float> Centre(int slot) =>
        _centres!.Buffer.Span<float>(sizeof(float) * (long)slot * Shape.HeadDim, Shape.HeadDim);

    /// <summary>Writes the turn of a block, once for all its heads.</summary>
    public void WriteTurn(Rope rope, long block)
    {
        Span<float> turn = Turn(block);
        rope.Turn(-Shape.First(block), turn[..(Shape.HeadDim / 2)], turn[(Shape.HeadDim / 2)..]);
    }

    /// <summary>Writes one block of one head, and of the index what can be written then.</summary>
    /// <param name="block">Which; all before it are written.</param>
    /// <param name="slot">Which head of the archive.</param>
    /// <param name="keys">[b, D], un-rotated.</param>
    /// <param name="values">[b, D].</param>
    /// <param name="scratch">[D·b] floats of the caller's thread.</param>
    public void Seal(long block, int slot, ReadOnlySpan<float> keys, ReadOnlySpan<float> values, Span<float> scratch)
    {
        ArchiveCodes.Write(Shape, Head(block, slot), keys, values);
        MakeIndex(block, slot, scratch);
    }

    /// <summary>Makes of the index of one head what block <paramref name="block"/> completes, from the stored codes alone.</summary>
    public void MakeIndex(long block, int slot, Span<float> scratch)
    {
        int centre = Shape.Options.CentreBlocks;
        if (!Shape.HasIndex || block < centre - 1) return;
        if (block == centre - 1) ArchiveIndex.FindCentre(this, slot, scratch);
        for (long i = block == centre - 1 ? 0 : block; i <= block; i++)
        {
            ArchiveCodes.ReadKeys(Shape, Head(i, slot), scratch);
            ArchiveIndex.Write(Shape, scratch, Centre(slot), Index(i, slot));
        }
    }

    private static void Take(List<SharedBuffer> segments, int index, long bytes, ref long copied)
    {
        while (segments.Count <= index) segments.Add(new SharedBuffer(bytes * SegmentBlocks));
        segments[index] = segments[index].Unshare(ref copied);
    }

    private static long BytesOf(List<SharedBuffer> segments)
    {
        long bytes = 0;
        foreach (SharedBuffer segment in segments) bytes += segment.Buffer.ByteLength;
        return bytes;
    }
}
