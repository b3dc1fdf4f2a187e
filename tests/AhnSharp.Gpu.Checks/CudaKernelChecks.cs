using System;
using System.Collections.Generic;
using System.Reflection;
using System.Runtime.InteropServices;
using AhnSharp.Checks;
using AhnSharp.Gguf;
using AhnSharp.Gpu.Cuda;
using AhnSharp.Gpu.Cuda.Kernels;
using AhnSharp.Quants;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Checks;

/// <summary>
/// The CUDA kernels that multiply weights, on ILGPU's simulation with warps of 32, where their PTX is replaced by the C# beside it.
/// </summary>
public static class CudaKernelChecks
{
    // Neither whole groups of rows nor whole chunks of 32 groups of columns.
    private const int Rows = 5, Columns = 1280, Tokens = 3;

    public static IEnumerable<Check> All
    {
        get
        {
            foreach (GgmlType type in ProductChecks.Types)
            {
                yield return new Check($"packed weights of {type}, one token and a few, simulated", null, () => Few(type));
                yield return new Check($"SwiGLU of packed {type}, one token, simulated", null, () => Gated(type));
                yield return new Check($"weights of {type} as halves and in panels, simulated", null, () => Halves(type));
            }
        }
    }

    private static void Few(GgmlType type)
    {
        using Accelerator accelerator = CudaSimulation.Create(warps: 4);
        CudaFormat format = CudaFormat.Of(type)!;
        byte[] stored = WeightFill.Random(type, Rows, Columns, seed: 7);
        using CudaMatrix matrix = Pack(accelerator, format, type, stored);
        float[] x = Measure.Random(1, Tokens * Columns), bias = Measure.Random(2, Rows);
        using MemoryBuffer1D<float, Stride1D.Dense> values = accelerator.Allocate1D(x), biases = accelerator.Allocate1D(bias),
            y = accelerator.Allocate1D<float>(Tokens * Rows);
        using MemoryBuffer1D<Word4, Stride1D.Dense> quants = accelerator.Allocate1D<Word4>(Tokens * Columns / 16);
        using MemoryBuffer1D<Float2, Stride1D.Dense> scales = accelerator.Allocate1D<Float2>(Tokens * Columns / 32);
        var a = new Activations
        {
            Values = values.View.AsContiguous(),
            Quants = quants.View.AsContiguous(),
            Scales = scales.View.AsContiguous(),
        };
        accelerator.LoadStreamKernel<Activations, int, int>(Quantizing.Rows)(
            new KernelConfig(Tokens * Columns / 32 / 4, 128), a, Columns, Tokens);
        var part = new ProductPart
        {
            Weights = matrix.Weights,
            Output = y.View.AsContiguous(),
            Bias = biases.View.AsContiguous(),
            HasBias = 1,
            Rows = Rows,
        };
        Type[] types = [format.RowSum, typeof(NoRows), typeof(NoRows)];

        // Bytes of activations cost what they cost on the processor.
        double most = format.IsFloat ? 1e-10 : 5e-4;
        if (format.IsFloat)
        {
            var four = accelerator.LoadStreamKernel(Kernel<Action<Activations, ProductPart, ProductPart, ProductPart, ProductPart, int>>(
                typeof(Products), nameof(Products.Four), types));
            four(new KernelConfig((Rows + 3) / 4, 128), a, part, default, default, default, Tokens);
            accelerator.Synchronize();
            Measure.Demand(y.GetAsArray1D(), Expected(type, stored, x, bias, Tokens), most, $"{Tokens} tokens");
        }

        var one = accelerator.LoadStreamKernel(Kernel<Action<Activations, ProductPart, ProductPart, ProductPart, ProductPart, int>>(
            typeof(Products), nameof(Products.One), types));
        foreach (int warps in new[] { 1, 2, 4 })
        {
            y.MemSetToZero();
            one(new KernelConfig((Rows + 4 / warps - 1) / (4 / warps), 128), a, part, default, default, default, warps);
            accelerator.Synchronize();
            Measure.Demand(y.GetAsArray1D().AsSpan(0, Rows), Expected(type, stored, x, bias, 1), most, $"one token, {warps} warps a row");
        }
    }

