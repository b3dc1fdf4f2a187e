using System.Globalization;
using System.Runtime.CompilerServices;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace AhnSharp.Gpu.Devices;

/// <summary>A device that models can run on.</summary>
public sealed class GpuDevice
{
    internal GpuDevice(GpuKind kind, int index, Device device) => (Kind, Index, Device) = (kind, index, device);

    /// <summary>How it is reached.</summary>
    public GpuKind Kind { get; }

    /// <summary>Its number among those of its kind, from 0.</summary>
    public int Index { get; }

    /// <summary>What options call it: cuda:0, opencl:1.</summary>
    public string Id => string.Create(CultureInfo.InvariantCulture, $"{Word(Kind)}:{Index}");

    /// <summary>What its driver calls it.</summary>
    public string Name => Device.Name.Trim();

    /// <summary>Bytes of memory, used or not.</summary>
    public long MemoryBytes => Device.MemorySize;

    /// <summary>Multiprocessors or compute units.</summary>
    public int Multiprocessors => Device.NumMultiprocessors;

    /// <summary>The driver's version, as far as it says.</summary>
    public string Driver => Device switch
    {
        CudaDevice cuda => string.Create(
            CultureInfo.InvariantCulture, $"CUDA {cuda.DriverVersion}, {cuda.Architecture?.ToString() ?? "unknown architecture"}"),
        CLDevice cl => string.Create(
            CultureInfo.InvariantCulture, $"OpenCL {cl.PlatformVersion.Major}.{cl.PlatformVersion.Minor}, {cl.VendorName.Trim()}"),
        _ => "",
    };

    /// <summary>Bytes of memory that are free now; null where the driver does not say.</summary>
    public long? FreeBytes()
    {
        using Accelerator accelerator = CreateAccelerator();
        return accelerator is CudaAccelerator cuda ? cuda.GetFreeMemory() : null;
    }

    internal Device Device { get; }

    internal Accelerator CreateAccelerator()
    {
        Accelerator accelerator = Device.CreateAccelerator(GpuDevices.Context);
        if (accelerator is not CudaAccelerator cuda) return accelerator;
        // ILGPU's default stream is the one that all of a context share, and what is enqueued there cannot be recorded.
        SetDefaultStream(cuda, cuda.CreateStream());
        // ILGPU 1.5.3 writes PTX for 8.0 at most; some instructions of ours are there from 9.0 on.
        if (cuda.Architecture.Major >= 9) SetTarget(cuda.Capabilities, CudaArchitecture.SM_90);
        return cuda;
    }

    internal static string Word(GpuKind kind) => kind == GpuKind.Cuda ? "cuda" : "opencl";

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_DefaultStream")]
    private static extern void SetDefaultStream(Accelerator accelerator, AcceleratorStream stream);

    /// <summary>For which compute capability PTX is written.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_TargetArchitecture")]
    internal static extern void SetTarget(CudaCapabilityContext capabilities, CudaArchitecture target);
}
