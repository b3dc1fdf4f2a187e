using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using AhnSharp.Gpu.Cuda.Kernels;
using ILGPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace AhnSharp.Gpu.Devices;

/// <summary>The devices of this machine.</summary>
public static class GpuDevices
{
    private static readonly Lazy<Context> Shared = new(CreateContext);
    private static readonly Lazy<IReadOnlyList<GpuDevice>> Found = new(Enumerate);

    /// <summary>All devices, CUDA's before OpenCL's; none where no driver is installed.</summary>
    public static IReadOnlyList<GpuDevice> All => Found.Value;

    internal static Context Context => Shared.Value;

    /// <summary>
    /// The devices that a name means: <c>cuda</c>, <c>cuda:1</c>, <c>cuda:0,1</c>, <c>opencl</c>, <c>opencl:0</c>; <c>auto</c> is
    /// the first CUDA device, or none.
    /// </summary>
    /// <exception cref="GpuException">A device that was asked for is not there, or the name means none; the sentence
    /// says what was found.</exception>
    public static IReadOnlyList<GpuDevice> Select(string name) => Select(name, All);

    internal static IReadOnlyList<GpuDevice> Select(string name, IReadOnlyList<GpuDevice> all)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name == "auto") return [.. all.Where(device => device.Kind == GpuKind.Cuda).Take(1)];
        string[] parts = name.Split(':');
        GpuKind? kind = parts[0] switch { "cuda" => GpuKind.Cuda, "opencl" => GpuKind.OpenCl, _ => null };
        if (kind is null || parts.Length > 2)
            throw new GpuException($"Expected the device cpu, cuda, cuda:N, cuda:N,M, opencl, opencl:N or auto, found '{name}'.");
        List<GpuDevice> chosen = [];
        foreach (string number in parts.Length == 1 ? ["0"] : parts[1].Split(','))
        {
            if (!int.TryParse(
                number, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int index))
                throw new GpuException($"Expected numbers of devices behind {parts[0]}:, such as {parts[0]}:0, found '{name}'.");
            GpuDevice device = all.FirstOrDefault(one => one.Kind == kind && one.Index == index)
                ?? throw new GpuException(
                    $"There is no device {parts[0]}:{index} here: found {Describe(all)}; "
                        + (all.Count == 0 ? "leave the device out, and the processor computes." : "choose one of them, or cpu."));
            if (chosen.Contains(device)) throw new GpuException($"{device.Id} is named twice in '{name}': name each device once.");
            chosen.Add(device);
        }
        return chosen;
    }

    private static string Describe(IReadOnlyList<GpuDevice> all) =>
        all.Count == 0 ? "no GPU, or no driver of one" : string.Join(", ", all.Select(device => $"{device.Id} ({device.Name})"));

    private static List<GpuDevice> Enumerate()
    {
        List<GpuDevice> devices = [];
        foreach (CudaDevice device in Context.GetCudaDevices()) devices.Add(new GpuDevice(GpuKind.Cuda, devices.Count, device));
        int cuda = devices.Count;
        foreach (CLDevice device in Context.GetCLDevices()) devices.Add(new GpuDevice(GpuKind.OpenCl, devices.Count - cuda, device));
        return devices;
    }

    private static Context CreateContext()
    {
        // Without a compiler's packages there is only the versioned name: libOpenCL.so.1, libcuda.so.1.
        NativeLibrary.SetDllImportResolver(typeof(Context).Assembly, static (name, assembly, path) =>
        {
            if (!OperatingSystem.IsLinux()) return 0;
            string? versioned = name switch { "OpenCL" => "libOpenCL.so.1", "cuda" or "nvcuda" => "libcuda.so.1", _ => null };
            return versioned is not null && NativeLibrary.TryLoad(versioned, out nint handle) ? handle : 0;
        });
        return Context.Create(
            static builder => PtxLowering.Register(builder.Cuda().OpenCL(Allow).EnableAlgorithms().Optimize(OptimizationLevel.O2)));
    }

    // PoCL does not say that it has a generic address space, and its compiler takes no pointer without a space: at O2
    // every pointer of a kernel gets one.
    private static bool Allow(CLDevice device)
    {
        if (!device.Capabilities.GenericAddressSpace)
        {
            typeof(CLCapabilityContext).GetProperty(
                nameof(CLCapabilityContext.GenericAddressSpace))!.GetSetMethod(nonPublic: true)!.Invoke(device.Capabilities, [true]);
        }
        return true;
    }
}