    // Eight rows of W_gate, eight of W_up: one warp of four has outputs.
    private static void Gated(GgmlType type)
    {
        const int ffn = 8;
        using Accelerator accelerator = CudaSimulation.Create(warps: 4);
        CudaFormat format = CudaFormat.Of(type)!;
        byte[] stored = WeightFill.Random(type, 2 * ffn, Columns, seed: 8);
        using CudaMatrix matrix = Pack(accelerator, format, type, stored, 2 * ffn);
        float[] x = Measure.Random(1, Columns, 0.1f), products = Expected(type, stored, x, new float[2 * ffn], 1), expected = new float[32];
        for (int i = 0; i < ffn; i++) expected[i] = (float)(products[i] / (1 + Math.Exp(-products[i])) * products[ffn + i]);
        using MemoryBuffer1D<float, Stride1D.Dense> values = accelerator.Allocate1D(x), outputs = accelerator.Allocate1D<float>(32);
        using MemoryBuffer1D<Word4, Stride1D.Dense> quants = accelerator.Allocate1D<Word4>(Columns / 16),
            outputQuants = accelerator.Allocate1D<Word4>(2);
        using MemoryBuffer1D<Float2, Stride1D.Dense> scales = accelerator.Allocate1D<Float2>(Columns / 32),
            outputScales = accelerator.Allocate1D<Float2>(1);
        outputs.MemSetToZero();
        var a = new Activations
        {
            Values = values.View.AsContiguous(),
            Quants = quants.View.AsContiguous(),
            Scales = scales.View.AsContiguous(),
        };
        var h = new Activations
        {
            Values = outputs.View.AsContiguous(),
            Quants = outputQuants.View.AsContiguous(),
            Scales = outputScales.View.AsContiguous(),
        };
        accelerator.LoadStreamKernel<Activations, int, int>(Quantizing.Rows)(new KernelConfig(Columns / 32 / 4, 128), a, Columns, 1);
        accelerator.LoadStreamKernel(
            Kernel<Action<Activations, PackedWeights, int, Activations>>(typeof(SwiGlu), nameof(SwiGlu.One), format.RowSum))(
                new KernelConfig(1, SwiGlu.OneThreads), a, matrix.Weights, ffn, h);
        accelerator.Synchronize();
        Measure.Demand(outputs.GetAsArray1D(), expected, format.IsFloat ? 1e-10 : 2e-3, "outputs");
        float[] bytes = [.. MemoryMarshal.Cast<Word4, sbyte>(outputQuants.GetAsArray1D()).ToArray()];
        float scale = outputScales.GetAsArray1D()[0].X;
        Measure.Demand(Array.ConvertAll(bytes, q => q * scale), outputs.GetAsArray1D(), 5e-4, "outputs as bytes");
    }

