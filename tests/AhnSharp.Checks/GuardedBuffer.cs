using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AhnSharp.Checks;

/// <summary>Memory that ends at a page without access: a read or write one byte beyond ends the process.</summary>
/// <remarks>Unix only (mmap, mprotect); see <see cref="IsSupported"/>.</remarks>
public sealed unsafe partial class GuardedBuffer : IDisposable
{
    private const int ProtectNone = 0;
    private const int ProtectReadWrite = 3;
    private const int MapPrivate = 2;
    private readonly byte* _mapping;
    private readonly nuint _mappingBytes;
    private readonly byte* _start;

    public GuardedBuffer(int byteLength)
    {
        ByteLength = byteLength;
        nuint page = (nuint)Environment.SystemPageSize;
        nuint usable = ((nuint)byteLength + page - 1) / page * page;
        _mappingBytes = usable + page;
        int anonymous = OperatingSystem.IsLinux() ? 0x20 : 0x1000;
        nint mapping = Map(0, _mappingBytes, ProtectReadWrite, MapPrivate | anonymous, -1, 0);
        if (mapping == -1)
            throw new InvalidOperationException($"mmap of {_mappingBytes} bytes failed with error {Marshal.GetLastPInvokeError()}.");
        _mapping = (byte*)mapping;
        if (Protect((nint)(_mapping + usable), page, ProtectNone) != 0)
        {
            throw new InvalidOperationException($"mprotect failed with error {Marshal.GetLastPInvokeError()}.");
        }
        _start = _mapping + usable - byteLength;
    }

    public static bool IsSupported => OperatingSystem.IsLinux() || OperatingSystem.IsMacOS();

    public int ByteLength { get; }

    /// <summary>The usable bytes; the last one lies right before the guard page.</summary>
    public Span<byte> Bytes => new(_start, ByteLength);

    /// <summary>The first of them, typed.</summary>
    public ref T Ref<T>() where T : unmanaged => ref Unsafe.AsRef<T>(_start);

    /// <summary>A guarded copy.</summary>
    public static GuardedBuffer Of<T>(ReadOnlySpan<T> values) where T : unmanaged
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(values);
        var buffer = new GuardedBuffer(bytes.Length);
        bytes.CopyTo(buffer.Bytes);
        return buffer;
    }

    public void Dispose() => _ = Unmap((nint)_mapping, _mappingBytes);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);
}
