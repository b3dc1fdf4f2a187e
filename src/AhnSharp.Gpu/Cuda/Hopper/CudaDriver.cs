using System;
using System.Runtime.InteropServices;

namespace AhnSharp.Gpu.Cuda.Hopper;

/// <summary>What ILGPU does not import of NVIDIA's driver.</summary>
internal static partial class CudaDriver
{
    private const int MaxDynamicSharedBytes = 8;

    /// <summary>Lets a kernel have so many bytes of shared memory; beyond 48 KB they must be asked for.</summary>
    /// <returns>0, or the driver's error.</returns>
    public static int SetSharedBytes(IntPtr function, int bytes) => OperatingSystem.IsWindows()
        ? WindowsSetAttribute(function, MaxDynamicSharedBytes, bytes) : SetAttribute(function, MaxDynamicSharedBytes, bytes);

    [LibraryImport("libcuda.so.1", EntryPoint = "cuFuncSetAttribute")]
    private static partial int SetAttribute(IntPtr function, int attribute, int value);

    [LibraryImport("nvcuda", EntryPoint = "cuFuncSetAttribute")]
    private static partial int WindowsSetAttribute(IntPtr function, int attribute, int value);
}
