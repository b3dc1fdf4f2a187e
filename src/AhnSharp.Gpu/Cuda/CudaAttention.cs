using System;
using AhnSharp.Attention;
using AhnSharp.Gpu.Cuda.Hopper;
using AhnSharp.Gpu.Cuda.Kernels;
using AhnSharp.Gpu.Kernels;
using AhnSharp.Gpu.Portable;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace AhnSharp.Gpu.Cuda;

/// <summary>Launches attention and the memory of single rows over rings of halves, and attention of many rows of a text.</summary>
internal sealed class CudaAttention
{
    /// <summary>Most texts of which a row each is attended together.</summary>
    public const int MostTexts = 256;

    private readonly GpuShape _shape;
    private readonly PassGraphs _graphs;
    private readonly int _groupsWanted;
    private readonly float _scale;
    private readonly PartialAttention _partial;
    private readonly ArrayView<TextRow> _none;
    private readonly Action<KernelConfig, ArrayView<float>, TextRow, ArrayView<TextRow>, int, int, float, int,
        PartialAttention, MemoryViews, MemoryShape> _attend;
    private readonly Action<KernelConfig, PartialAttention, TextRow, ArrayView<TextRow>, ArrayView<float>, ArrayView<float>,
        ArrayView<float>, ArrayView<float>, MemoryShape, Activations, int> _join;
    private readonly Lazy<Action<KernelConfig, PartialAttention, ArrayView<TextRow>, int, int, ArrayView<float>>> _plainJoin;
    private readonly Lazy<RawKernel>? _hopper;
    private readonly Lazy<Action<KernelConfig, ArrayView<float>, ArrayView<byte>, ArrayView<byte>, RingShape, int, int, int, int, float,
        ArrayView<float>>> _many;
    private readonly Lazy<Action<KernelConfig, ArrayView<float>, ArrayView<byte>, ArrayView<byte>, ArrayView<float>, ArrayView<float>,
        LeavingTokens, PartShape>> _prepareMany;
    private readonly Lazy<Action<KernelConfig, ArrayView<float>, LeavingTokens, ArrayView<float>, ArrayView<float>, PartShape>> _foldMany;
    private readonly Lazy<Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
        PartShape>> _projectMany;
    private readonly Action<KernelConfig, ArrayView<int>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, TextRow,
        ArrayView<TextRow>, ArrayView<float>, PartShape> _enter;

