using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using AhnSharp.Files;
using AhnSharp.Kernels;

namespace AhnSharp.Archive;

/// <summary>The archive of one text: blocks of un-rotated keys and values, and the index that is made of them.</summary>
/// <remarks>
/// Layout: <see cref="ArchiveShape"/>. Blocks lie in mapped files, the index in memory; both in segments of 8 blocks, which two archives
/// may share until one of them is about to write behind what they hold. Sealed blocks never change. A pass seals into memory, and what it
/// sealed is written when it has succeeded (<see cref="Keep"/>): one that fails needs no undoing, since which blocks are sealed follows
/// from the position of the text alone. The index is a function of the stored codes: one made of a loaded archive has the same bits.
/// </remarks>
internal sealed class ArchiveStore : IDisposable
{
    /// <summary>Blocks of a segment: 256 tokens, as of a ring.</summary>
    public const int SegmentBlocks = 8;

    private readonly string? _folder;
    private readonly List<ArchiveSegment?> _blocks = []; // null: dropped
    private readonly List<SharedBuffer?> _index = [];
    private BlockFile? _file; // takes what is sealed from now on
    private NativeBuffer? _sealing; // [blocks of the pass], behind the kept ones
    private int _sealed;
    private long _bytesRead;
    private SharedBuffer? _centres; // [heads][D] f32

    /// <param name="shape">What it is.</param>
    /// <param name="folder">Where its blocks lie until they are saved; null: <see cref="BlockFile.DefaultFolder"/>.</param>
    public ArchiveStore(ArchiveShape shape, string? folder = null) => (Shape, _folder) = (shape, folder);

    private ArchiveStore(ArchiveStore other)
    {
        (Shape, _folder, First, Kept, Origin) = (other.Shape, other._folder, other.First, other.Kept, other.Origin);
        (_centres, _file) = (other._centres?.Share(), other._file?.Share());
        _blocks.EnsureCapacity(other._blocks.Count);
        _index.EnsureCapacity(other._index.Count);
        foreach (ArchiveSegment? segment in other._blocks) _blocks.Add(segment?.Share());
        foreach (SharedBuffer? segment in other._index) _index.Add(segment?.Share());
    }

    public ArchiveShape Shape { get; }

    /// <summary>The file that holds its first blocks; null: none does. Set by whoever saved or loaded it.</summary>
    public ArchiveOrigin? Origin { get; set; }

    /// <summary>The first block that is not dropped.</summary>
    public long First { get; private set; }

    /// <summary>Blocks up to this one lie in files, from <see cref="First"/> on.</summary>
    public long Kept { get; private set; }

    /// <summary>Bytes of keys and values in files now, those shared with forks included.</summary>
    public long BlockBytes => (Kept - First) * Shape.BlockBytes;

    /// <summary>Bytes of the index in memory now, likewise.</summary>
    public long IndexBytes =>
        (_centres?.Buffer.ByteLength ?? 0) + _index.Sum(static segment => segment?.Buffer.ByteLength ?? 0);

    /// <summary>What it holds in memory, by identity.</summary>
    public IEnumerable<(object Part, long Bytes)> Parts
    {
        get
        {
            foreach (SharedBuffer segment in _index.OfType<SharedBuffer>()) yield return (segment, segment.Buffer.ByteLength);
            if (_centres is not null) yield return (_centres, _centres.Buffer.ByteLength);
            if (_sealing is not null) yield return (_sealing, _sealing.ByteLength);
        }
    }

    /// <summary>
    /// Bytes of blocks that were read for answers since it was made, loaded or forked; what of them was not in memory, the system knows.
    /// </summary>
    public long BytesRead => Interlocked.Read(ref _bytesRead);

    /// <summary>Counts what a token, layer and head read: any thread may.</summary>
    public void CountRead(int keyBlocks, int valueBlocks) =>
        Interlocked.Add(ref _bytesRead, (long)(keyBlocks + valueBlocks) * (Shape.HeadBytes / 2));

    /// <summary>For tests: the file that takes what is sealed.</summary>
    internal BlockFile File => _file ??= new BlockFile(_folder, SegmentBlocks * Shape.BlockBytes);

    /// <summary>An archive with the same blocks, that shares all of them with this one.</summary>
    public ArchiveStore Fork() => new(this);

