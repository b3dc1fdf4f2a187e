using System;
using AhnSharp.Kernels;

namespace AhnSharp.Hippocampus;

/// <summary>The compressed memory of one layer of one text: M [H, D keys, D values] f32, row-major, zero at the start.</summary>
/// <remarks>
/// Written by <see cref="Hippocampus.UpdateAndRead"/> alone, one head by one thread at a time. Its size does not depend on the
/// length of the text; it takes resident memory only once tokens leave the window. Two memories may share their states
/// (<see cref="Fork"/>) until one of them is about to write (<see cref="Unshare"/>).
/// </remarks>
internal sealed class MemoryState : IDisposable
{
    private readonly int _heads, _stateFloats;
    private SharedBuffer? _states; // null once disposed

    /// <summary>An empty memory.</summary>
    /// <param name="heads">Query heads.</param>
    /// <param name="headDim">D.</param>
    public MemoryState(int heads, int headDim)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(heads);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(headDim);
        _heads = heads;
        _stateFloats = checked(headDim * headDim);
        _states = new SharedBuffer(ByteLength);
    }

    private MemoryState(MemoryState other) =>
        (_heads, _stateFloats, _states) = (other._heads, other._stateFloats, other.States.Share());

    /// <summary>Bytes of all states, also where they are shared.</summary>
    public long ByteLength => (long)_heads * _stateFloats * sizeof(float);

    /// <summary>What it holds.</summary>
    internal SharedBuffer States
    {
        get
        {
            ObjectDisposedException.ThrowIf(_states is null, this);
            return _states;
        }
    }

    /// <summary>Bytes that such memories of <paramref name="layers"/> layers take.</summary>
    public static long Bytes(int layers, int heads, int headDim) => (long)layers * heads * headDim * headDim * sizeof(float);

    /// <summary>A memory of the same text, that shares all states with this one.</summary>
    public MemoryState Fork() => new(this);

    /// <summary>Makes all states this memory's alone, ready to be written.</summary>
    /// <returns>Bytes copied because another memory shares them.</returns>
    public long Unshare()
    {
        long copied = 0;
        _states = States.Unshare(ref copied);
        return copied;
    }

    /// <summary>M [D, D] of one head.</summary>
    public Span<float> Of(int head)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)head, (uint)_heads, nameof(head));
        return States.Buffer.Span<float>((long)head * _stateFloats * sizeof(float), _stateFloats);
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        // Shared states stay as they are for the other.
        if (States.IsShared) _states = States.Fresh();
        else for (int head = 0; head < _heads; head++) Of(head).Clear();
    }

    /// <summary>Copies <see cref="ByteLength"/> bytes away, so that a pass can be undone.</summary>
    public void CopyTo(NativeBuffer destination, long byteOffset = 0)
    {
        ArgumentNullException.ThrowIfNull(destination);
        for (int head = 0; head < _heads; head++) Of(head).CopyTo(Copy(destination, byteOffset, head));
    }

    /// <summary>Puts back what <see cref="CopyTo"/> took.</summary>
    public void CopyFrom(NativeBuffer source, long byteOffset = 0)
    {
        ArgumentNullException.ThrowIfNull(source);
        for (int head = 0; head < _heads; head++) Copy(source, byteOffset, head).CopyTo(Of(head));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _states?.Release();
        _states = null;
    }

    private Span<float> Copy(NativeBuffer other, long byteOffset, int head)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteOffset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(byteOffset, other.ByteLength - ByteLength);
        return other.Span<float>(byteOffset + (long)head * _stateFloats * sizeof(float), _stateFloats);
    }
}
