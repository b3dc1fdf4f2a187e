using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Attention;
using AhnSharp.Checks;
using AhnSharp.Gguf;
using AhnSharp.Gpu.Kernels;
using AhnSharp.Gpu.Portable;
using AhnSharp.Network;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Checks;

/// <summary>
/// Whole layers by the CUDA kernels against the portable ones on the same device: every format, both head sizes,
/// every memory, a few rows and many.
/// </summary>
public static class CudaLayerChecks
{
    private const int Chunk = 64;

    // The first pass fills the window; then single tokens, a few and many push others out of it.
    private static readonly int[] Passes = [40, 1, 1, 3, 20, 1, 7, 1];

    // More rows than a tile of any kernel.
    private const int LongChunk = 300;

    private static readonly int[] LongPasses = [300, 1, 200, 130];

    private static readonly (GgmlType Type, GgmlType Other)[] Types =
    [
        (GgmlType.Q8_0, GgmlType.Q8_0), (GgmlType.Q4_0, GgmlType.Q5_0), (GgmlType.Q4_K, GgmlType.Q6_K), (GgmlType.Q5_K, GgmlType.Q6_K),
        (GgmlType.F16, GgmlType.BF16),
        (GgmlType.F32, GgmlType.F32),
    ];

    public static IEnumerable<Check> Of(CheckedDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (!device.HasCudaKernels) yield break;
        foreach ((GgmlType type, GgmlType other) in Types)
        {
            foreach ((HippocampusKind kind, int headDim) in new[]
            {
                (HippocampusKind.DeltaNet, 64), (HippocampusKind.GatedDeltaNet, 128), (HippocampusKind.Mamba2, 128),
            })
            {
                yield return Check(device, type, other,
                    new GpuShape(512, 512 / headDim, 2, headDim, 768, 64, 1e-6f, MemoryRule.Of(kind), 1e-5f, Chunk), 4, 16);
            }
        }

        // Nothing that a tile divides: 7 heads to a key/value head, rows and columns in eights, no sinks. Then heads that the set
        // leaves to the portable kernels.
        yield return Check(device, GgmlType.F16, GgmlType.F16,
            new GpuShape(448, 7, 1, 64, 776, 64, 1e-6f, MemoryRule.Of(HippocampusKind.Mamba2), 1e-5f, Chunk), 0, 21);
        yield return Check(device, GgmlType.Q8_0, GgmlType.Q8_0,
            new GpuShape(896, 14, 2, 64, 992, 64, 1e-6f, MemoryRule.Of(HippocampusKind.GatedDeltaNet), 1e-5f, Chunk), 3, 29);
        yield return Check(device, GgmlType.Q8_0, GgmlType.Q8_0,
            new GpuShape(384, 9, 1, 64, 416, 64, 1e-6f, MemoryRule.Of(HippocampusKind.DeltaNet), 1e-5f, Chunk), 3, 29);
        yield return Check(device, GgmlType.Q8_0, GgmlType.Q8_0,
            new GpuShape(384, 4, 2, 96, 416, 64, 1e-6f, MemoryRule.Of(HippocampusKind.DeltaNet), 1e-5f, Chunk), 3, 29);

        // Chunks of more than a tile: nothing left the window, most leave, a window of more than a tile of keys.
        foreach ((GgmlType type, HippocampusKind kind, int headDim, int sinks, int window) in new[]
        {
            (GgmlType.Q8_0, HippocampusKind.GatedDeltaNet, 128, 4, 400), (GgmlType.F16, HippocampusKind.DeltaNet, 128, 3, 100),
            (GgmlType.F16, HippocampusKind.Mamba2, 128, 0, 61), (GgmlType.F16, HippocampusKind.GatedDeltaNet, 64, 70, 150),
        })
        {
            yield return Check(device, type, type,
                new GpuShape(512, 512 / headDim, 2, headDim, 768, 64, 1e-6f, MemoryRule.Of(kind), 1e-5f, LongChunk), sinks, window);
        }

        // A token each of several texts: some full, one whose window nothing has left, in one launch; a prompt's piece beside them.
        foreach ((GgmlType type, HippocampusKind kind, int headDim) in new[]
        {
            (GgmlType.Q8_0, HippocampusKind.DeltaNet, 64), (GgmlType.Q4_K, HippocampusKind.GatedDeltaNet, 128),
            (GgmlType.F16, HippocampusKind.Mamba2, 128),
        })
        {
            GpuShape shape = new(512, 512 / headDim, 2, headDim, 768, 64, 1e-6f, MemoryRule.Of(kind), 1e-5f, Chunk);
            yield return new Check($"a layer of several texts, {type}, {kind}, heads of {headDim} on {device.Name}", null,
                () => Texts(device, type, shape));
        }

        // A Qwen3: norms of heads, no biases.
        foreach (GgmlType type in new[] { GgmlType.Q4_K, GgmlType.F16 })
        {
            GpuShape shape = new(512, 8, 2, 128, 768, 64, 1e-6f, MemoryRule.Of(HippocampusKind.GatedDeltaNet), 1e-5f, Chunk);
            yield return Check(device, type, type, shape, 4, 16, headNorms: true);
        }
    }