    private CudaAttention(
        Accelerator accelerator, CudaAccelerator? hopper, GpuShape shape, GpuScratch scratch, PassGraphs graphs, bool wide)
    {
        (_shape, _graphs) = (shape, graphs);
        _groupsWanted = 2 * accelerator.NumMultiprocessors;
        _scale = (float)(Math.Log2(Math.E) / Math.Sqrt(shape.HeadDim));
        long splits = Math.Max(DecodeJoin.MaxSplits, _groupsWanted) + MostTexts;
        _partial = new PartialAttention
        {
            Sums = scratch.Take<float>(splits * shape.QueryWidth),
            Weights = scratch.Take<Float2>(splits * shape.Heads),
        };
        _none = scratch.Take<TextRow>(1);
        _attend = wide
            ? accelerator.LoadStreamKernel<ArrayView<float>, TextRow, ArrayView<TextRow>, int, int, float, int,
                PartialAttention, MemoryViews, MemoryShape>(DecodeAttention.Run<Head128>)
            : accelerator.LoadStreamKernel<ArrayView<float>, TextRow, ArrayView<TextRow>, int, int, float, int,
                PartialAttention, MemoryViews, MemoryShape>(DecodeAttention.Run<Head64>);
        _join = wide
            ? accelerator.LoadStreamKernel<PartialAttention, TextRow, ArrayView<TextRow>, ArrayView<float>, ArrayView<float>,
                ArrayView<float>, ArrayView<float>, MemoryShape, Activations, int>(DecodeJoin.Run<Head128>)
            : accelerator.LoadStreamKernel<PartialAttention, TextRow, ArrayView<TextRow>, ArrayView<float>, ArrayView<float>,
                ArrayView<float>, ArrayView<float>, MemoryShape, Activations, int>(DecodeJoin.Run<Head64>);
        // What not every text meets is compiled when first wanted.
        _plainJoin = new(() =>
            accelerator.LoadStreamKernel<PartialAttention, ArrayView<TextRow>, int, int, ArrayView<float>>(DecodeJoin.Plain));
        if (wide && hopper is not null)
        {
            _hopper = new(() => new RawKernel(
                hopper, "attention of many tokens", AttentionText.Of(), AttentionText.Name, AttentionText.Threads,
                AttentionText.SharedBytes));
        }
        _many = new(() => wide
            ? accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<byte>, ArrayView<byte>, RingShape, int, int, int, int, float,
                ArrayView<float>>(PrefillAttention.Run<Head128>)
            : accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<byte>, ArrayView<byte>, RingShape, int, int, int, int, float,
                ArrayView<float>>(PrefillAttention.Run<Head64>));
        _prepareMany = new(() => wide
            ? accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<byte>, ArrayView<byte>, ArrayView<float>, ArrayView<float>,
                LeavingTokens, PartShape>(PrefillFold.Prepare<Head128>)
            : accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<byte>, ArrayView<byte>, ArrayView<float>, ArrayView<float>,
                LeavingTokens, PartShape>(PrefillFold.Prepare<Head64>));
        _foldMany = new(() => wide
            ? accelerator.LoadStreamKernel<ArrayView<float>, LeavingTokens, ArrayView<float>, ArrayView<float>, PartShape>(
                PrefillFold.UpdateAndRead<Head128>)
            : accelerator.LoadStreamKernel<ArrayView<float>, LeavingTokens, ArrayView<float>, ArrayView<float>, PartShape>(
                PrefillFold.UpdateAndRead<Head64>));
        _projectMany = new(() => accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, PartShape>(PrefillMemory.Project));
        _enter = accelerator.LoadStreamKernel<ArrayView<int>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            TextRow, ArrayView<TextRow>, ArrayView<float>, PartShape>(EnterRing.Run);
    }

    /// <summary>
    /// The launches for a model, or null where its heads are none of 64 or 128 dimensions, or more than 8 share a key/value head.
    /// </summary>
    /// <param name="accelerator">A CUDA device.</param>
    /// <param name="hopper">The same, where kernels for compute capability 9.0 are to run on it.</param>
    /// <param name="shape">The model.</param>
    /// <param name="scratch">Gives memory.</param>
    /// <param name="graphs">Is told of launches.</param>
    public static CudaAttention? Create(
        Accelerator accelerator, CudaAccelerator? hopper, GpuShape shape, GpuScratch scratch, PassGraphs graphs) =>
        shape.HeadDim is 64 or 128 && shape.Heads / shape.KvHeads <= 8 ? new CudaAttention(
            accelerator, hopper, shape, scratch, graphs, shape.HeadDim == 128) : null;

    /// <summary>Whether the ring is of the type that the kernels read.</summary>
    public static bool Reads(GpuRing ring) => ring.Geometry.Type == KvType.F16;

    /// <summary>A part enters its ring.</summary>
    public void Enter(GpuScratch scratch, PortableLayer layer, in GpuPart part, PartShape shape) =>
        Enter(scratch, layer, RowOf(in part, 0, 1, 0), _none, (part.Count, 1), shape);

    /// <summary>A row each of texts enters its ring.</summary>
    /// <param name="scratch">Activations of the pass.</param>
    /// <param name="layer">For the memory's parameters.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="shape">Of any of them.</param>
    public void Enter(GpuScratch scratch, PortableLayer layer, in LayerTexts texts, PartShape shape) =>
        Enter(scratch, layer, TextRow.InTable, texts.Rows, (1, texts.Count), shape);

    /// <summary>One row of a part: attended[row] ← attention + memory, as floats and, where asked, quantized.</summary>
    /// <param name="scratch">Activations of the pass.</param>
    /// <param name="layer">For the memory's parameters.</param>
    /// <param name="part">The part.</param>
    /// <param name="index">Row within the part.</param>
    /// <param name="attended">The result.</param>
    /// <param name="quantizes">Whether as signed bytes too.</param>
    public void One(GpuScratch scratch, PortableLayer layer, in GpuPart part, int index, Activations attended, bool quantizes)
    {
        TextRow row = RowOf(in part, index, 1, 0);
        Attend(scratch, layer, row, _none, (1, row.Splits, row.LeavingSlot >= 0), part.Ring.Geometry.GatesPerToken, attended, quantizes);
    }

