using System;
using System.Diagnostics;
using System.IO.MemoryMappedFiles;
using System.Threading;
using Microsoft.Win32.SafeHandles;

namespace AhnSharp.Files;

/// <summary>A range of a file in the address space, to read: several owners read it, and the last of them unmaps it.</summary>
/// <remarks>
/// The system brings in the pages that are looked at and drops them where memory is short, so a range costs addresses, not memory. The
/// handle it was made with may be closed. Whoever cuts the file off under it ends the process, as with a mapped model.
/// </remarks>
internal sealed unsafe class MappedRegion
{
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private int _owners = 1;

    /// <param name="file">Open for reading, and at least as long.</param>
    /// <param name="byteOffset">Where the range begins.</param>
    /// <param name="byteLength">At least 1.</param>
    public MappedRegion(SafeFileHandle file, long byteOffset, long byteLength)
    {
        using MemoryMappedFile mapping = MemoryMappedFile.CreateFromFile(
            file, null, 0, MemoryMappedFileAccess.Read, System.IO.HandleInheritability.None, leaveOpen: true);
        _view = mapping.CreateViewAccessor(byteOffset, byteLength, MemoryMappedFileAccess.Read);
        ByteLength = byteLength;
        // The view's finalizer unmaps what nobody released; until then the owners keep the view.
        _start = (byte*)_view.SafeMemoryMappedViewHandle.DangerousGetHandle() + _view.PointerOffset;
    }

    /// <summary>Bytes of the range.</summary>
    public long ByteLength { get; }

    /// <summary>Counts one owner more.</summary>
    public MappedRegion Share()
    {
        Interlocked.Increment(ref _owners);
        return this;
    }

    /// <summary>Gives up one ownership; spans of the range end with the last.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _owners) == 0) _view.Dispose();
    }

    /// <summary><paramref name="count"/> bytes from <paramref name="byteOffset"/> on.</summary>
    public ReadOnlySpan<byte> Bytes(long byteOffset, int count)
    {
        Debug.Assert(Volatile.Read(ref _owners) > 0 && byteOffset >= 0 && byteOffset + count <= ByteLength);
        return new ReadOnlySpan<byte>(_start + byteOffset, count);
    }
}
