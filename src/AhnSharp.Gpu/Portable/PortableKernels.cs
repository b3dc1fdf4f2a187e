using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;
using AhnSharp.Gpu.Devices;
using AhnSharp.Gpu.Kernels;
using AhnSharp.Hippocampus;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;

namespace AhnSharp.Gpu.Portable;

/// <summary>
/// The kernel set that runs everywhere ILGPU does: group barriers and shared memory alone, no warp operations, halves as packed integers.
/// </summary>
/// <remarks>Weights stay as the file holds them. A faster set may derive from this one and override what it does better.</remarks>
internal class PortableKernels : GpuKernels
{
    private readonly int _groupSize;
    private readonly Dictionary<GgmlType, ProductKernel> _products = [];
    private readonly ElementKernels _elements;
    private readonly PushKernel _push;
    private readonly AttendKernel _attend;
    private readonly RecallKernel? _recall;
    private readonly TopKernel _top;

    /// <param name="accelerator">The device.</param>
    /// <param name="shape">The model.</param>
    /// <param name="groupSize">Threads of a group: 1, 4, 16, 64 or 256, and at most what the device has.</param>
    public PortableKernels(Accelerator accelerator, GpuShape shape, int groupSize) : base(accelerator, shape)
    {
        if (groupSize is not (1 or 4 or 16 or 64 or 256) || groupSize > accelerator.MaxNumThreadsPerGroup)
        {
            throw new ArgumentOutOfRangeException(nameof(groupSize), groupSize,
                $"Expected 1, 4, 16, 64 or 256 threads, at most the {accelerator.MaxNumThreadsPerGroup} of {accelerator.Name}.");
        }
        _groupSize = groupSize;
        _elements = new ElementKernels(accelerator, groupSize);
        _push = new PushKernel(accelerator, groupSize);
        _attend = new AttendKernel(accelerator, groupSize, shape, Scratch);
        _recall = shape.Memory is null ? null : new RecallKernel(accelerator, groupSize);
        _top = new TopKernel(accelerator, groupSize, shape, Scratch);
    }

    /// <inheritdoc/>
    public override string Name => "portable";

    /// <summary>
    /// Threads of a group that suit a device: as many as it has, up to 256, in powers of 4; 16 on a processor,
    /// which runs them one after another.
    /// </summary>
    public static int GroupSizeFor(Accelerator accelerator)
    {
        int size = 1, most = accelerator is CLAccelerator { DeviceType: CLDeviceType.CL_DEVICE_TYPE_CPU } ? 16 : 256;
        while (size < most && size * 4 <= accelerator.MaxNumThreadsPerGroup) size *= 4;
        return size;
    }

    /// <inheritdoc/>
    public override GpuLayer UploadLayer(LayerSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        var layer = new PortableLayer
        {
            Query = UploadMatrix(source.Query),
            Key = UploadMatrix(source.Key),
            Value = UploadMatrix(source.Value),
            Output = UploadMatrix(source.Output),
            Gate = UploadMatrix(source.Gate),
            Up = UploadMatrix(source.Up),
            Down = UploadMatrix(source.Down),
            Gates = source.Memory is { } memory ? UploadMatrix(GatesOf(memory)) : null,
        };
        layer.UploadVectors(Accelerator, source, Shape.Heads);
        return layer;
    }

    /// <inheritdoc/>
    public override GpuHead UploadHead(HeadSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        PortableMatrix embedding = UploadRows(source.Embedding);
        return new PortableHead(
            embedding, source.Output is { } output ? UploadMatrix(output) : embedding, Accelerator.Allocate1D(source.OutputNorm));
    }

    /// <inheritdoc/>
    public override void Embed(GpuHead head, int rows)
    {
        PortableMatrix embedding = ((PortableHead)head).Embedding;
        Product(embedding.Type).Take(embedding, Scratch.Table, Scratch.Hidden, new ProductShape(
            embedding.Rows, embedding.Columns, embedding.RowWords, rows, false, false));
    }

    /// <inheritdoc/>
    public override void ComputeLogits(GpuHead head, int rows, int first, int count)
    {
        var portable = (PortableHead)head;
        Norm(Scratch.Hidden, Scratch.Table.SubView(rows + first, count), portable.Norm, Scratch.Normed, count);
        Multiply(portable.Output, Scratch.Normed, Scratch.Logits, default, count, accumulate: false);
    }

    /// <inheritdoc/>
    public override ArrayView<ulong> ComputeTop(int rows) => _top.Run(Scratch.Logits, rows);

    /// <inheritdoc/>
    protected override void Project(GpuLayer layer, int rows)
    {
        var l = (PortableLayer)layer;
        Norm(Scratch.Hidden, default, l.AttentionNorm, Scratch.Normed, rows);
        Multiply(l.Query, Scratch.Normed, Scratch.Query, l.QueryBias, rows, accumulate: false);
        Multiply(l.Key, Scratch.Normed, Scratch.Key, l.KeyBias, rows, accumulate: false);
        Multiply(l.Value, Scratch.Normed, Scratch.Value, l.ValueBias, rows, accumulate: false);
        if (l.Gates is { } gates) Multiply(gates, Scratch.Normed, Scratch.Gates, default, rows, accumulate: false);
    }

    /// <inheritdoc/>
    protected override void Push(GpuLayer layer, in GpuPart part, int rows)
    {
        var l = (PortableLayer)layer;
        NormHeads(l, in part);
        _push.Run(Scratch, part.Ring, l.Constants, ShapeOf(in part, rows));
    }

