using System;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AhnSharp.Machine;

namespace AhnSharp.Kernels;

/// <summary>Zeroed memory outside the managed heap, 64-byte aligned, of any length (arrays end at 2 GiB).</summary>
/// <remarks>
/// Large buffers come from the system as untouched zero pages, so a ring of 32,768 slots costs resident memory only as far as it
/// is filled. With the mapped file (GgufPart) the one place of the engine that holds a pointer; everybody else takes spans or refs from it.
/// </remarks>
internal sealed unsafe class NativeBuffer : IDisposable
{
    private const int Alignment = 64;

    [ThreadStatic]
    private static long t_allocated;

    private void* _allocation;
    private byte* _start;

    /// <summary>Allocates <paramref name="byteLength"/> zero bytes.</summary>
    public NativeBuffer(long byteLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteLength);
        Allocate(byteLength);
    }

    /// <summary>Allocates <paramref name="byteLength"/> bytes that will all be written, in large pages where the system has them.</summary>
    internal static NativeBuffer ForWeights(long byteLength)
    {
        if (byteLength < 2 * LargePages.Length) return new NativeBuffer(byteLength);
        NativeBuffer buffer = new(byteLength, LargePages.Length);
        LargePages.Ask((nint)buffer._start, byteLength);
        return buffer;
    }

    private NativeBuffer(long byteLength, int alignment) => Allocate(byteLength, alignment);

    /// <summary>Frees the memory of a buffer that nobody disposed.</summary>
    ~NativeBuffer() => Free();

    /// <summary>
    /// Bytes that this thread has taken since it began, as <see cref="GC.GetAllocatedBytesForCurrentThread"/> counts the managed ones.
    /// </summary>
    internal static long AllocatedBytesForCurrentThread => t_allocated;

    /// <summary>Bytes usable from the start.</summary>
    public long ByteLength { get; private set; }

    /// <summary>The <typeparamref name="T"/> at <paramref name="byteOffset"/>, where <paramref name="count"/> of them must fit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T Ref<T>(long byteOffset, long count = 1) where T : unmanaged
    {
        Debug.Assert(_start != null && byteOffset >= 0 && byteOffset + count * sizeof(T) <= ByteLength);
        return ref Unsafe.AsRef<T>(_start + byteOffset);
    }

    /// <summary><paramref name="count"/> elements from <paramref name="byteOffset"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<T> Span<T>(long byteOffset, int count) where T : unmanaged
    {
        Debug.Assert(_start != null && byteOffset >= 0 && byteOffset + (long)count * sizeof(T) <= ByteLength);
        return new Span<T>(_start + byteOffset, count);
    }

    /// <summary>Copies as much as fits into another buffer.</summary>
    public void CopyTo(NativeBuffer destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ObjectDisposedException.ThrowIf(_start == null || destination._start == null, this);
        long count = Math.Min(ByteLength, destination.ByteLength);
        Buffer.MemoryCopy(_start, destination._start, destination.ByteLength, count);
    }

    /// <summary>Makes the buffer longer, what it holds included; spans and refs into it end.</summary>
    public void Grow(long byteLength)
    {
        ObjectDisposedException.ThrowIf(_start == null, this);
        ArgumentOutOfRangeException.ThrowIfLessThan(byteLength, ByteLength);
        void* old = _allocation;
        byte* from = _start;
        long count = ByteLength;
        Allocate(byteLength);
        Buffer.MemoryCopy(from, _start, byteLength, count);
        NativeMemory.Free(old);
        GC.RemoveMemoryPressure(count + Alignment);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Allocate(long byteLength, int alignment = Alignment)
    {
        _allocation = NativeMemory.AllocZeroed((nuint)byteLength + (nuint)alignment);
        _start = (byte*)(((nuint)_allocation + (nuint)alignment - 1) & ~((nuint)alignment - 1));
        ByteLength = byteLength;
        t_allocated += byteLength + Alignment;
        GC.AddMemoryPressure(byteLength + Alignment);
    }

    private void Free()
    {
        if (_allocation == null) return;
        NativeMemory.Free(_allocation);
        _allocation = null;
        _start = null;
        GC.RemoveMemoryPressure(ByteLength + Alignment);
    }
}