    private static Check Check(
        CheckedDevice device, GgmlType type, GgmlType other, GpuShape shape, int sinks, int window, bool headNorms = false) => new(
            $"layer of {type} and {other}, {shape.Hidden} wide, {shape.Memory}, {shape.Heads} heads of {shape.HeadDim}"
            + $"{(headNorms ? " with norms" : "")}{(shape.ChunkTokens == Chunk ? "" : ", long chunks")} on {device.Name}",
            null, () => Run(device, type, other, shape, sinks, window, headNorms));

    private static void Run(CheckedDevice device, GgmlType type, GgmlType other, GpuShape shape, int sinks, int window, bool headNorms)
    {
        using Accelerator accelerator = device.CreateAccelerator();
        LayerSource source = LayerFill.Of(shape, type, other, headNorms);
        using GpuKernels kernels = device.CreateKernels(accelerator, shape), portable = new PortableKernels(accelerator, shape, 256);
        using GpuLayer layer = kernels.UploadLayer(source), portableLayer = portable.UploadLayer(source);
        var geometry = new KvGeometry(shape.KvHeads, shape.HeadDim, KvType.F16, shape.WriteGates, sinks, window, shape.ChunkTokens);
        using GpuRing ring = new(accelerator, geometry), portableRing = new(accelerator, geometry);
        float[] zeros = new float[shape.Heads * shape.HeadDim * shape.HeadDim];
        using MemoryBuffer1D<float, Stride1D.Dense> state = accelerator.Allocate1D(zeros), portableState = accelerator.Allocate1D(zeros);

        // Bytes of activations cost what they cost on the processor; floats keep what halves keep.
        double most = type is GgmlType.F16 or GgmlType.F32 ? 2e-6 : 5e-4;
        int position = 0;
        foreach (int rows in shape.ChunkTokens == Chunk ? Passes : LongPasses)
        {
            int[] table = LayerFill.Table(rows, position, shape.HeadDim);
            float[] x = Measure.Random(position + 1, rows * shape.Hidden);
            int leaving = Math.Clamp(position + rows - window - sinks, 0, rows);
            float[] found = Pass(kernels, layer, ring, state.View.AsContiguous(), table, x, position, leaving);
            float[] expected = Pass(portable, portableLayer, portableRing, portableState.View.AsContiguous(), table, x, position, leaving);
            Measure.Demand(found, expected, most, $"{rows} rows from position {position}");
            position += rows;
        }
    }