    /// <summary>
    /// q and k of a part's rows, each head by itself, before they are rotated; nothing where the layer has no such norms.
    /// </summary>
    protected void NormHeads(PortableLayer l, in GpuPart part)
    {
        if (l.QueryNorm.Length == 0) return;
        ArrayView<float> query = Scratch.Query.SubView((long)part.Row * Shape.QueryWidth, (long)part.Count * Shape.QueryWidth);
        ArrayView<float> key = Scratch.Key.SubView((long)part.Row * Shape.KeyWidth, (long)part.Count * Shape.KeyWidth);
        _elements.Norm(query, default, l.QueryNorm, query, part.Count * Shape.Heads, Shape.HeadDim, Shape.NormEpsilon);
        _elements.Norm(key, default, l.KeyNorm, key, part.Count * Shape.KvHeads, Shape.HeadDim, Shape.NormEpsilon);
    }

    /// <inheritdoc/>
    protected override void Attend(GpuLayer layer, in GpuPart part, int rows) => _attend.Run(Scratch, part.Ring, ShapeOf(in part, rows));

    /// <inheritdoc/>
    protected override void Recall(GpuLayer layer, in GpuPart part, int rows)
    {
        var l = (PortableLayer)layer;
        _recall!.Run(Scratch, in part, l.Constants, l.MemoryNorm, l.Projection, ShapeOf(in part, rows));
    }

    /// <inheritdoc/>
    protected override void Finish(GpuLayer layer, int rows)
    {
        var l = (PortableLayer)layer;
        Multiply(l.Output, Scratch.Attended, Scratch.Hidden, default, rows, accumulate: true);
        Norm(Scratch.Hidden, default, l.FfnNorm, Scratch.Normed, rows);
        Multiply(l.Gate, Scratch.Normed, Scratch.FfnGate, default, rows, accumulate: false);
        Multiply(l.Up, Scratch.Normed, Scratch.FfnUp, default, rows, accumulate: false);
        _elements.SwiGlu(Scratch.FfnGate, Scratch.FfnUp, rows * Shape.Ffn);
        Multiply(l.Down, Scratch.FfnGate, Scratch.Hidden, default, rows, accumulate: true);
    }

    /// <summary>A matrix in the layout that <see cref="Multiply"/> takes.</summary>
    protected virtual DeviceMatrix UploadMatrix(MatrixSource source) => UploadRows(source);

    /// <summary>y[t, r] (+)= Σ_k W[r, k]·x[t, k] + bias[r], t = 0..rows−1; an empty bias is none.</summary>
    protected internal virtual void Multiply(
        DeviceMatrix w, ArrayView<float> x, ArrayView<float> y, ArrayView<float> bias, int rows, bool accumulate)
    {
        var matrix = (PortableMatrix)w;
        var shape = new ProductShape(w.Rows, w.Columns, matrix.RowWords, rows, bias.Length > 0, accumulate);
        // A view of nothing is not to be passed: what stands in is not read.
        Product(w.Type).Multiply(matrix, x, y, bias.Length > 0 ? bias : x, shape);
    }

    /// <summary>y[i] ← RMSNorm(x[rows[i]]; weight, ε of the model), or of x[i] where <paramref name="from"/> is empty.</summary>
    protected void Norm(ArrayView<float> x, ArrayView<int> from, ArrayView<float> weight, ArrayView<float> y, int count) =>
        _elements.Norm(x, from, weight, y, count, Shape.Hidden, Shape.NormEpsilon);

    /// <summary>What kernels need to know of a part.</summary>
    protected PartShape ShapeOf(in GpuPart part, int rows) => new()
    {
        Row = part.Row,
        Count = part.Count,
        Position = part.Position,
        Evicted = part.Evicted,
        PassRows = rows,
        Heads = Shape.Heads,
        KvHeads = Shape.KvHeads,
        HeadDim = Shape.HeadDim,
        Type = (int)part.Ring.Geometry.Type,
        RowWords = part.Ring.Geometry.RowBytes / 2,
        Gates = part.Ring.Geometry.GatesPerToken,
        GateWidth = Shape.GateWidth,
        Kind = (int)(Shape.Memory?.Kind ?? 0),
        Epsilon = Shape.MemoryNormEpsilon,
        Ring = part.Ring.Shape,
    };

    /// <summary>The rows of the gate product as one matrix of f32: write gates, then γ.</summary>
    protected MatrixSource GatesOf(HippocampusWeights memory)
    {
        float[] values = [.. memory.Beta, .. memory.Alpha ?? [], .. memory.Gate];
        int columns = Shape.Hidden;
        return new MatrixSource(GgmlType.F32, values.Length / columns, columns, Read);

        void Read(long byteOffset, Span<byte> destination) =>
            MemoryMarshal.AsBytes(values.AsSpan()).Slice((int)byteOffset, destination.Length).CopyTo(destination);
    }

    /// <summary>A matrix as the file holds it.</summary>
    protected PortableMatrix UploadRows(MatrixSource source)
    {
        if (source.Columns % 8 != 0)
        {
            throw new GpuException(
                $"A matrix on a GPU has rows of a multiple of 8 weights, found {source.Columns}: run this model with --device cpu.");
        }
        _ = Product(source.Type);
        MemoryBuffer1D<byte, Stride1D.Dense> bytes = Accelerator.Allocate1D<byte>(source.ByteLength);
        Upload.Copy(source.Read, bytes.View.AsContiguous());
        return new PortableMatrix(source.Type, source.Rows, source.Columns, bytes);
    }

    /// <summary>The products of a format, compiled when first wanted.</summary>
    private protected ProductKernel Product(GgmlType type)
    {
        if (_products.TryGetValue(type, out ProductKernel? product)) return product;
        product = ProductKernel.Create(type, Accelerator, _groupSize)
            ?? throw new GpuException($"Weights of type {type} are not multiplied on GPUs yet: run this model with --device cpu, "
                + "or quantize it to another type (ahn quantize).");
        return _products[type] = product;
    }
}