    /// <summary>Makes room for sealing blocks <paramref name="from"/> … <paramref name="end"/> − 1; all before are kept.</summary>
    /// <returns>Bytes copied because a fork shares them.</returns>
    public long Reserve(long from, long end)
    {
        _sealed = 0;
        if (from >= end) return 0;
        long copied = ReserveIndex(from, end), bytes = (end - from) * Shape.BlockBytes;
        // The first block that is sealed one by one gives back what a whole chunk took.
        if (_sealing is null || bytes > _sealing.ByteLength || bytes < _sealing.ByteLength / 4)
        {
            _sealing?.Dispose();
            _sealing = null;
            _sealing = new NativeBuffer(bytes);
        }
        _sealed = (int)(end - from);
        return copied;
    }

    /// <summary>Writes what was sealed since <see cref="Reserve"/>: all of it, or it throws and nothing has changed.</summary>
    /// <returns>Bytes copied because a fork or a saved file has them.</returns>
    /// <exception cref="System.IO.IOException">There is no room.</exception>
    public long Keep()
    {
        long copied = 0, end = Kept + _sealed;
        for (long block = Kept, next; block < end; block = next)
        {
            int segment = (int)(block / SegmentBlocks);
            long at = block % SegmentBlocks;
            next = Math.Min(end, block - at + SegmentBlocks);
            copied += Own(segment, at * Shape.BlockBytes);
            for (long n = block; n < next; n++) _blocks[segment]!.Write(n % SegmentBlocks * Shape.BlockBytes, Sealing(n));
        }
        (Kept, _sealed) = (end, 0);
        Drop();
        return copied;
    }

    /// <summary>Takes over the blocks of a saved file, and makes room for their index: for an archive that has none.</summary>
    /// <param name="saved">The blocks.</param>
    /// <param name="blocks">How many.</param>
    /// <param name="savedFirst">The first block of the file.</param>
    /// <param name="centres">[heads][D], of a file whose first blocks are dropped; else empty.</param>
    public void Load(MappedRegion saved, long blocks, long savedFirst, ReadOnlySpan<float> centres)
    {
        First = savedFirst;
        for (long first = 0; first < savedFirst; first += SegmentBlocks)
        {
            _blocks.Add(null);
            _index.Add(null);
        }
        ReserveIndex(savedFirst, blocks);
        for (long first = savedFirst; first < blocks; first += SegmentBlocks)
            _blocks.Add(new ArchiveSegment(saved, (first - savedFirst) * Shape.BlockBytes));
        if (!centres.IsEmpty)
        {
            _centres = new SharedBuffer(sizeof(float) * (long)centres.Length);
            centres.CopyTo(_centres.Buffer.Span<float>(0, centres.Length));
        }
        Kept = blocks;
    }

    /// <summary>μ of all heads, [heads][D]; empty where there is no index yet.</summary>
    public ReadOnlySpan<float> Centres => _centres is null ? [] : _centres.Buffer.Span<float>(0, Shape.Heads * Shape.HeadDim);

    /// <summary>Reads from a saved file what was written there; this archive's own place for it is free.</summary>
    /// <param name="saved">All blocks of <paramref name="still"/>.</param>
    /// <param name="savedFirst">The first block of the file.</param>
    /// <param name="still">The fork of this archive that was saved.</param>
    public void Adopt(MappedRegion saved, long savedFirst, ArchiveStore still)
    {
        for (int i = 0; i < Math.Min(_blocks.Count, still._blocks.Count); i++)
        {
            // A last one that this archive has gone on in is another.
            if (_blocks[i] is not { } own || own != still._blocks[i]) continue;
            own.Release();
            _blocks[i] = new ArchiveSegment(saved, ((long)i * SegmentBlocks - savedFirst) * Shape.BlockBytes);
        }
    }

    /// <summary>Gives back everything.</summary>
    public void Clear()
    {
        foreach (ArchiveSegment? segment in _blocks) segment?.Release();
        foreach (SharedBuffer? segment in _index) segment?.Release();
        _blocks.Clear();
        _index.Clear();
        _centres?.Release();
        _sealing?.Dispose();
        _file?.Release();
        (_centres, _sealing, _file, Origin, First, Kept, _sealed) = (null, null, null, null, 0, 0, 0);
    }

    /// <inheritdoc/>
    public void Dispose() => Clear();

    /// <summary>All bytes of a block.</summary>
    public ReadOnlySpan<byte> Block(long block) => Bytes(block, 0, checked((int)Shape.BlockBytes));

    /// <summary>Keys and values of one block and head.</summary>
    public ReadOnlySpan<byte> Head(long block, int slot) => Bytes(block, (long)slot * Shape.HeadBytes, Shape.HeadBytes);

