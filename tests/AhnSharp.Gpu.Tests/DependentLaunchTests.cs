using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using AhnSharp.Gpu.Cuda.Kernels;
using ILGPU.Runtime.Cuda;
using Xunit;

namespace AhnSharp.Gpu.Tests;

/// <summary>
/// Kernels of a token that start while the one before still runs: each waits for it before it writes, on devices that can start it early.
/// </summary>
public sealed class DependentLaunchTests
{
    private static readonly Dictionary<string, MethodInfo> s_kernels = new (Type In, string Name, Type[] Types)[]
    {
        (typeof(Quantizing), nameof(Quantizing.Norm), []),
        (typeof(Products), nameof(Products.One), [typeof(Quantized<FormatQ8_0>), typeof(NoRows), typeof(Floating<FormatF32>)]),
        (typeof(SwiGlu), nameof(SwiGlu.One), [typeof(Quantized<FormatQ8_0>)]),
        (typeof(SwiGlu), nameof(SwiGlu.One), [typeof(Quantized<FormatQ4K>)]),
        (typeof(EnterRing), nameof(EnterRing.Run), []),
        (typeof(DecodeAttention), nameof(DecodeAttention.Run), [typeof(Head128)]),
        (typeof(DecodeJoin), nameof(DecodeJoin.Run), [typeof(Head128)]),
        (typeof(DecodeJoin), nameof(DecodeJoin.Plain), []),
        (typeof(BatchRowKernels), nameof(BatchRowKernels.Norm), []),
        (typeof(BatchRowKernels), nameof(BatchRowKernels.Convert), []),
        (typeof(BatchProduct), nameof(BatchProduct.Run), [typeof(FormatQ8_0), typeof(Batch16), typeof(LinearBatchEnd)]),
    }.ToDictionary(one => $"{one.In.Name}.{one.Name} {string.Join(' ', one.Types.Select(type => type.ToString().Split('.')[^1]))}", Method);

    public static TheoryData<string> Names => [.. s_kernels.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_kernel_writes_only_behind_the_wait(string name)
    {
        string ptx = CudaCompiler.PtxOf(s_kernels[name], CudaArchitecture.SM_90);
        int trigger = ptx.IndexOf("griddepcontrol.launch_dependents;", StringComparison.Ordinal),
            wait = ptx.IndexOf("griddepcontrol.wait;", StringComparison.Ordinal),
            write = ptx.IndexOf("st.global", StringComparison.Ordinal);
        Assert.Contains(".target sm_90", ptx, StringComparison.Ordinal);
        Assert.InRange(trigger, 0, wait);
        // The blocks of SwiGlu.One do not stand in the order in which they run.
        if (!name.StartsWith(nameof(SwiGlu), StringComparison.Ordinal)) Assert.InRange(write, wait, ptx.Length);
    }

    private static MethodInfo Method((Type In, string Name, Type[] Types) kernel)
    {
        MethodInfo method = kernel.In.GetMethod(kernel.Name, BindingFlags.Public | BindingFlags.Static)!;
        return kernel.Types.Length == 0 ? method : method.MakeGenericMethod(kernel.Types);
    }
}
