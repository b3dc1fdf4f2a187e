using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;

namespace AhnSharp.Cli.Commands;

/// <summary>A library that programs reach a GPU through: whether it is there, and what its driver says of itself.</summary>
/// <param name="Name">CUDA or OpenCL.</param>
/// <param name="Library">The file that was found; null where none was.</param>
/// <param name="Driver">The driver's version, or the vendors; null where unknown.</param>
/// <param name="LookedFor">The names of the library that were tried.</param>
internal sealed record GpuRuntime(string Name, string? Library, string? Driver, IReadOnlyList<string> LookedFor)
{
    internal static IReadOnlyList<GpuRuntime> Find()
    {
        string[] cuda = OperatingSystem.IsWindows() ? ["nvcuda.dll"] : ["libcuda.so.1", "libcuda.so"],
            opencl = OperatingSystem.IsWindows() ? ["OpenCL.dll"] : ["libOpenCL.so.1", "libOpenCL.so"];
        return
        [
            new("CUDA", Loadable(cuda), NvidiaDriver(), cuda), new("OpenCL", Loadable(opencl), OpenClVendors(), opencl),
        ];
    }

    private static string? Loadable(string[] names)
    {
        foreach (string name in names)
        {
            if (!NativeLibrary.TryLoad(name, out nint handle)) continue;
            NativeLibrary.Free(handle);
            return name;
        }
        return null;
    }

    private static string? NvidiaDriver()
    {
        const string path = "/proc/driver/nvidia/version";
        return File.Exists(path) ? File.ReadLines(path).FirstOrDefault()?.Trim() : null;
    }

    private static string? OpenClVendors()
    {
        const string folder = "/etc/OpenCL/vendors";
        if (!Directory.Exists(folder)) return null;
        string[] vendors = [.. Directory.GetFiles(folder, "*.icd")
            .Select(Path.GetFileNameWithoutExtension).OfType<string>().Order(StringComparer.Ordinal)];
        return vendors.Length == 0 ? null : string.Join(", ", vendors);
    }
}
