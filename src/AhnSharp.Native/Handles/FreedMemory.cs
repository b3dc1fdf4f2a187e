using System;
using System.Runtime.InteropServices;

namespace AhnSharp.Native.Handles;

/// <summary>
/// Memory that was freed and is still the process's: of a model some tens of megabytes of vocabulary, and what lies between small tensors.
/// </summary>
internal static unsafe class FreedMemory
{
    // glibc's, where that is the C library; others keep less back.
    private static readonly delegate* unmanaged[Cdecl]<nuint, int> s_mallocTrim =
        OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "malloc_trim", out nint address)
            ? (delegate* unmanaged[Cdecl]<nuint, int>)address
            : null;

    internal static void GiveBack()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (s_mallocTrim is not null) s_mallocTrim(0);
    }
}
