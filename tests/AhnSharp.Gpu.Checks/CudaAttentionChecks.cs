using System;
using System.Collections.Generic;
using AhnSharp.Attention;
using AhnSharp.Checks;
using AhnSharp.Gguf;
using AhnSharp.Gpu.Cuda;
using AhnSharp.Gpu.Cuda.Kernels;
using AhnSharp.Gpu.Kernels;
using AhnSharp.Gpu.Portable;
using AhnSharp.Network;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Checks;

/// <summary>
/// Attention and memories by the CUDA kernels, simulated, against the portable ones: single tokens, whose keys are split, and a chunk. Each
/// takes some 20 seconds of two cores.
/// </summary>
public static class CudaAttentionChecks
{
    private const int Chunk = 16, Sinks = 3;

    public static IEnumerable<Check> All
    {
        get
        {
            foreach ((HippocampusKind kind, int heads) in new[] { (HippocampusKind.DeltaNet, 2), (HippocampusKind.Mamba2, 3) })
            {
                yield return new Check(
                    $"single tokens, {kind}, {heads} heads of 64, simulated", null, () => Single(Shape(kind, heads, 64)));
            }
            foreach ((HippocampusKind kind, int heads, int headDim) in new[]
            {
                (HippocampusKind.DeltaNet, 2, 64),
                (HippocampusKind.GatedDeltaNet, 1, 128),
            })
            {
                yield return new Check($"tokens that leave together, {kind}, {heads} heads of {headDim}, simulated", null,
                    () => Together(Shape(kind, heads, headDim)));
            }
            yield return new Check("a token each of two texts, simulated", null, () => Texts(leaving: 1));
            yield return new Check("a token each of two texts, nothing leaves, simulated", null, () => Texts(leaving: 0));
            yield return new Check("attention of a chunk, simulated", null, AttendTogether);
        }
    }

    private static GpuShape Shape(HippocampusKind kind, int heads, int headDim) =>
        new(32, heads, 1, headDim, 32, 32, 1e-6f, MemoryRule.Of(kind), 1e-5f, Chunk);

    // A window of more keys than a split takes.
    private static void Single(GpuShape shape)
    {
        using Sides sides = new(shape, window: 80, warps: 16);
        int position = sides.Fill(112);
        GpuPart part = sides.Enter(position, rows: 3, leaving: 2);
        for (int i = 0; i < part.Count; i++)
            sides.Attention.One(sides.Cuda.Kernels.Scratch, sides.Cuda.Layer, part, i, sides.Attended, quantizes: true);
        sides.Portable.Kernels.AttendPart(sides.Portable.Layer, sides.Twin(part), part.Count);
        sides.Portable.Kernels.RecallPart(sides.Portable.Layer, sides.Twin(part), part.Count);
        sides.Compare(part);
    }

    // Two texts of different length, in one launch each of pushing, attending and joining; of the second a token leaves or none.
    private static void Texts(int leaving)
    {
        const int window = 40;
        GpuShape shape = Shape(HippocampusKind.DeltaNet, 2, 64);
        using Sides sides = new(shape, window: 80, warps: 16);
        Accelerator cuda = sides.Cuda.Accelerator, portable = sides.Portable.Accelerator;
        var geometry = new KvGeometry(shape.KvHeads, shape.HeadDim, KvType.F16, shape.WriteGates, Sinks, window, Chunk);
        using GpuRing ring = new(cuda, geometry), twin = new(portable, geometry);
        float[] cells = Measure.Random(5, shape.Heads * shape.HeadDim * shape.HeadDim, 0.1f);
        using MemoryBuffer1D<float, Stride1D.Dense> state = cuda.Allocate1D(cells), twinState = portable.Allocate1D(cells);
        int first = sides.Fill(112), second = leaving > 0 ? 48 : 32;
        for (int position = 0; position < second; position += Chunk)
            sides.Enter(position, Chunk, (ring, state.View.AsContiguous()), (twin, twinState.View.AsContiguous()));
        ring.Reserve(second + 1);
        twin.Reserve(second + 1);

        GpuPart a = sides.Cuda.Begin(first, 2, 0) with { Count = 1 };
        GpuPart b = new(1, 1, second, leaving, ring, state.View.AsContiguous());
        using var table = new TextTable(cuda, sides.Attention);
        table.Begin([a, b], 2);
        LayerTexts texts = table.Next();
        sides.Attention.Enter(sides.Cuda.Kernels.Scratch, sides.Cuda.Layer, in texts, sides.Cuda.Kernels.ShapeOfPart(a, 2));
        sides.Attention.Together(sides.Cuda.Kernels.Scratch, sides.Cuda.Layer, in texts, sides.Attended, quantizes: false);

        sides.Portable.Begin(first, 2, 0);
        foreach (GpuPart part in new[] { sides.Twin(a), b with { Ring = twin, State = twinState.View.AsContiguous() } })
        {
            sides.Portable.Kernels.PushPart(sides.Portable.Layer, part, 2);
            sides.Portable.Kernels.AttendPart(sides.Portable.Layer, part, 2);
            if (part.Evicted > 0) sides.Portable.Kernels.RecallPart(sides.Portable.Layer, part, 2);
        }
        sides.Compare(a with { Count = 2 });
        cuda.Synchronize();
        portable.Synchronize();
        Measure.Demand(state.GetAsArray1D(), twinState.GetAsArray1D(), 1e-6, "the second text's memory");
    }

