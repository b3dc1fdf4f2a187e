using System.Threading;

namespace AhnSharp.Kernels;

/// <summary>Memory that several owners read and the last of them frees; whoever wants to write it must be its only owner.</summary>
/// <remarks>
/// Owners may live on different threads. Each calls <see cref="Share"/> for a further owner, <see cref="Release"/> once, and
/// <see cref="Unshare"/> before it writes: an owner that finds itself alone stays alone, since only an owner can make another.
/// </remarks>
internal sealed class SharedBuffer
{
    private int _owners = 1;

    /// <summary>Zeroed memory with one owner.</summary>
    public SharedBuffer(long byteLength) => Buffer = new NativeBuffer(byteLength);

    /// <summary>The memory, to be written by a single owner alone.</summary>
    public NativeBuffer Buffer { get; }

    /// <summary>Whether somebody else reads it too.</summary>
    public bool IsShared => Volatile.Read(ref _owners) > 1;

    /// <summary>Counts one owner more.</summary>
    public SharedBuffer Share()
    {
        Interlocked.Increment(ref _owners);
        return this;
    }

    /// <summary>Gives up one ownership; the last frees the memory.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _owners) == 0) Buffer.Dispose();
    }

    /// <summary>This memory where the caller is its only owner, else a copy that is, given for the caller's share of this.</summary>
    /// <param name="copied">Grows by the bytes that were copied.</param>
    public SharedBuffer Unshare(ref long copied)
    {
        if (!IsShared) return this;
        var own = new SharedBuffer(Buffer.ByteLength);
        Buffer.CopyTo(own.Buffer);
        copied += Buffer.ByteLength;
        Release();
        return own;
    }

    /// <summary>Zeroed memory of the same size with one owner, given for the caller's share of this.</summary>
    public SharedBuffer Fresh()
    {
        var fresh = new SharedBuffer(Buffer.ByteLength);
        Release();
        return fresh;
    }
}