    /// <summary>A row each of texts: attended[row] ← attention + memory, as floats and, where asked, quantized.</summary>
    public void Together(GpuScratch scratch, PortableLayer layer, in LayerTexts texts, Activations attended, bool quantizes) => Attend(
        scratch, layer, TextRow.InTable, texts.Rows, (texts.Count, texts.Splits, texts.AnyLeaves), texts.Gates, attended, quantizes);

    /// <summary>A row as kernels take it.</summary>
    /// <param name="part">Its part.</param>
    /// <param name="index">Row within the part.</param>
    /// <param name="texts">Texts that are attended together.</param>
    /// <param name="firstSplit">Splits of those before it.</param>
    public TextRow RowOf(in GpuPart part, int index, int texts, int firstSplit)
    {
        int position = part.Position + index, visible = part.Ring.Shape.Visible(position);
        // As many groups as keep the device busy, each with whole turns of its four warps. Twice as many took 31 µs, not 23, of 32 texts.
        int wanted = Math.Clamp(_groupsWanted / (_shape.KvHeads * texts), 1, DecodeJoin.MaxSplits);
        int perSplit = ((visible + wanted - 1) / wanted + 63) / 64 * 64;
        bool leaves = index >= part.Count - part.Evicted;
        return new TextRow
        {
            Keys = part.Ring.Keys.LoadEffectiveAddressAsPtr(),
            Values = part.Ring.Values.LoadEffectiveAddressAsPtr(),
            Gates = part.Ring.Gates.LoadEffectiveAddressAsPtr(),
            State = leaves ? part.State.LoadEffectiveAddressAsPtr() : 0,
            Ring = part.Ring.Shape,
            Row = part.Row + index,
            Position = position,
            Visible = visible,
            KeysPerSplit = perSplit,
            Splits = (visible + perSplit - 1) / perSplit,
            FirstSplit = firstSplit,
            LeavingSlot = leaves ? part.Ring.Shape.Slot(position - part.Ring.Shape.Window) : -1,
        };
    }

    /// <summary>Evicted tokens of a part are folded in, rows read, Attended += memory.</summary>
    public void RecallMany(GpuScratch scratch, PortableLayer layer, in GpuPart part, PartShape shape)
    {
        // The part's keys and values are in the ring, and the feed-forward network comes later: their memory is free.
        long at = (long)part.Row * _shape.KeyWidth, length = (long)part.Count * _shape.KeyWidth;
        LeavingTokens tokens = new()
        {
            Keys = scratch.Key.SubView(at, length),
            Values = scratch.Value.SubView(at, length),
            Scalars = scratch.FfnUp.Cast<Float4>(),
        };
        _prepareMany.Value(
            new KernelConfig(new Index3D(part.Evicted, (_shape.Heads + 3) / 4, 1), new Index3D(PrefillFold.PrepareThreads, 1, 1)),
            scratch.Query, part.Ring.Keys, part.Ring.Values, part.Ring.Gates, layer.Constants, tokens, shape);
        _foldMany.Value(
            new KernelConfig(
                new Index3D(_shape.Heads, _shape.HeadDim / PrefillFold.Columns, 1), new Index3D(PrefillFold.Threads, 1, 1)), scratch.Query,
            tokens, part.State, scratch.Remembered, shape);
        _projectMany.Value(
            new KernelConfig(new Index3D(_shape.Heads, (part.Evicted + PrefillMemory.Tokens - 1) / PrefillMemory.Tokens, 1),
                new Index3D(PrefillMemory.Threads, 1, 1)), scratch.Remembered,
            scratch.Gates, layer.MemoryNorm, layer.Projection, scratch.Attended, shape);
    }