    private static void Halves(GgmlType type)
    {
        using Accelerator accelerator = CudaSimulation.Create(warps: 4);
        CudaFormat format = CudaFormat.Of(type)!;
        byte[] stored = WeightFill.Random(type, Rows, Columns, seed: 7);
        using CudaMatrix matrix = Pack(accelerator, format, type, stored);
        using MemoryBuffer1D<Word4, Stride1D.Dense> halves = accelerator.Allocate1D<Word4>(Rows * Columns / 8);
        var kernel = accelerator.LoadStreamKernel(Kernel<Action<PackedWeights, int, int, ArrayView<Word4>>>(
            typeof(HalfRowKernels), format.IsFloat ? nameof(HalfRowKernels.Narrow) : nameof(HalfRowKernels.Dequantize), format.Load));
        kernel(new KernelConfig((Rows * Columns / (format.IsFloat ? 8 : 32) + 31) / 32, 32), matrix.Weights, 0, Rows,
            halves.View.AsContiguous());
        accelerator.Synchronize();
        float[] found = Array.ConvertAll(MemoryMarshal.Cast<Word4, System.Half>(halves.GetAsArray1D()).ToArray(), half => (float)half);
        float[] expected = new float[Rows * Columns];
        for (int r = 0; r < Rows; r++) Quantization.Dequantize(type, Row(type, stored, r), expected.AsSpan(r * Columns, Columns));
        Measure.Demand(found, expected, 3e-7, "halves");

        // Rows 1 … of the matrix at rows 3 … of the panels.
        const int First = 1, At = 3, PanelRows = 8;
        using MemoryBuffer1D<Word4, Stride1D.Dense> panels = accelerator.Allocate1D<Word4>(PanelRows * Columns / 8);
        accelerator.LoadStreamKernel(Kernel<Action<PackedWeights, int, int, int, int, ArrayView<Word4>>>(
            typeof(Panels), format.IsFloat ? nameof(Panels.Narrow) : nameof(Panels.Dequantize), format.Load))(
                new KernelConfig(
                    ((Rows - First) * Columns / (format.IsFloat ? 8 : 32) + Panels.Threads - 1) / Panels.Threads, Panels.Threads),
                matrix.Weights, First, Rows - First, At, PanelRows, panels.View.AsContiguous());
        accelerator.Synchronize();
        Word4[] words = panels.GetAsArray1D();
        found = new float[(Rows - First) * Columns];
        for (int i = 0; i < found.Length; i++)
        {
            Word4 eight = words[Panels.At(At + i / Columns, i % Columns / 8, PanelRows)];
            found[i] = (float)MemoryMarshal.Cast<Word4, System.Half>(new ReadOnlySpan<Word4>(in eight))[i % 8];
        }
        Measure.Demand(found, expected.AsSpan(First * Columns), 3e-7, "panels");
    }

    internal static CudaMatrix Pack(
        Accelerator accelerator, CudaFormat format, GgmlType type, byte[] stored, int rows = Rows, int columns = Columns)
    {
        var matrix = new CudaMatrix(accelerator, type, format, rows, columns);
        using MemoryBuffer1D<byte, Stride1D.Dense> bytes = accelerator.Allocate1D(stored);
        if (format.Packing is { } packing)
        {
            var kernel = accelerator.LoadStreamKernel(
                Kernel<Action<ArrayView<byte>, int, int, RowMap, PackedWeights>>(typeof(PackKernel), nameof(PackKernel.Run), packing));
            kernel(new KernelConfig((rows * columns / 32 + 31) / 32, 32), bytes.View.AsContiguous(), 0, rows, default, matrix.Weights);
        }
        else
        {
            int rowLength = (int)type.RowBytes(columns) / 16;
            var kernel = accelerator.LoadStreamKernel<ArrayView<Word4>, int, int, int, RowMap, PackedWeights>(PackKernel.CopyRows);
            kernel(new KernelConfig((rows * rowLength + 31) / 32, 32), bytes.View.AsContiguous().Cast<Word4>(), 0, rows, rowLength, default,
                matrix.Weights);
        }
        accelerator.Synchronize();
        return matrix;
    }

    private static TDelegate Kernel<TDelegate>(Type type, string name, params Type[] types)
        where TDelegate : Delegate =>
        type.GetMethod(name, BindingFlags.Public | BindingFlags.Static)!.MakeGenericMethod(types).CreateDelegate<TDelegate>();

    private static ReadOnlySpan<byte> Row(GgmlType type, byte[] stored, int row, int columns = Columns)
    {
        int bytes = (int)type.RowBytes(columns);
        return stored.AsSpan(row * bytes, bytes);
    }

    internal static float[] Expected(GgmlType type, byte[] stored, float[] x, float[] bias, int tokens, int columns = Columns)
    {
        float[] w = new float[columns], y = new float[bias.Length * tokens];
        for (int r = 0; r < bias.Length; r++)
        {
            Quantization.Dequantize(type, Row(type, stored, r, columns), w);
            for (int t = 0; t < tokens; t++)
            {
                double sum = bias[r];
                for (int k = 0; k < columns; k++) sum += (double)w[k] * x[t * columns + k];
                y[t * bias.Length + r] = (float)sum;
            }
        }
        return y;
    }
}