    private static void Together(GpuShape shape)
    {
        using Sides sides = new(shape, window: 20, warps: 4);
        int position = sides.Fill(32);
        GpuPart part = sides.Enter(position, rows: 11, leaving: 9);
        foreach (Side side in sides.Both)
        {
            side.Kernels.Scratch.Attended.SubView(0, part.Count * shape.QueryWidth).CopyFromCPU(
                Measure.Random(9, part.Count * shape.QueryWidth));
        }
        sides.Attention.RecallMany(sides.Cuda.Kernels.Scratch, sides.Cuda.Layer, part, sides.Cuda.Kernels.ShapeOfPart(part, part.Count));
        sides.Portable.Kernels.RecallPart(sides.Portable.Layer, sides.Twin(part), part.Count);
        sides.Compare(part);
    }

    // Two tiles of keys, sinks and window in the first. Every product of the matrix units is 32 shuffles of the
    // simulation: one head, no more.
    private static void AttendTogether()
    {
        using Sides sides = new(Shape(HippocampusKind.DeltaNet, 1, 64), window: 30, warps: 4);
        int position = sides.Fill(48);
        GpuPart part = sides.Enter(position, rows: 5, leaving: 0);
        sides.Attention.Many(sides.Cuda.Kernels.Scratch, part);
        sides.Portable.Kernels.AttendPart(sides.Portable.Layer, sides.Twin(part), part.Count);
        sides.Compare(part);
    }

    /// <summary>The CUDA kernels, simulated, and the portable ones.</summary>
    private sealed class Sides : IDisposable
    {
        public Sides(GpuShape shape, int window, int warps)
        {
            Cuda = new Side(CudaSimulation.Create(warps), shape, window);
            Portable = new Side(CheckedDevice.Simulation(4).CreateAccelerator(), shape, window);
            GpuScratch scratch = Cuda.Kernels.Scratch;
            Attention = CudaAttention.Create(Cuda.Accelerator, null, shape, scratch, new PassGraphs(Cuda.Accelerator))!;
            Attended = new Activations
            {
                Values = scratch.Attended,
                Quants = scratch.Take<Word4>(Chunk * shape.QueryWidth / 16),
                Scales = scratch.Take<Float2>(Chunk * shape.QueryWidth / 32),
            };
        }

        public Side Cuda { get; }

        public Side Portable { get; }

        public Side[] Both => [Cuda, Portable];

        public CudaAttention Attention { get; }

        public Activations Attended { get; }

        /// <summary>So many tokens enter, a chunk at a time.</summary>
        public int Fill(int tokens)
        {
            for (int position = 0; position < tokens; position += Chunk) Enter(position, Chunk, 0);
            return tokens;
        }

        /// <summary>A part enters on both sides.</summary>
        public GpuPart Enter(int position, int rows, int leaving)
        {
            GpuPart part = Cuda.Begin(position, rows, leaving);
            Attention.Enter(Cuda.Kernels.Scratch, Cuda.Layer, part, Cuda.Kernels.ShapeOfPart(part, rows));
            Portable.Kernels.PushPart(Portable.Layer, Portable.Begin(position, rows, leaving), rows);
            return part;
        }