    /// <summary>All bytes of a block that is being sealed.</summary>
    public Span<byte> Sealing(long block)
    {
        // Native memory has no bounds of its own, and whoever seals without keeping would leave it.
        if (block < Kept || block >= Kept + _sealed)
        {
            throw new ArgumentOutOfRangeException(
                nameof(block), block, $"Expected one of {_sealed} blocks from {Kept} on, which are being sealed.");
        }
        return _sealing!.Span<byte>((block - Kept) * Shape.BlockBytes, checked((int)Shape.BlockBytes));
    }

    /// <summary>[D]: cos, then sin, of the turn by minus a block's first position.</summary>
    public Span<float> Turn(long block) =>
        _index[(int)(block / SegmentBlocks)]!.Buffer.Span<float>(block % SegmentBlocks * Shape.TurnBytes, Shape.HeadDim);

    /// <summary>The index of one block and head; behind it lies that of the segment's next block and the same head.</summary>
    public Span<byte> Index(long block, int slot) => _index[(int)(block / SegmentBlocks)]!.Buffer.Span<byte>(
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
        ArchiveCodes.Write(Shape, Sealing(block).Slice(slot * Shape.HeadBytes, Shape.HeadBytes), keys, values);
        MakeIndex(block, slot, scratch);
    }

    /// <summary>Makes of the index of one head what block <paramref name="block"/> completes, from the stored codes alone.</summary>
    public void MakeIndex(long block, int slot, Span<float> scratch)
    {
        // Where the first blocks are dropped the centre came with the file, and no block settles it.
        int centre = First > 0 ? 0 : Shape.Options.CentreBlocks;
        if (!Shape.HasIndex || block < centre - 1) return;
        if (block == centre - 1) ArchiveIndex.FindCentre(this, slot, scratch);
        for (long i = block == centre - 1 ? 0 : block; i <= block; i++)
        {
            ArchiveCodes.ReadKeys(Shape, Head(i, slot), scratch);
            ArchiveIndex.Write(Shape, scratch, Centre(slot), Index(i, slot));
        }
    }

    private ReadOnlySpan<byte> Bytes(long block, long offset, int count) => block < Kept
        ? _blocks[(int)(block / SegmentBlocks)]!.Bytes(block % SegmentBlocks * Shape.BlockBytes + offset, count)
        : Sealing(block).Slice((int)offset, count);

    // What lies before the limit.
    private void Drop()
    {
        for (long end = Shape.FirstKept(Kept); First < end; First += SegmentBlocks)
        {
            int segment = (int)(First / SegmentBlocks);
            _blocks[segment]!.Release();
            _index[segment]!.Release();
            (_blocks[segment], _index[segment]) = (null, null);
        }
    }

    private long ReserveIndex(long from, long end)
    {
        if (from >= end) return 0;
        long copied = 0;
        int first = (int)(from / SegmentBlocks), last = (int)((end - 1) / SegmentBlocks), centre = Shape.Options.CentreBlocks;
        // The block that settles the centre gives all earlier ones their index.
        bool settles = Shape.HasIndex && First == 0 && from < centre && end >= centre;
        for (int i = settles ? 0 : first; i <= last; i++) TakeIndex(i, ref copied);
        if (!settles) return copied;
        long bytes = sizeof(float) * (long)Shape.Heads * Shape.HeadDim;
        _centres = _centres is null ? new SharedBuffer(bytes) : _centres.Unshare(ref copied);
        return copied;
    }

    private void TakeIndex(int index, ref long copied)
    {
        while (_index.Count <= index) _index.Add(new SharedBuffer(Shape.IndexBytes * SegmentBlocks));
        _index[index] = _index[index]!.Unshare(ref copied);
    }

    // A segment that may be written behind its first bytes: this archive's own, or a copy of those bytes.
    private long Own(int index, long bytes)
    {
        if (index < _blocks.Count && _blocks[index]!.IsOwn) return 0;
        ArchiveSegment own = File.Take();
        try
        {
            for (long at = 0; at < bytes; at += Shape.BlockBytes) own.Write(at, _blocks[index]!.Bytes(at, (int)Shape.BlockBytes));
        }
        catch
        {
            own.Release();
            throw;
        }
        if (index == _blocks.Count)
        {
            _blocks.Add(own);
            return 0;
        }
        _blocks[index]!.Release();
        _blocks[index] = own;
        return bytes;
    }
}
