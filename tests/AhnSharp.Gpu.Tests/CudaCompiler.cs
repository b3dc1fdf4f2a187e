using System;
using System.Reflection;
using AhnSharp.Gpu.Cuda.Kernels;
using AhnSharp.Gpu.Devices;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace AhnSharp.Gpu.Tests;

/// <summary>Compiles kernels as a CUDA device has them compiled, on any machine.</summary>
internal static class CudaCompiler
{
    private static readonly Lazy<Context> s_context = new(
        () => Context.Create(builder => PtxLowering.Register(builder.EnableAlgorithms().Optimize(OptimizationLevel.O2))));

    /// <summary>The PTX of a kernel for a device of compute capability 8.0.</summary>
    public static string PtxOf(MethodInfo kernel) => PtxOf(kernel, CudaArchitecture.SM_80);

    /// <summary>The PTX of a kernel for a device.</summary>
    public static string PtxOf(MethodInfo kernel, CudaArchitecture architecture)
    {
        using var backend = new PTXBackend(s_context.Value, architecture, CudaInstructionSet.ISA_80, null!);
        GpuDevice.SetTarget(backend.Capabilities, architecture);
        return ((PTXCompiledKernel)backend.Compile(
            EntryPointDescription.FromExplicitlyGroupedKernel(kernel), new KernelSpecialization(null, null))).PTXAssembly;
    }
}
