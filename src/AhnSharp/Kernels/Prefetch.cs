using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace AhnSharp.Kernels;

/// <summary>Asks for memory before it is needed, where <see cref="KernelTable.HasPrefetch"/>.</summary>
internal static class Prefetch
{
    private const int CacheLine = 64;

    /// <summary>
    /// Asks for <paramref name="bytes"/> bytes from <paramref name="start"/> on to come into the second cache. Nothing
    /// is read, so nothing can fault.
    /// </summary>
    public static unsafe void IntoSecondCache(ref readonly byte start, int bytes)
    {
        if (!KernelTable.HasPrefetch) return;
        for (int line = 0; line < bytes; line += CacheLine) Sse.Prefetch1((byte*)Unsafe.AsPointer(ref Unsafe.AsRef(in start)) + line);
    }
}
