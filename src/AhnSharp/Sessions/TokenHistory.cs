using System;
using AhnSharp.Kernels;

namespace AhnSharp.Sessions;

/// <summary>
/// The ids of a text in the order they were fed, 4 bytes each, in memory that grows by doubling and that forks share until one goes on.
/// </summary>
internal sealed class TokenHistory : IDisposable
{
    private const int FirstCapacity = 1024;
    private SharedBuffer? _ids;

    public TokenHistory()
    {
    }

    private TokenHistory(TokenHistory other) => (_ids, Count) = (other._ids?.Share(), other.Count);

    /// <summary>Ids kept.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes taken now, those shared with forks included.</summary>
    public long ByteLength => _ids?.Buffer.ByteLength ?? 0;

    /// <summary>The ids; they stay where they are until the next <see cref="Reserve"/>.</summary>
    public ReadOnlySpan<int> Ids => _ids is null ? [] : _ids.Buffer.Span<int>(0, Count);

    /// <summary>What it holds; null before the first.</summary>
    public SharedBuffer? Buffer => _ids;

    public TokenHistory Fork() => new(this);

    /// <summary>Makes room for ids behind those that are kept.</summary>
    /// <returns>Bytes copied because a fork shares them.</returns>
    public long Reserve(int more)
    {
        long needed = sizeof(int) * ((long)Count + more), copied = 0;
        _ids ??= new SharedBuffer(Math.Max(sizeof(int) * FirstCapacity, needed));
        _ids = _ids.Unshare(ref copied);
        // The buffer grows in place: a token allocates nothing on the managed heap.
        if (needed > ByteLength) _ids.Buffer.Grow(Math.Max(2 * ByteLength, needed));
        return copied;
    }

    /// <summary>Adds ids for which there is room.</summary>
    public void Append(ReadOnlySpan<int> ids) => ids.CopyTo(Extend(ids.Length));

    /// <summary>Adds ids, for which there is room, that the caller fills in.</summary>
    public Span<int> Extend(int more)
    {
        Count += more;
        return _ids!.Buffer.Span<int>(sizeof(int) * ((long)Count - more), more);
    }

    public void Clear()
    {
        _ids?.Release();
        (_ids, Count) = (null, 0);
    }

    public void Dispose() => Clear();
}
