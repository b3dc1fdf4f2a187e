using System;
using System.Diagnostics;
using System.Linq;
using AhnSharp.Attention;
using AhnSharp.Gguf;
using AhnSharp.Gpu.Kernels;
using AhnSharp.Network;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Checks;

/// <summary>
/// What layers of a 7B model take on a device: one token and a chunk, before and behind a full window. A profiler that runs this sees
/// every kernel a model launches.
/// </summary>
internal static class LayerSpeed
{
    // Three layers are more than any cache holds.
    private const int Layers = 3, Window = 8192, Sinks = 128;

    /// <param name="device">Where.</param>
    /// <param name="type">Of the weights, except W_v's and W_down's.</param>
    /// <param name="other">Of these.</param>
    /// <param name="turns">How often the three layers run between two synchronisations; 0: once, and nothing is
    /// timed, for a profiler.</param>
    /// <param name="chunk">Tokens of a chunk.</param>
    public static void Run(CheckedDevice device, GgmlType type, GgmlType other, int turns, int chunk)
    {
        GpuShape shape = new(3584, 28, 4, 128, 18944, 64, 1e-6f, MemoryRule.Of(HippocampusKind.GatedDeltaNet), 1e-5f, chunk);
        using Accelerator accelerator = device.CreateAccelerator();
        using GpuKernels kernels = device.CreateKernels(accelerator, shape);
        LayerSource source = LayerFill.Of(shape, type, other);
        GpuLayer[] layers = [.. Enumerable.Range(0, Layers).Select(_ => kernels.UploadLayer(source))];
        using GpuRing ring = new(
            accelerator, new KvGeometry(shape.KvHeads, shape.HeadDim, KvType.F16, shape.WriteGates, Sinks, Window, chunk));
        ring.Reserve(int.MaxValue);
        ring.Keys.MemSetToZero();
        ring.Values.MemSetToZero();
        ring.Gates.MemSetToZero();
        using MemoryBuffer1D<float, Stride1D.Dense> state = accelerator.Allocate1D<float>(
            (long)shape.Heads * shape.HeadDim * shape.HeadDim);
        state.MemSetToZero();
        foreach ((int rows, int position) in new[] { (1, 0), (1, 2 * Window), (4, 2 * Window), (chunk, 0), (chunk, 2 * Window) })
        {
            int[] table = LayerFill.Table(rows, position, shape.HeadDim);
            kernels.Scratch.Table.SubView(0, table.Length).CopyFromCPU(table);
            kernels.Scratch.Hidden.SubView(0, (long)rows * shape.Hidden).CopyFromCPU(Measure.Random(1, rows * shape.Hidden));
            GpuPart part = new(0, rows, position, position == 0 ? 0 : rows, ring, state.View.AsContiguous());
            RunAll(kernels, layers, part, 1);
            if (turns == 0) continue;
            long started = Stopwatch.GetTimestamp();
            RunAll(kernels, layers, part, turns);
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds / turns / Layers;
            long seen = Math.Min(position + rows, Window + Sinks);
            double bytes = layers[0].ByteLength + 4.0 * shape.KeyWidth * seen + (position == 0 ? 0 : 2.0 * state.LengthInBytes);
            double weights = (double)shape.Hidden * (2 * shape.QueryWidth + 2 * shape.KeyWidth + 3 * shape.Ffn),
                products = 2.0 * rows * weights;
            started = Stopwatch.GetTimestamp();
            for (int i = 0; i < 20; i++) kernels.RunLayer(layers[i % Layers], [part], rows);
            double enqueued = Stopwatch.GetElapsedTime(started).TotalSeconds / 20;
            accelerator.Synchronize();
            Console.WriteLine(
                $"{type} and {other}, {rows} rows from position {position}: {seconds * 1e6:f1} µs a layer, enqueued in {enqueued * 1e6:f1}"
                    + $", {bytes / seconds / 1e9:f0} GB/s, {products / seconds / 1e12:f1} TFLOP/s in the weights' products");
        }
        foreach (GpuLayer layer in layers) layer.Dispose();
    }

    private static void RunAll(GpuKernels kernels, GpuLayer[] layers, GpuPart part, int turns)
    {
        GpuPart[] parts = [.. layers.Select(_ => part)];
        for (int turn = 0; turn < turns; turn++)
        {
            kernels.BeginPass(parts, 1);
            kernels.Repeat(part.Count, 0, () =>
            {
                foreach (GpuLayer layer in layers) kernels.RunLayer(layer, [part], part.Count);
            });
        }
        kernels.Accelerator.Synchronize();
    }
}
