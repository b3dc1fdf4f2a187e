using System;
using System.Collections.Concurrent;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace AhnSharp.Gpu.Checks;

/// <summary>ILGPU's simulation with warps of 32, as the CUDA kernels want them; instead of their PTX the C# beside it runs.</summary>
internal static class CudaSimulation
{
    private static readonly ConcurrentDictionary<int, Lazy<Context>> s_contexts = new();

    /// <summary>A device whose groups have up to <paramref name="warps"/> warps; every thread is one of the processor.</summary>
    public static Accelerator Create(int warps)
    {
        Context context = s_contexts.GetOrAdd(warps, count =>
            new Lazy<Context>(() => Context.Create(builder => builder.CPU(new CPUDevice(32, count, 2)).EnableAlgorithms()))).Value;
        return context.GetCPUDevice(0).CreateCPUAccelerator(context, CPUAcceleratorMode.Parallel);
    }
}
