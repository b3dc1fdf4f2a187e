using System;
using AhnSharp.Attention;
using AhnSharp.Gpu.Cuda.Kernels;
using AhnSharp.Gpu.Kernels;
using AhnSharp.Gpu.Portable;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Cuda;

/// <summary>Launches attention and the memory of one token over a ring of halves, and attention of many tokens.</summary>
internal sealed class CudaAttention
{
    private readonly GpuShape _shape;
    private readonly int _groupsWanted;
    private readonly float _scale;
    private readonly PartialAttention _partial;
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<byte>, ArrayView<byte>, RingShape, int, int, int, int, int, float,
        int, PartialAttention, MemoryViews, MemoryShape> _attend;
    private readonly Action<KernelConfig, PartialAttention, int, int, ArrayView<float>, ArrayView<float>, ArrayView<float>,
        ArrayView<float>, MemoryShape, Activations, int> _join;
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<byte>, ArrayView<byte>, RingShape, int, int, int, int, float,
        ArrayView<float>> _many;
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<byte>, ArrayView<byte>, ArrayView<float>, ArrayView<float>,
        ArrayView<float>, ArrayView<float>, PartShape> _foldMany;
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
        PartShape> _projectMany;
    private readonly Action<KernelConfig, ArrayView<int>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
        ArrayView<byte>, ArrayView<byte>,
        ArrayView<float>, ArrayView<float>, PartShape> _enter;

    private CudaAttention(Accelerator accelerator, GpuShape shape, GpuScratch scratch, bool wide)
    {
        _shape = shape;
        _groupsWanted = 2 * accelerator.NumMultiprocessors;
        _scale = (float)(Math.Log2(Math.E) / Math.Sqrt(shape.HeadDim));
        _partial = new PartialAttention
        {
            Sums = scratch.Take<float>((long)DecodeJoin.MaxSplits * shape.QueryWidth),
            Weights = scratch.Take<Float2>((long)DecodeJoin.MaxSplits * shape.Heads),
        };
        _attend = wide
            ? accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<byte>, ArrayView<byte>, RingShape, int, int, int, int, int, float,
                int, PartialAttention, MemoryViews, MemoryShape>(DecodeAttention.Run<Head128>)
            : accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<byte>, ArrayView<byte>, RingShape, int, int, int, int, int, float,
                int, PartialAttention, MemoryViews, MemoryShape>(DecodeAttention.Run<Head64>);
        _join = wide
            ? accelerator.LoadStreamKernel<PartialAttention, int, int, ArrayView<float>, ArrayView<float>, ArrayView<float>,
                ArrayView<float>, MemoryShape, Activations, int>(DecodeJoin.Run<Head128>)
            : accelerator.LoadStreamKernel<PartialAttention, int, int, ArrayView<float>, ArrayView<float>, ArrayView<float>,
                ArrayView<float>, MemoryShape, Activations, int>(DecodeJoin.Run<Head64>);
        _many = wide
            ? accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<byte>, ArrayView<byte>, RingShape, int, int, int, int, float,
                ArrayView<float>>(PrefillAttention.Run<Head128>)
            : accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<byte>, ArrayView<byte>, RingShape, int, int, int, int, float,
                ArrayView<float>>(PrefillAttention.Run<Head64>);
        _foldMany = wide
            ? accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<byte>, ArrayView<byte>, ArrayView<float>, ArrayView<float>,
                ArrayView<float>, ArrayView<float>, PartShape>(PrefillMemory.UpdateAndRead<Head128>)
            : accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<byte>, ArrayView<byte>, ArrayView<float>, ArrayView<float>,
                ArrayView<float>, ArrayView<float>, PartShape>(PrefillMemory.UpdateAndRead<Head64>);
        _projectMany = accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, PartShape>(PrefillMemory.Project);
        _enter = accelerator.LoadStreamKernel<ArrayView<int>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<byte>, ArrayView<byte>, ArrayView<float>,
            ArrayView<float>, PartShape>(EnterRing.Run);
    }

    /// <summary>
    /// The launches for a model, or null where its heads are none of 64 or 128 dimensions, or more than 8 share a key/value head.
    /// </summary>
    public static CudaAttention? Create(Accelerator accelerator, GpuShape shape, GpuScratch scratch) =>
        shape.HeadDim is 64 or 128 && shape.Heads / shape.KvHeads <= 8 ? new CudaAttention(
            accelerator, shape, scratch, shape.HeadDim == 128) : null;

    /// <summary>Whether the ring is of the type that the kernels read.</summary>
    public static bool Reads(GpuRing ring) => ring.Geometry.Type == KvType.F16;

    /// <summary>A part enters its ring.</summary>
    public void Enter(GpuScratch scratch, PortableLayer layer, in GpuPart part, PartShape shape)
    {
        int threads = (_shape.Heads + 2 * _shape.KvHeads) * _shape.HeadDim / 2 + _shape.GateWidth;
        _enter(
            new KernelConfig(new Index3D(part.Count, (threads + EnterRing.Threads - 1) / EnterRing.Threads, 1), new Index3D(
                EnterRing.Threads, 1, 1)), scratch.Table, scratch.Query,
            scratch.Key, scratch.Value, scratch.Gates, part.Ring.Keys, part.Ring.Values, part.Ring.Gates, layer.Constants, shape);
    }

