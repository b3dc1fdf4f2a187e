using System;
using System.Buffers.Binary;
using System.IO;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AhnSharp.Files;

/// <summary>
/// Which file a name leads to, through links, hard links and relative names: two names of one file have the same identity.
/// </summary>
/// <remarks>
/// Device and inode of Linux (statx, linux/stat.h) and macOS (stat with 64-bit inodes), volume and index of Windows. Where none of them can
/// be asked, the full name with links resolved stands for the file; hard links are then not seen.
/// </remarks>
internal readonly partial record struct FileIdentity
{
    private const int CurrentFolder = -100, EmptyPath = 0x1000;      // AT_FDCWD, AT_EMPTY_PATH
    private const uint BasicFacts = 0x7FF;                           // STATX_BASIC_STATS
    private const int TypeMask = 0xF000, RegularFile = 0x8000;       // S_IFMT, S_IFREG

    private FileIdentity(ulong device, ulong index, bool isRegular, uint names, string? name)
    {
        (Device, Index, IsRegular, Names, Name) = (device, index, isRegular, names, name);
    }

    private ulong Device { get; }

    private ulong Index { get; }

    private string? Name { get; }

    /// <summary>False of pipes, devices and sockets, which must not be replaced and may wait for ever where they are read.</summary>
    public bool IsRegular { get; }

    /// <summary>Names that the file has; more than one: hard links.</summary>
    public uint Names { get; }

    /// <summary>The identity of what stands under a name; null where nothing does, or a folder.</summary>
    public static FileIdentity? Of(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        // As every reader and writer of .NET takes it: '..' behind a link is the folder that the name shows.
        path = Path.GetFullPath(path);
        if (Directory.Exists(path) || !File.Exists(path)) return null;
        try
        {
            if (OperatingSystem.IsLinux()) return OnLinux(CurrentFolder, path, 0) ?? ByName(path);
            if (OperatingSystem.IsMacOS()) return OnMac(path) ?? ByName(path);
            if (OperatingSystem.IsWindows()) return OnWindows(path) ?? ByName(path);
        }
        catch (Exception error) when (error is EntryPointNotFoundException or DllNotFoundException)
        {
            // A C library older than statx (2018).
        }
        return ByName(path);
    }

    /// <summary>The identity of an open file; null where the system does not tell.</summary>
    internal static FileIdentity? Of(SafeFileHandle file)
    {
        try
        {
            return OperatingSystem.IsLinux() ? OnLinux((int)file.DangerousGetHandle(), "", EmptyPath) : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public bool Equals(FileIdentity other) =>
        Device == other.Device && Index == other.Index && string.Equals(Name, other.Name, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Device, Index, Name);

    private static FileIdentity ByName(string path)
    {
        string full = Path.GetFullPath(path), real = File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full;
        return new FileIdentity(0, 0, isRegular: true, 1, real);
    }

    // stx_nlink at 16, stx_mode at 28, stx_ino at 32, stx_dev_major and _minor at 136: the same on every processor.
    private static FileIdentity? OnLinux(int folder, string path, int flags)
    {
        Span<byte> facts = stackalloc byte[256];
        if (Statx(folder, path, flags, BasicFacts, ref MemoryMarshal.GetReference(facts)) != 0) return null;
        int mode = BinaryPrimitives.ReadUInt16LittleEndian(facts[28..]);
        return new FileIdentity(
            BinaryPrimitives.ReadUInt64LittleEndian(facts[136..]), BinaryPrimitives.ReadUInt64LittleEndian(facts[32..]),
            (mode & TypeMask) == RegularFile,
            BinaryPrimitives.ReadUInt32LittleEndian(facts[16..]), null);
    }

    // st_dev at 0, st_mode at 4, st_nlink at 6, st_ino at 8.
    private static FileIdentity? OnMac(string path)
    {
        Span<byte> facts = stackalloc byte[256];
        ref byte first = ref MemoryMarshal.GetReference(facts);
        if ((RuntimeInformation.ProcessArchitecture == Architecture.X64 ? StatX64(path, ref first) : Stat(path, ref first)) != 0)
            return null;
        int mode = BinaryPrimitives.ReadUInt16LittleEndian(facts[4..]);
        return new FileIdentity(
            BinaryPrimitives.ReadUInt32LittleEndian(facts), BinaryPrimitives.ReadUInt64LittleEndian(facts[8..]),
            (mode & TypeMask) == RegularFile,
            BinaryPrimitives.ReadUInt16LittleEndian(facts[6..]), null);
    }

    // BY_HANDLE_FILE_INFORMATION: volume at 28, number of links at 40, index at 44 and 48.
    private static FileIdentity? OnWindows(string path)
    {
        SafeFileHandle file;
        try
        {
            file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        using (file)
        {
            Span<byte> facts = stackalloc byte[64];
            if (GetFileInformationByHandle(file, ref MemoryMarshal.GetReference(facts)) == 0) return null;
            ulong index =
                (ulong)BinaryPrimitives.ReadUInt32LittleEndian(facts[44..]) << 32 | BinaryPrimitives.ReadUInt32LittleEndian(facts[48..]);
            return new FileIdentity(BinaryPrimitives.ReadUInt32LittleEndian(facts[28..]), index, isRegular: true,
                BinaryPrimitives.ReadUInt32LittleEndian(facts[40..]), null);
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, ref byte facts);

    [LibraryImport("libc", EntryPoint = "stat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(string path, ref byte facts);

    [LibraryImport("libc", EntryPoint = "stat$INODE64", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX64(string path, ref byte facts);

    [LibraryImport("kernel32", EntryPoint = "GetFileInformationByHandle")]
    private static partial int GetFileInformationByHandle(SafeFileHandle file, ref byte facts);
}