    private static void Texts(CheckedDevice device, GgmlType type, GpuShape shape)
    {
        const int sinks = 4, window = 16;
        int[] before = [5, 40, 23, 12, 33];
        using Accelerator accelerator = device.CreateAccelerator();
        LayerSource source = LayerFill.Of(shape, type, type);
        using GpuKernels kernels = device.CreateKernels(accelerator, shape), portable = new PortableKernels(accelerator, shape, 256);
        using GpuLayer layer = kernels.UploadLayer(source), portableLayer = portable.UploadLayer(source);
        var geometry = new KvGeometry(shape.KvHeads, shape.HeadDim, KvType.F16, shape.WriteGates, sinks, window, Chunk);
        float[] zeros = new float[shape.Heads * shape.HeadDim * shape.HeadDim];
        GpuRing[] rings = [.. before.Select(_ => new GpuRing(accelerator, geometry))], twins = [.. before.Select(_ =>
            new GpuRing(accelerator, geometry))];
        MemoryBuffer1D<float, Stride1D.Dense>[] states = [.. before.Select(_ => accelerator.Allocate1D(zeros))], twinStates =
            [.. before.Select(_ => accelerator.Allocate1D(zeros))];
        double most = type == GgmlType.F16 ? 2e-6 : 5e-4;
        for (int i = 0; i < before.Length; i++)
        {
            int[] table = LayerFill.Table(before[i], 0, shape.HeadDim);
            float[] x = Measure.Random(i + 1, before[i] * shape.Hidden);
            int leaving = Math.Clamp(before[i] - window - sinks, 0, before[i]);
            Measure.Demand(Pass(kernels, layer, rings[i], states[i].View.AsContiguous(), table, x, 0, leaving),
                Pass(portable, portableLayer, twins[i], twinStates[i].View.AsContiguous(), table, x, 0, leaving), most, $"prompt {i}");
        }
        for (int step = 0; step < 3; step++)
        {
            // In the last step the first text brings three tokens.
            int[] counts = [step == 2 ? 3 : 1, 1, 1, 1, 1];
            int rows = counts.Sum();
            int[] table = LayerFill.Table(rows, 20 + step, shape.HeadDim);
            float[] x = Measure.Random(100 + step, rows * shape.Hidden);
            Measure.Demand(
                Pass(kernels, layer, Parts(rings, states), table, x), Pass(portable, portableLayer, Parts(twins, twinStates), table, x),
                most, $"step {step}");

            GpuPart[] Parts(GpuRing[] of, MemoryBuffer1D<float, Stride1D.Dense>[] memories) => [.. of.Select((ring, i) =>
            {
                int position = before[i] + step;
                ring.Reserve(position + counts[i]);
                return new GpuPart(
                    counts.Take(i).Sum(), counts[i], position, Math.Clamp(position + counts[i] - window - sinks, 0, counts[i]),
                    ring, memories[i].View.AsContiguous());
            })];
        }
        foreach (GpuRing ring in rings.Concat(twins)) ring.Dispose();
        foreach (MemoryBuffer1D<float, Stride1D.Dense> state in states.Concat(twinStates)) state.Dispose();
    }

    /// <summary>What the layer adds to x.</summary>
    private static float[] Pass(
        GpuKernels kernels, GpuLayer layer, GpuRing ring, ArrayView<float> state, int[] table, float[] x, int position, int leaving)
    {
        int rows = x.Length / kernels.Shape.Hidden;
        ring.Reserve(position + rows);
        return Pass(kernels, layer, [new GpuPart(0, rows, position, leaving, ring, state)], table, x);
    }

    private static float[] Pass(GpuKernels kernels, GpuLayer layer, GpuPart[] parts, int[] table, float[] x)
    {
        int rows = x.Length / kernels.Shape.Hidden;
        kernels.Scratch.Table.SubView(0, table.Length).CopyFromCPU(table);
        kernels.Scratch.Hidden.SubView(0, x.Length).CopyFromCPU(x);
        kernels.BeginPass(parts, parts.Length);
        kernels.RunLayer(layer, parts, rows);
        float[] y = new float[x.Length];
        kernels.Accelerator.Synchronize();
        kernels.Scratch.Hidden.SubView(0, x.Length).CopyToCPU(y);
        for (int i = 0; i < y.Length; i++) y[i] -= x[i];
        return y;
    }
}
