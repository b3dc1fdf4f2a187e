using System;
using System.Linq;
using AhnSharp.Gpu.Devices;
using AhnSharp.Gpu.Kernels;
using AhnSharp.Gpu.Model;
using AhnSharp.Gpu.Portable;
using AhnSharp.Sessions;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace AhnSharp.Gpu.Checks;

/// <summary>A device that checks run on: ILGPU's simulation on the processor, or a real one.</summary>
public sealed class CheckedDevice
{
    private static readonly Lazy<Context> Simulated = new(
        () => Context.Create(builder => builder.CPU(CPUDeviceKind.Default).EnableAlgorithms()));
    private readonly Func<Accelerator> _create;
    private readonly Func<Accelerator, GpuShape, GpuKernels> _kernels;

    private CheckedDevice(string name, Func<Accelerator> create, Func<Accelerator, GpuShape, GpuKernels> kernels) =>
        (Name, _create, _kernels) = (name, create, kernels);

    public string Name { get; }

    /// <summary>Whether models run on it with the CUDA kernels.</summary>
    public bool HasCudaKernels { get; private init; }

    /// <summary>ILGPU's simulation: groups of at most 16 threads, which are threads of the processor.</summary>
    public static CheckedDevice Simulation(int groupSize) => new(
        $"simulation, groups of {groupSize}", () =>
            Simulated.Value.GetCPUDevice(0).CreateCPUAccelerator(Simulated.Value, CPUAcceleratorMode.Parallel),
        (accelerator, shape) => new PortableKernels(accelerator, shape, groupSize));

    /// <summary>The first device of a kind with the kernels that models run with on it; null where there is none.</summary>
    public static CheckedDevice? First(GpuKind kind) =>
        GpuDevices.All.FirstOrDefault(device => device.Kind == kind) is { } found ? Of(found) : null;

    /// <summary>A device with the kernels that models run with on it.</summary>
    public static CheckedDevice Of(GpuDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return new CheckedDevice($"{device.Id} ({device.Name})", () => device.CreateAccelerator(),
            KernelSets.Create)
        { HasCudaKernels = device.Kind == GpuKind.Cuda };
    }

    /// <summary>The device with the portable kernels.</summary>
    public CheckedDevice WithPortableKernels() =>
        new($"{Name}, portable kernels", _create, (accelerator, shape) =>
            new PortableKernels(accelerator, shape, PortableKernels.GroupSizeFor(accelerator)));

    internal Accelerator CreateAccelerator() => _create();

    internal GpuKernels CreateKernels(Accelerator accelerator, GpuShape shape) => _kernels(accelerator, shape);

    /// <summary>Loads a model, its layers spread over so many accelerators of this device.</summary>
    public GpuModel Load(string path, string? ahnPath = null, int chunkTokens = 256, int stages = 1) => GpuModelLoad.Load(
        path, ahnPath, new ModelOptions { ChunkTokens = chunkTokens }, Name,
        layers => LayerPlacement.Over(layers, layers, [.. Enumerable.Repeat(1L, stages)]), (shape, _) => _kernels(_create(), shape));

    /// <summary>Loads a model whose first layers run on this device and the others on the processor.</summary>
    public GpuModel LoadSplit(string path, int layers, int chunkTokens) => GpuModelLoad.Load(
        path, null, new ModelOptions { ChunkTokens = chunkTokens, Threads = 1 }, Name, all => LayerPlacement.Over(all, layers, 1),
        (shape, _) => _kernels(_create(), shape));
}
