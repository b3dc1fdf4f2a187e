using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Checks;
using AhnSharp.Gguf;
using AhnSharp.Gpu.Cuda;
using AhnSharp.Gpu.Cuda.Hopper;
using AhnSharp.Gpu.Cuda.Kernels;
using AhnSharp.Gpu.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Checks;

/// <summary>
/// Products of many rows on a CUDA device against their definition in double precision: by the tiles of every card, and where the
/// device has them by the kernels for compute capability 9.0.
/// </summary>
public static class ManyRowsChecks
{
    // Rows, and weights that are no halves, were rounded to halves.
    private const double Most = 3e-7;

    /// <summary>Tokens, columns and matrices: ends within a tile, one tile, more tiles than a device has multiprocessors.</summary>
    private static readonly (GgmlType Type, int Tokens, int Columns, int[] Rows)[] Shapes =
    [
        (GgmlType.Q8_0, 65, 64, [2]), (GgmlType.Q8_0, 130, 448, [258, 20, 2, 84]), (GgmlType.Q4_0, 129, 512, [512, 128, 128]),
        (GgmlType.Q5_0, 300, 96, [130]), (GgmlType.Q4_K, 257, 768, [896, 128, 128, 43]), (GgmlType.Q5_K, 70, 256, [136]),
        (GgmlType.Q6_K, 200, 512, [640]), (GgmlType.F16, 128, 192, [128, 128]), (GgmlType.BF16, 90, 320, [66]),
        (GgmlType.Q8_0, 1000, 128, [4600]),
    ];

    private static readonly (GgmlType Type, int Tokens, int Columns, int Ffn)[] Gated =
        [(GgmlType.Q8_0, 65, 64, 8), (GgmlType.Q4_K, 300, 512, 776), (GgmlType.F16, 130, 448, 1216), (GgmlType.Q8_0, 700, 128, 4096)];

    /// <summary>All of them; none where models do not run with the CUDA kernels.</summary>
    public static IEnumerable<Check> Of(CheckedDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (!device.HasCudaKernels) yield break;
        foreach (bool hopper in new[] { false, true })
        {
            string kernels = hopper ? "the device's own kernels" : "tiles";
            foreach ((GgmlType type, int tokens, int columns, int[] rows) in Shapes)
            {
                yield return new Check(
                    $"many rows by {kernels}: {tokens} of {columns} times {type} of {string.Join(", ", rows)} on {device.Name}", null,
                    () => Linear(device, hopper, type, tokens, columns, rows));
            }
            foreach ((GgmlType type, int tokens, int columns, int ffn) in Gated)
            {
                yield return new Check($"many rows by {kernels}: SwiGLU of {tokens} of {columns}, {type} of {ffn} on {device.Name}", null,
                    () => SwiGlu(device, hopper, type, tokens, columns, ffn));
            }
        }
    }

    private static void Linear(CheckedDevice device, bool hopper, GgmlType type, int tokens, int columns, int[] rows)
    {
        using Accelerator accelerator = device.CreateAccelerator();
        using GpuScratch scratch = new(accelerator, Shape(columns, tokens));
        CudaManyRows many = new(accelerator, hopper ? HopperProducts.Create(accelerator) : null, tokens, columns, scratch);
        float[] x = Measure.Random(1, tokens * columns);
        using MemoryBuffer1D<float, Stride1D.Dense> values = accelerator.Allocate1D(x);
        byte[][] stored = [.. rows.Select((count, i) => WeightFill.Random(type, count, columns, seed: 7 + i))];
        CudaMatrix[] matrices = [.. rows.Select((count, i) =>
            CudaKernelChecks.Pack(accelerator, CudaFormat.Of(type)!, type, stored[i], count, columns))];
        var outputs = rows.Select((count, i) => accelerator.Allocate1D(Measure.Random(20 + i, tokens * count))).ToArray();
        var biases = rows.Select((count, i) => accelerator.Allocate1D(Measure.Random(30 + i, count))).ToArray();
        // The first adds, the second has no bias.
        ProductPart[] parts = [.. rows.Select((count, i) => new ProductPart
        {
            Weights = matrices[i].Weights,
            Output = outputs[i].View.AsContiguous(),
            Bias = biases[i].View.AsContiguous(),
            HasBias = i == 1 ? 0 : 1,
            Rows = count,
            Accumulate = i == 0 ? 1 : 0,
        })];
        many.Linear(values.View.AsContiguous(), tokens, [.. matrices.Zip(parts)]);
        accelerator.Synchronize();
        for (int i = 0; i < rows.Length; i++)
        {
            float[] bias = i == 1 ? new float[rows[i]] : Measure.Random(30 + i, rows[i]);
            float[] expected = CudaKernelChecks.Expected(type, stored[i], x, bias, tokens, columns);
            float[] before = Measure.Random(20 + i, tokens * rows[i]);
            for (int k = 0; i == 0 && k < expected.Length; k++) expected[k] += before[k];
            Measure.Demand(outputs[i].GetAsArray1D(), expected, Most, $"matrix {i}");
            matrices[i].Dispose();
            outputs[i].Dispose();
            biases[i].Dispose();
        }
    }

    private static void SwiGlu(CheckedDevice device, bool hopper, GgmlType type, int tokens, int columns, int ffn)
    {
        using Accelerator accelerator = device.CreateAccelerator();
        using GpuScratch scratch = new(accelerator, Shape(columns, tokens));
        CudaManyRows many = new(accelerator, hopper ? HopperProducts.Create(accelerator) : null, tokens, columns, scratch);
        float[] x = Measure.Random(1, tokens * columns, 0.2f);
        byte[] stored = WeightFill.Random(type, 2 * ffn, columns, seed: 8);
        using CudaMatrix both = CudaKernelChecks.Pack(accelerator, CudaFormat.Of(type)!, type, stored, 2 * ffn, columns);
        float[] products = CudaKernelChecks.Expected(type, stored, x, new float[2 * ffn], tokens, columns),
            expected = new float[tokens * ffn];
        for (int i = 0; i < expected.Length; i++)
        {
            int f = i % ffn, at = i / ffn * 2 * ffn + f / 8 * 16 + f % 8;
            expected[i] = (float)(products[at] / (1 + Math.Exp(-products[at])) * products[at + 8]);
        }
        using MemoryBuffer1D<float, Stride1D.Dense> values = accelerator.Allocate1D(x),
            output = accelerator.Allocate1D<float>(expected.Length);
        many.SwiGlu(values.View.AsContiguous(), both, output.View.AsContiguous(), tokens);
        accelerator.Synchronize();
        Measure.Demand(output.GetAsArray1D(), expected, 4 * Most, "outputs");
    }

    private static GpuShape Shape(int columns, int tokens) => new(columns, 1, 1, 32, 64, 64, 1e-6f, null, 0, tokens);
}
