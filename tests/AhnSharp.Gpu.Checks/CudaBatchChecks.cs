using System;
using System.Collections.Generic;
using AhnSharp.Checks;
using AhnSharp.Gguf;
using AhnSharp.Gpu.Cuda;
using AhnSharp.Gpu.Cuda.Kernels;
using AhnSharp.Gpu.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Checks;

/// <summary>Products of a batch on ILGPU's simulation, against their definition in double precision.</summary>
/// <remarks>
/// The simulation has four groups of threads, so that cuts go through tiles. A product of the matrix units is 32 shuffles of it: the small
/// form, one tile of rows, takes seconds, the others minutes.
/// </remarks>
public static class CudaBatchChecks
{
    // ILGPU's simulation does not round floats to the nearest half, as devices do.
    private const double Most = 5e-6;

    /// <summary>What takes seconds.</summary>
    public static IEnumerable<Check> Small =>
        [new Check("a small batch times Q8_0, simulated", null, () => Linear(GgmlType.Q8_0, 3, [20], 160, 1))];

    /// <summary>
    /// Three matrices, none a multiple of the tiles' 128 rows, the last of one row; columns that end within a step.
    /// </summary>
    public static IEnumerable<Check> All
    {
        get
        {
            foreach (GgmlType type in new[] { GgmlType.Q8_0, GgmlType.Q4_0, GgmlType.Q5_0 })
                yield return new Check($"a batch times {type}, simulated", null, () => Linear(type, 3, [150, 20, 1], 288, 2));
            // Two groups: each ends a tile within its steps, and both have a part of the second.
            yield return new Check("a batch whose groups go from tile to tile, simulated", null, () =>
                Linear(GgmlType.Q8_0, 3, [300], 512, 1));
            yield return new Check("a batch of two tiles, simulated", null, () => Linear(GgmlType.Q8_0, 11, [150, 20, 1], 288, 1));
            yield return new Check("SwiGLU of a batch, simulated", null, Gated);
        }
    }

    private static void Linear(GgmlType type, int tokens, int[] rows, int columns, int turns)
    {
        using Accelerator accelerator = CudaSimulation.Create(warps: 8);
        using var scratch = new GpuScratch(accelerator, Shape(columns, tokens));
        var batch = new CudaBatch(accelerator, Shape(columns, tokens), scratch, new PassGraphs(accelerator));
        float[] x = Measure.Random(1, tokens * columns);
        using MemoryBuffer1D<float, Stride1D.Dense> values = accelerator.Allocate1D(x);
        // In the second turn, what the first left must be as it was found.
        for (int turn = 0; turn < turns; turn++)
        {
            batch.Convert(values.View.AsContiguous(), columns, tokens);
            var matrices = new CudaMatrix[rows.Length];
            var outputs = new MemoryBuffer1D<float, Stride1D.Dense>[rows.Length];
            var biases = new MemoryBuffer1D<float, Stride1D.Dense>[rows.Length];
            var stored = new byte[rows.Length][];
            var parts = new ProductPart[rows.Length];
            for (int i = 0; i < rows.Length; i++)
            {
                stored[i] = WeightFill.Random(type, rows[i], columns, seed: 7 + i);
                matrices[i] = CudaKernelChecks.Pack(accelerator, CudaFormat.Of(type)!, type, stored[i], rows[i], columns);
                outputs[i] = accelerator.Allocate1D(Measure.Random(20 + i, tokens * rows[i]));
                biases[i] = accelerator.Allocate1D(Measure.Random(30 + i, rows[i]));
                parts[i] = new ProductPart
                {
                    Weights = matrices[i].Weights,
                    Output = outputs[i].View.AsContiguous(),
                    Bias = biases[i].View.AsContiguous(),
                    HasBias = i == 1 ? 0 : 1,
                    Rows = rows[i],
                    Accumulate = i == 1 ? 1 : 0,
                };
            }
            batch.Linear(matrices[0].Format, parts[0], rows.Length > 1 ? parts[1] : default, rows.Length > 2 ? parts[2] : default, tokens);
            accelerator.Synchronize();
            for (int i = 0; i < rows.Length; i++)
            {
                float[] bias = i == 1 ? new float[rows[i]] : Measure.Random(30 + i, rows[i]);
                float[] expected = CudaKernelChecks.Expected(type, stored[i], x, bias, tokens, columns);
                float[] before = Measure.Random(20 + i, tokens * rows[i]);
                for (int k = 0; i == 1 && k < expected.Length; k++) expected[k] += before[k];
                Measure.Demand(outputs[i].GetAsArray1D(), expected, Most, $"{tokens} tokens, matrix {i}");
                matrices[i].Dispose();
                outputs[i].Dispose();
                biases[i].Dispose();
            }
        }
    }

    private static void Gated()
    {
        const int tokens = 3, ffn = 72, columns = 288;
        const GgmlType type = GgmlType.Q8_0;
        using Accelerator accelerator = CudaSimulation.Create(warps: 8);
        using var scratch = new GpuScratch(accelerator, Shape(columns, tokens));
        var batch = new CudaBatch(accelerator, Shape(columns, tokens), scratch, new PassGraphs(accelerator));
        byte[] stored = WeightFill.Random(type, 2 * ffn, columns, seed: 8);
        using CudaMatrix both = CudaKernelChecks.Pack(accelerator, CudaFormat.Of(type)!, type, stored, 2 * ffn, columns);
        float[] x = Measure.Random(1, tokens * columns, 0.1f), weight = Measure.Random(2, columns),
            normed = Normed(x, weight, tokens, columns);
        float[] products = CudaKernelChecks.Expected(type, stored, normed, new float[2 * ffn], tokens, columns),
            expected = new float[tokens * ffn];
        for (int t = 0; t < tokens; t++)
        {
            for (int f = 0; f < ffn; f++)
            {
                float gate = products[t * 2 * ffn + f / 8 * 16 + f % 8], up = products[t * 2 * ffn + f / 8 * 16 + 8 + f % 8];
                expected[t * ffn + f] = (float)(gate / (1 + Math.Exp(-gate)) * up);
            }
        }
        using MemoryBuffer1D<float, Stride1D.Dense> values = accelerator.Allocate1D(x), weights = accelerator.Allocate1D(weight),
            floats = accelerator.Allocate1D<float>(x.Length), y = accelerator.Allocate1D<float>(tokens * ffn);
        batch.Norm(
            values.View.AsContiguous(), scratch.Table, false, weights.View.AsContiguous(), 1e-6f, columns,
            floats.View.AsContiguous(), tokens);
        batch.SwiGlu(both, y.View.AsContiguous(), tokens);
        accelerator.Synchronize();
        Measure.Demand(floats.GetAsArray1D(), normed, 1e-10, "the norm");
        Measure.Demand(y.GetAsArray1D(), expected, 2 * Most, "outputs");
    }

    private static float[] Normed(float[] x, float[] weight, int tokens, int columns)
    {
        float[] normed = new float[x.Length];
        for (int t = 0; t < tokens; t++)
        {
            double squares = 0;
            for (int i = 0; i < columns; i++) squares += (double)x[t * columns + i] * x[t * columns + i];
            double scale = 1 / Math.Sqrt(squares / columns + 1e-6);
            for (int i = 0; i < columns; i++) normed[t * columns + i] = (float)(x[t * columns + i] * scale * weight[i]);
        }
        return normed;
    }

    private static GpuShape Shape(int columns, int tokens) => new(columns, 1, 1, 32, 64, 160, 1e-6f, null, 0, tokens);
}
