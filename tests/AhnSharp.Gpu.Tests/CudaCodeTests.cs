using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using AhnSharp.Gguf;
using AhnSharp.Gpu.Cuda;
using AhnSharp.Gpu.Cuda.Kernels;
using AhnSharp.Gpu.Training;
using Xunit;

namespace AhnSharp.Gpu.Tests;

/// <summary>
/// The CUDA kernels become PTX on every machine, with the instructions that they were written for and nothing in local memory.
/// </summary>
public sealed class CudaCodeTests
{
    private static readonly GgmlType[] s_types =

        [
            GgmlType.F32, GgmlType.F16, GgmlType.BF16, GgmlType.Q8_0, GgmlType.Q4_0, GgmlType.Q5_0,
            GgmlType.Q4_K, GgmlType.Q5_K, GgmlType.Q6_K,
        ];

    // Name → kernel, type arguments, an instruction that it must contain.
    private static readonly Dictionary<string, (MethodInfo Kernel, string Instruction)> s_kernels = Kernels().ToDictionary(
        kernel =>
            $"{kernel.In.Name}.{kernel.Name}{(kernel.Types.Length == 0 ? "" : $"<{string.Join(", ", kernel.Types.Select(NameOf))}>")}",
        kernel => (Method(kernel.In, kernel.Name, kernel.Types), kernel.Instruction), StringComparer.Ordinal);

    public static TheoryData<string> Names => [.. s_kernels.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_kernel_becomes_the_code_that_it_was_written_for(string name)
    {
        (MethodInfo kernel, string instruction) = s_kernels[name];
        string ptx = CudaCompiler.PtxOf(kernel);
        Assert.Contains(instruction, ptx, StringComparison.Ordinal);
        Assert.DoesNotContain(".local", ptx, StringComparison.Ordinal);
        // ILGPU makes of (float)(condition ? 1 : 0) the bits of the integer 1 as a float, which is as good as 0.
        Assert.DoesNotContain("0f00000001", ptx, StringComparison.Ordinal);
        // What is there from 9.0 on.
        Assert.DoesNotContain("griddepcontrol", ptx, StringComparison.Ordinal);
    }

    private static IEnumerable<(Type In, string Name, Type[] Types, string Instruction)> Kernels()
    {
        foreach (CudaFormat format in s_types.Select(type => CudaFormat.Of(type)!))
        {
            string multiply = format.IsFloat ? "mul.f32" : "dp4a.s32.s32";
            yield return (typeof(Products), nameof(Products.One), [format.RowSum, typeof(NoRows), typeof(NoRows)], multiply);
            yield return (typeof(SwiGlu), nameof(SwiGlu.One), [format.RowSum], multiply);
            yield return (typeof(HalfRowKernels), format.IsFloat ? nameof(HalfRowKernels.Narrow) : nameof(HalfRowKernels.Dequantize),
                [format.Load], "cvt.rn.f16x2.f32");
            if (format.IsFloat)
            {
                yield return (typeof(Products), nameof(Products.Four),
                    [format.RowSum, format.RowSum, typeof(Floating<FormatF32>)], multiply);
                yield return (typeof(SwiGlu), nameof(SwiGlu.Four), [format.RowSum], multiply);
            }
            else
            {
                foreach (Type tiles in new[] { typeof(Batch8), typeof(Batch16), typeof(Batch32), typeof(Batch64) })
                {
                    foreach (Type end in new[] { typeof(LinearBatchEnd), typeof(SwiGluBatchEnd) })
                    {
                        yield return (typeof(BatchProduct), nameof(BatchProduct.Run), [format.Load, tiles, end],
                            "mma.sync.aligned.m16n8k16");
                    }
                }
            }
            if (format.Packing is { } packing) yield return (typeof(PackKernel), nameof(PackKernel.Run), [packing], "st.global");
        }
        foreach (Type head in new[] { typeof(Head64), typeof(Head128) })
        {
            yield return (typeof(DecodeAttention), nameof(DecodeAttention.Run), [head], "mma.sync.aligned.m16n8k16");
            yield return (typeof(DecodeJoin), nameof(DecodeJoin.Run), [head], "ex2.approx");
            yield return (typeof(PrefillAttention), nameof(PrefillAttention.Run), [head], "ldmatrix.sync");
            yield return (typeof(PrefillFold), nameof(PrefillFold.Prepare), [head], "shfl.sync");
            yield return (typeof(PrefillFold), nameof(PrefillFold.UpdateAndRead), [head], "shfl.sync");
        }
        foreach (Type end in new[] { typeof(LinearEnd), typeof(SwiGluEnd) })
            yield return (typeof(MatrixTile), nameof(MatrixTile.Run), [end], "cp.async.cg");
        yield return (typeof(TensorProduct), nameof(TensorProduct.Run), [], "mma.sync.aligned.m16n8k8");
        yield return (typeof(Recurrence), nameof(Recurrence.Forward), [], "shfl.sync");
        yield return (typeof(Recurrence), nameof(Recurrence.Backward), [], "shfl.sync");
        yield return (typeof(DecodeJoin), nameof(DecodeJoin.Plain), [], "ex2.approx");
        yield return (typeof(PrefillMemory), nameof(PrefillMemory.Project), [], "shfl.sync");
        yield return (typeof(PackKernel), nameof(PackKernel.CopyRows), [], "st.global");
        yield return (typeof(EnterRing), nameof(EnterRing.Run), [], "cvt.rn.f16x2.f32");
        yield return (typeof(Quantizing), nameof(Quantizing.Norm), [], "cvt.rni.s32.f32");
        yield return (typeof(Quantizing), nameof(Quantizing.Rows), [], "cvt.rni.s32.f32");
        yield return (typeof(SwiGlu), nameof(SwiGlu.Rows), [], "cvt.rni.s32.f32");
        yield return (typeof(BatchRowKernels), nameof(BatchRowKernels.Convert), [], "cvt.rn.f16x2.f32");
        yield return (typeof(BatchRowKernels), nameof(BatchRowKernels.Norm), [], "cvt.rn.f16x2.f32");
        yield return (typeof(HalfRowKernels), nameof(HalfRowKernels.Convert), [], "cvt.rn.f16x2.f32");
    }

    private static MethodInfo Method(Type type, string name, Type[] types)
    {
        MethodInfo method = type.GetMethod(name, BindingFlags.Public | BindingFlags.Static)!;
        return types.Length == 0 ? method : method.MakeGenericMethod(types);
    }

    private static string NameOf(Type type) => type.IsGenericType ? NameOf(type.GenericTypeArguments[0]) : type.Name;
}