        /// <summary>A chunk enters the rings of another text.</summary>
        public void Enter(
            int position, int rows, (GpuRing Ring, ArrayView<float> State) cuda, (GpuRing Ring, ArrayView<float> State) portable)
        {
            GpuPart part = Cuda.Begin(position, rows, 0) with { Ring = cuda.Ring, State = cuda.State };
            cuda.Ring.Reserve(position + rows);
            portable.Ring.Reserve(position + rows);
            Attention.Enter(Cuda.Kernels.Scratch, Cuda.Layer, part, Cuda.Kernels.ShapeOfPart(part, rows));
            part = Portable.Begin(position, rows, 0) with { Ring = portable.Ring, State = portable.State };
            Portable.Kernels.PushPart(Portable.Layer, part, rows);
        }

        /// <summary>The portable side's part.</summary>
        public GpuPart Twin(GpuPart part) => part with { Ring = Portable.Ring, State = Portable.State };

        public void Compare(GpuPart part)
        {
            // ILGPU's simulation does not round floats to the nearest half, as devices do.
            int floats = part.Count * Cuda.Kernels.Shape.QueryWidth;
            Measure.Demand(Cuda.Floats(Cuda.Kernels.Scratch.Attended, floats), Portable.Floats(Portable.Kernels.Scratch.Attended, floats),
                3e-6, "attention");
            int cells = (int)Cuda.State.Length;
            Measure.Demand(Cuda.Floats(Cuda.State, cells), Portable.Floats(Portable.State, cells), 1e-6, "the memory");
        }

        public void Dispose()
        {
            Cuda.Dispose();
            Portable.Dispose();
        }
    }

    /// <summary>A layer, its ring and memory on one accelerator.</summary>
    private sealed class Side : IDisposable
    {
        private readonly MemoryBuffer1D<float, Stride1D.Dense> _state;

        public Side(Accelerator accelerator, GpuShape shape, int window)
        {
            Accelerator = accelerator;
            Kernels = new OpenKernels(accelerator, shape, 4);
            Layer = (PortableLayer)Kernels.UploadLayer(LayerFill.Of(shape, GgmlType.F32, GgmlType.F32));
            Ring = new GpuRing(
                accelerator, new KvGeometry(shape.KvHeads, shape.HeadDim, KvType.F16, shape.WriteGates, Sinks, window, Chunk));
            _state = accelerator.Allocate1D(Measure.Random(3, shape.Heads * shape.HeadDim * shape.HeadDim, 0.1f));
        }

        public Accelerator Accelerator { get; }

        public OpenKernels Kernels { get; }

        public PortableLayer Layer { get; }

        public GpuRing Ring { get; }

        public ArrayView<float> State => _state.View.AsContiguous();

        /// <summary>Activations of a pass, the same on every side.</summary>
        public GpuPart Begin(int position, int rows, int leaving)
        {
            GpuShape shape = Kernels.Shape;
            GpuScratch scratch = Kernels.Scratch;
            int[] table = LayerFill.Table(rows, position, shape.HeadDim);
            Accelerator.Synchronize();
            scratch.Table.SubView(0, table.Length).CopyFromCPU(table);
            Fill(scratch.Query, rows * shape.QueryWidth, position + 1);
            Fill(scratch.Key, rows * shape.KeyWidth, position + 2);
            Fill(scratch.Value, rows * shape.KeyWidth, position + 3);
            Fill(scratch.Gates, rows * shape.GateWidth, position + 4);
            Ring.Reserve(position + rows);
            return new GpuPart(0, rows, position, leaving, Ring, State);
        }

        public float[] Floats(ArrayView<float> view, int count)
        {
            float[] values = new float[count];
            Accelerator.Synchronize();
            view.SubView(0, count).CopyToCPU(values);
            return values;
        }

        public void Dispose()
        {
            _state.Dispose();
            Ring.Dispose();
            Layer.Dispose();
            Kernels.Dispose();
            Accelerator.Dispose();
        }

        private static void Fill(ArrayView<float> view, int count, int seed) =>
            view.SubView(0, count).CopyFromCPU(Measure.Random(seed, count, 2));
    }
}