    /// <summary>Evicted tokens of a part are folded in, rows read, Attended += memory.</summary>
    public void RecallMany(GpuScratch scratch, PortableLayer layer, in GpuPart part, PartShape shape)
    {
        _foldMany(
            new KernelConfig(new Index3D(_shape.Heads, _shape.HeadDim / PrefillMemory.Columns, 1), new Index3D(PrefillMemory.Threads, 1,
                1)), scratch.Query, part.Ring.Keys,
            part.Ring.Values, part.Ring.Gates, layer.Constants, part.State, scratch.Remembered, shape);
        _projectMany(
            new KernelConfig(new Index3D(_shape.Heads, (part.Evicted + PrefillMemory.Tokens - 1) / PrefillMemory.Tokens, 1),
                new Index3D(PrefillMemory.Threads, 1, 1)), scratch.Remembered,
            scratch.Gates, layer.MemoryNorm, layer.Projection, scratch.Attended, shape);
    }

    /// <summary>One row: attended[row] ← attention + memory, as floats and quantized.</summary>
    /// <param name="scratch">Activations of the pass.</param>
    /// <param name="layer">For the memory's parameters.</param>
    /// <param name="part">The part.</param>
    /// <param name="index">Row within the part.</param>
    /// <param name="attended">The result.</param>
    public void One(GpuScratch scratch, PortableLayer layer, in GpuPart part, int index, Activations attended)
    {
        int row = part.Row + index, position = part.Position + index, visible = part.Ring.Shape.Visible(position);
        ArrayView<float> query = scratch.Query.SubView((long)row * _shape.QueryWidth, _shape.QueryWidth);
        ArrayView<byte> keys = part.Ring.Keys, values = part.Ring.Values;

        // As many groups as keep the device busy, each with whole turns of its four warps.
        int wanted = Math.Clamp(_groupsWanted / _shape.KvHeads, 1, DecodeJoin.MaxSplits);
        int perSplit = ((visible + wanted - 1) / wanted + 63) / 64 * 64, splits = (visible + perSplit - 1) / perSplit;
        bool leaves = index >= part.Count - part.Evicted;
        var memory = new MemoryShape
        {
            Heads = _shape.Heads,
            KvHeads = _shape.KvHeads,
            Kind = (int)(_shape.Memory?.Kind ?? 0),
            Gates = part.Ring.Geometry.GatesPerToken,
            Slot = leaves ? part.Ring.Shape.Slot(position - part.Ring.Shape.Window) : 0,
            Epsilon = _shape.MemoryNormEpsilon,
        };
        ArrayView<float> gates = scratch.Gates, read = scratch.Remembered;
        if (leaves)
        {
            gates = scratch.Gates.SubView((long)row * _shape.GateWidth + _shape.WriteGates, _shape.Heads);
            read = scratch.Remembered.SubView((long)row * _shape.QueryWidth, _shape.QueryWidth);
        }
        int group = _shape.Heads / _shape.KvHeads, parts = leaves ? group * (_shape.HeadDim / DecodeMemory.Columns) : 0;
        // Views of nothing are not to be passed: what stands in is not read.
        var views = new MemoryViews
        {
            Gates = leaves ? part.Ring.Gates : read,
            Rates = leaves ? layer.Constants : read,
            State = leaves ? part.State : read,
            Read = read,
        };
        _attend(
            new KernelConfig(new Index3D(splits + parts, _shape.KvHeads, 1), new Index3D(DecodeAttention.Threads, 1, 1)), query, keys,
            values, part.Ring.Shape, position, visible, perSplit,
            _shape.KvHeads, group, _scale, splits, _partial, views, memory);
        _join(
            new KernelConfig(new Index3D(_shape.Heads, _shape.HeadDim / 32, 1), new Index3D(DecodeJoin.Threads, 1, 1)), _partial, splits,
            leaves ? 1 : 0, read, gates, layer.MemoryNorm, layer.Projection, memory, attended, row);
    }

    /// <summary>All rows of a part: Attended ← attention.</summary>
    public void Many(GpuScratch scratch, in GpuPart part)
    {
        long at = (long)part.Row * _shape.QueryWidth, length = (long)part.Count * _shape.QueryWidth;
        _many(
            new KernelConfig(new Index3D((part.Count + PrefillAttention.Queries - 1) / PrefillAttention.Queries, _shape.Heads, 1),
                new Index3D(PrefillAttention.Threads, 1, 1)),
            scratch.Query.SubView(at, length), part.Ring.Keys, part.Ring.Values, part.Ring.Shape, part.Position, part.Count, _shape.Heads,
            _shape.KvHeads, _scale,
            scratch.Attended.SubView(at, length));
    }
}
