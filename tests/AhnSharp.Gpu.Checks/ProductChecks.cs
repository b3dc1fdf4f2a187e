using System;
using System.Collections.Generic;
using AhnSharp.Checks;
using AhnSharp.Gguf;
using AhnSharp.Gpu.Kernels;
using AhnSharp.Quants;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Checks;

/// <summary>Products with every weight format against its definition in double precision.</summary>
public static class ProductChecks
{
    private const int Columns = 512;

    public static readonly GgmlType[] Types =

        [
            GgmlType.F32, GgmlType.F16, GgmlType.BF16, GgmlType.Q8_0, GgmlType.Q4_0, GgmlType.Q5_0,
            GgmlType.Q4_K, GgmlType.Q5_K, GgmlType.Q6_K,
        ];

    private static readonly (int Rows, int Tokens)[] Sizes = [(1, 1), (67, 1), (9, 3), (33, 8), (67, 9), (40, 70)];

    public static IEnumerable<Check> Of(CheckedDevice device, int groupSize)
    {
        foreach (GgmlType type in Types)
            yield return new Check($"products of {type} on {device.Name}", null, () => Run(device, groupSize, type));
    }

    private static void Run(CheckedDevice device, int groupSize, GgmlType type)
    {
        using Accelerator accelerator = device.CreateAccelerator();
        using var kernels = new OpenKernels(accelerator, new GpuShape(Columns, 1, 1, 32, 64, 64, 1e-6f, null, 0, 80), groupSize);
        foreach ((int rows, int tokens) in Sizes)
        {
            byte[] stored = WeightFill.Random(type, rows, Columns, seed: rows);
            using DeviceMatrix w = kernels.UploadOne(
                new MatrixSource(type, rows, Columns, (at, to) => stored.AsSpan((int)at, to.Length).CopyTo(to)));
            float[] x = Measure.Random(1, tokens * Columns), bias = Measure.Random(2, rows), before = Measure.Random(3, rows * tokens);
            using MemoryBuffer1D<float, Stride1D.Dense> xs = accelerator.Allocate1D(x), ys = accelerator.Allocate1D(before),
                biases = accelerator.Allocate1D(bias);
            kernels.MultiplyOne(w, xs.View.AsContiguous(), ys.View.AsContiguous(), default, tokens, accumulate: true);
            Measure.Demand(
                ys.GetAsArray1D(), Expected(type, stored, x, rows, tokens, before, null), 1e-8, $"{rows} rows, {tokens} tokens, added");
            kernels.MultiplyOne(w, xs.View.AsContiguous(), ys.View.AsContiguous(), biases.View.AsContiguous(), tokens, accumulate: false);
            Measure.Demand(
                ys.GetAsArray1D(), Expected(type, stored, x, rows, tokens, null, bias), 1e-8, $"{rows} rows, {tokens} tokens, with a bias");
        }
    }

    private static float[] Expected(GgmlType type, byte[] stored, float[] x, int rows, int tokens, float[]? before, float[]? bias)
    {
        float[] w = new float[Columns], y = new float[rows * tokens];
        int rowBytes = (int)type.RowBytes(Columns);
        for (int r = 0; r < rows; r++)
        {
            Quantization.Dequantize(type, stored.AsSpan(r * rowBytes, rowBytes), w);
            for (int t = 0; t < tokens; t++)
            {
                double sum = bias?[r] ?? before![t * rows + r];
                for (int k = 0; k < Columns; k++) sum += (double)w[k] * x[t * Columns + k];
                y[t * rows + r] = (float)sum;
            }
        }
        return y;
    }
}
