using System;
using System.Threading;
using AhnSharp.Files;

namespace AhnSharp.Archive;

/// <summary>Consecutive blocks in a mapped file, which several archives may read: what was written never changes.</summary>
/// <remarks>
/// It lies in a <see cref="BlockFile"/>, where its only owner may write behind what it holds, or in a saved file, where nobody may.
/// </remarks>
internal sealed class ArchiveSegment
{
    private readonly MappedRegion _region;
    private readonly BlockFile? _file;
    private readonly long _offset;
    private readonly int _slot;
    private int _owners = 1;

    /// <summary>A segment of a saved file.</summary>
    /// <param name="saved">Its blocks; shared.</param>
    /// <param name="offset">Where in them the segment begins.</param>
    public ArchiveSegment(MappedRegion saved, long offset) => (_region, _offset) = (saved.Share(), offset);

    /// <summary>A segment of a file without a name.</summary>
    /// <param name="file">The file, which gets the slot back.</param>
    /// <param name="slot">Which of its slots.</param>
    /// <param name="region">The piece of the file that it lies in.</param>
    /// <param name="offset">Where in that piece.</param>
    public ArchiveSegment(BlockFile file, int slot, MappedRegion region, long offset) =>
        (_file, _slot, _region, _offset) = (file, slot, region, offset);

    /// <summary>Whether it may be written: it is nobody else's, and not a part of a saved file.</summary>
    public bool IsOwn => _file is not null && Volatile.Read(ref _owners) == 1;

    /// <summary>Bytes that were written.</summary>
    public ReadOnlySpan<byte> Bytes(long offset, int count) => _region.Bytes(_offset + offset, count);

    /// <summary>Writes bytes that nobody has looked at.</summary>
    /// <exception cref="System.IO.IOException">There is no room; the sentence names the folder.</exception>
    public void Write(long offset, ReadOnlySpan<byte> bytes) => _file!.Write(_slot, offset, bytes);

    /// <summary>Counts one owner more.</summary>
    public ArchiveSegment Share()
    {
        Interlocked.Increment(ref _owners);
        return this;
    }

    /// <summary>Gives up one ownership; with the last, its place is free.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _owners) > 0) return;
        if (_file is not null) _file.Free(_slot);
        else _region.Release();
    }
}
