using System;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using AhnSharp.Checks;
using AhnSharp.Gguf;
using AhnSharp.Gpu.Checks;
using AhnSharp.Gpu.Cuda;
using AhnSharp.Gpu.Cuda.Kernels;
using AhnSharp.Gpu.Tests.Ptx;
using ILGPU;
using ILGPU.Runtime;
using Xunit;

namespace AhnSharp.Gpu.Tests;

/// <summary>
/// The product of a batch, as ILGPU compiles it, computes what its definition says: groups that go from tile to tile, tiles that several
/// have a part of, matrices that end within a tile, rows that end within a step.
/// </summary>
public sealed class BatchCodeTests
{
    [Theory]
    [InlineData(GgmlType.Q8_0, 3, 4, 512, new[] { 512, 128, 128 })]
    [InlineData(GgmlType.Q8_0, 40, 4, 512, new[] { 512, 128, 128 })]
    [InlineData(GgmlType.Q8_0, 8, 9, 992, new[] { 450, 32, 130 })]
    [InlineData(GgmlType.Q8_0, 16, 3, 416, new[] { 130 })]
    [InlineData(GgmlType.Q4_0, 5, 7, 416, new[] { 300 })]
    [InlineData(GgmlType.Q5_0, 20, 2, 416, new[] { 140 })]
    [InlineData(GgmlType.Q4_K, 7, 5, 768, new[] { 300 })]
    [InlineData(GgmlType.Q5_K, 2, 3, 768, new[] { 150 })]
    [InlineData(GgmlType.Q6_K, 33, 7, 512, new[] { 150, 20, 1 })]
    public void A_product_is_what_its_definition_says(GgmlType type, int tokens, int groups, int columns, int[] rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        CudaFormat format = CudaFormat.Of(type)!;
        (Type tiles, int tileCount) = tokens <= 8 ? (typeof(Batch8), 1) : tokens <= 16 ? (typeof(Batch16), 2)
            : tokens <= 32 ? (typeof(Batch32), 4) : (typeof(Batch64), 8);
        PtxProgram program = new(Compile(format.Load, tiles));
        PtxMachine machine = new(program, 32 << 20);
        using Accelerator accelerator = CudaSimulation.Create(warps: 4);
        // Parameters: tokens as halves; three matrices; how many tokens; parts of tiles.
        float[] x = Measure.Random(1, tokens * columns);
        (ulong values, ulong scales) = PutTokens(machine, x, tokens, columns, tileCount);
        machine.SetAddress(0, 0, values);
        machine.SetAddress(0, 16, scales);
        machine.SetInteger(4, 0, tokens);
        machine.SetAddress(5, 0, machine.Allocate(2 * groups * tileCount * BatchProduct.Threads * 16));
        ulong arrived = machine.Allocate(256);
        machine.SetAddress(5, 16, arrived);
        byte[][] stored = [.. rows.Select((count, i) => WeightFill.Random(type, count, columns, seed: 7 + i))];
        float[][] biases = [.. rows.Select((count, i) => Measure.Random(20 + i, count))];
        ulong[] outputs = [.. rows.Select((count, i) => PutMatrix(machine, accelerator, 1 + i, format, type, stored[i], biases[i],
            (tokens, columns)))];

        machine.Run(groups, BatchProduct.Threads);

        for (int i = 0; i < rows.Length; i++)
        {
            float[] found = MemoryMarshal.Cast<byte, float>(machine.At(outputs[i], 4 * tokens * rows[i])).ToArray();
            // Tokens and weights were rounded to halves.
            Measure.Demand(found, CudaKernelChecks.Expected(type, stored[i], x, biases[i], tokens, columns), 3e-7, $"matrix {i}");
        }
        Assert.Equal(-1, machine.At(arrived, 256).IndexOfAnyExcept((byte)0));
    }

    private static string Compile(Type format, Type tiles) =>
        CudaCompiler.PtxOf(typeof(BatchProduct).GetMethod(nameof(BatchProduct.Run), BindingFlags.Public | BindingFlags.Static)!
            .MakeGenericMethod(format, tiles, typeof(LinearBatchEnd)));

    // A power of two is taken out, as the kernels that prepare tokens do.
    private static (ulong Values, ulong Scales) PutTokens(PtxMachine machine, float[] x, int tokens, int columns, int tiles)
    {
        const float factor = 1024;
        ulong values = machine.Allocate(BatchProduct.StepsOf(columns) * tiles * 8 * BatchProduct.Columns * 2);
        ulong scales = machine.Allocate(tiles * 8 * 4);
        for (int t = 0; t < tokens; t++)
        {
            for (int c = 0; c < columns; c++)
            {
                ulong at = values + (ulong)(4 * BatchRows.WordOf(t, c / 2 * 2, tiles) + c % 2 * 2);
                BitConverter.TryWriteBytes(machine.At(at, 2), PtxMath.HalfBits(x[t * columns + c] * factor));
            }
            BitConverter.TryWriteBytes(machine.At(scales + (ulong)(4 * t), 4), 1 / factor);
        }
        return (values, scales);
    }

    /// <summary>The planes of a matrix, as <see cref="PackedWeights"/> lays them out, and what else a part has.</summary>
    /// <returns>Where the result goes.</returns>
    private static ulong PutMatrix(PtxMachine machine, Accelerator accelerator, int parameter, CudaFormat format, GgmlType type,
        byte[] stored, float[] bias, (int Tokens, int Columns) size)
    {
        using CudaMatrix matrix = CudaKernelChecks.Pack(accelerator, format, type, stored, bias.Length, size.Columns);
        machine.SetAddress(parameter, 0, Put(machine, matrix.Weights.Quants));
        machine.SetAddress(parameter, 16, Put(machine, matrix.Weights.HighBits));
        machine.SetAddress(parameter, 32, Put(machine, matrix.Weights.Scales));
        machine.SetAddress(parameter, 48, Put(machine, matrix.Weights.SuperScales));
        machine.SetInteger(parameter, 64, size.Columns);
        ulong output = machine.Allocate(4 * size.Tokens * bias.Length), biases = machine.Allocate(4 * bias.Length);
        MemoryMarshal.AsBytes(bias.AsSpan()).CopyTo(machine.At(biases, 4 * bias.Length));
        machine.SetAddress(parameter, 72, output);
        machine.SetAddress(parameter, 88, biases);
        machine.SetInteger(parameter, 104, 1);
        machine.SetInteger(parameter, 108, bias.Length);
        return output;
    }

    private static ulong Put<T>(PtxMachine machine, ArrayView<T> view)
        where T : unmanaged
    {
        T[] values = new T[view.Length];
        view.CopyToCPU(values);
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(values.AsSpan());
        ulong address = machine.Allocate(bytes.Length);
        bytes.CopyTo(machine.At(address, bytes.Length));
        return address;
    }
}
