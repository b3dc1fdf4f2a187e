using System;
using System.Runtime.InteropServices;

namespace AhnSharp.Machine;

/// <summary>
/// Asks Linux to back memory with pages of 2 MiB instead of 4 KiB: fewer faults while weights are packed, fewer look-ups
/// of addresses while they stream.
/// </summary>
/// <remarks>
/// Many distributions give them only to who asks (/sys/kernel/mm/transparent_hugepage/enabled: madvise). Elsewhere, and where the system
/// has none to spare, memory is as it was.
/// </remarks>
internal static partial class LargePages
{
    /// <summary>Bytes of such a page.</summary>
    public const int Length = 2 << 20;

    private const int HugePage = 14; // MADV_HUGEPAGE, linux/mman.h

    /// <summary>
    /// Asks for <paramref name="byteLength"/> bytes from <paramref name="start"/>, which lies on a multiple of <see cref="Length"/>; the
    /// last, smaller part stays as it is.
    /// </summary>
    public static void Ask(nint start, long byteLength)
    {
        if (OperatingSystem.IsLinux()) _ = Advise(start, (nuint)(byteLength / Length * Length), HugePage);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