    /// <summary>All rows of a part: Attended ← attention.</summary>
    public void Many(GpuScratch scratch, in GpuPart part)
    {
        long at = (long)part.Row * _shape.QueryWidth, length = (long)part.Count * _shape.QueryWidth;
        if (_hopper is not null)
        {
            AttentionArguments arguments = new()
            {
                Query = scratch.Query.SubView(at, length).LoadEffectiveAddressAsPtr(),
                Keys = part.Ring.Keys.LoadEffectiveAddressAsPtr(),
                Values = part.Ring.Values.LoadEffectiveAddressAsPtr(),
                Attended = scratch.Attended.SubView(at, length).LoadEffectiveAddressAsPtr(),
                Position = part.Position,
                Count = part.Count,
                Heads = _shape.Heads,
                KvHeads = _shape.KvHeads,
                Ring = part.Ring.Shape,
                Scale = _scale,
            };
            _hopper.Value.Launch((part.Count + AttentionText.Queries - 1) / AttentionText.Queries, _shape.Heads, arguments);
            return;
        }
        _many.Value(
            new KernelConfig(new Index3D((part.Count + PrefillAttention.Queries - 1) / PrefillAttention.Queries, _shape.Heads, 1),
                new Index3D(PrefillAttention.Threads, 1, 1)),
            scratch.Query.SubView(at, length), part.Ring.Keys, part.Ring.Values, part.Ring.Shape, part.Position, part.Count, _shape.Heads,
            _shape.KvHeads, _scale,
            scratch.Attended.SubView(at, length));
    }

    private void Enter(
        GpuScratch scratch, PortableLayer layer, TextRow own, ArrayView<TextRow> table, (int Rows, int Texts) count, PartShape shape)
    {
        int threads = (_shape.Heads + 2 * _shape.KvHeads) * _shape.HeadDim / 2 + _shape.GateWidth;
        _enter(
            new KernelConfig(new Index3D(count.Rows, (threads + EnterRing.Threads - 1) / EnterRing.Threads, count.Texts), new Index3D(
                EnterRing.Threads, 1, 1)), scratch.Table, scratch.Query, scratch.Key, scratch.Value, scratch.Gates, own, table,
            layer.Constants, shape);
        _graphs.Chain();
    }

    private void Attend(
        GpuScratch scratch, PortableLayer layer, TextRow own, ArrayView<TextRow> table, (int Count, int Splits, bool AnyLeaves) texts,
        int gates, Activations attended, bool quantizes)
    {
        var memory = new MemoryShape
        {
            Heads = _shape.Heads,
            KvHeads = _shape.KvHeads,
            Kind = (int)(_shape.Memory?.Kind ?? 0),
            Gates = gates,
            GateWidth = _shape.GateWidth,
            Epsilon = _shape.MemoryNormEpsilon,
        };
        int group = _shape.Heads / _shape.KvHeads, parts = texts.AnyLeaves ? group * (_shape.HeadDim / DecodeMemory.Columns) : 0;
        // Views of nothing are not to be passed: what stands in is not read.
        var views = new MemoryViews { Rates = texts.AnyLeaves ? layer.Constants : scratch.Remembered, Read = scratch.Remembered };
        _attend(
            new KernelConfig(new Index3D(texts.Splits + parts, _shape.KvHeads, texts.Count), new Index3D(DecodeAttention.Threads, 1, 1)),
            scratch.Query, own, table, _shape.KvHeads, group, _scale, texts.Splits, _partial, views, memory);
        _graphs.Chain();
        if (!texts.AnyLeaves && texts.Count > 1)
        {
            _plainJoin.Value(
                new KernelConfig(
                    new Index3D((_shape.QueryWidth + DecodeJoin.PlainThreads - 1) / DecodeJoin.PlainThreads, texts.Count, 1),
                    new Index3D(DecodeJoin.PlainThreads, 1, 1)), _partial, table, _shape.Heads, _shape.HeadDim, attended.Values);
            _graphs.Chain();
            return;
        }
        _join(
            new KernelConfig(new Index3D(_shape.Heads, _shape.HeadDim / 32, texts.Count), new Index3D(DecodeJoin.Threads, 1, 1)), _partial,
            own, table, scratch.Remembered, scratch.Gates, layer.MemoryNorm, layer.Projection, memory, attended, quantizes ? 1 : 0);
        _graphs.Chain();
    }
}
