using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;
using AhnSharp.Gpu.Cuda.Hopper;
using AhnSharp.Gpu.Cuda.Kernels;
using AhnSharp.Gpu.Kernels;
using AhnSharp.Gpu.Portable;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Cuda;

/// <summary>
/// The kernel set for NVIDIA GPUs: packed weights and signed-byte products for one row, matrix units for several, fused across the
/// steps of a layer.
/// </summary>
/// <remarks>
/// A layer of one token is 9 launches: norm; q, k, v and gates; push; attention and memory; join; W_o; norm; gate and up; W_down. One of a
/// batch, a token each of 2 to 64 texts, is 11: before W_o and W_down what they multiply becomes halves. What the set has no kernel of its
/// own for (formats, ring types, head sizes) the portable one does.
/// </remarks>
internal sealed class CudaKernels : PortableKernels
{
    // A part of so few rows attends row by row, its keys spread over the device.
    private const int RowByRow = 4;

    private readonly CudaProducts _products;
    private readonly CudaManyRows _many;
    private readonly CudaBatch _batch;
    private readonly CudaRows _rows;
    private readonly PassGraphs _graphs;
    private readonly CudaUpload _upload;
    private readonly CudaAttention? _attention;
    private readonly TextTable? _texts;
    private readonly Activations _normed, _attended, _ffn, _any;
    private readonly List<int> _form = [];

    /// <param name="accelerator">A CUDA device.</param>
    /// <param name="shape">The model.</param>
    public CudaKernels(Accelerator accelerator, GpuShape shape) : base(accelerator, shape, 256)
    {
        int widest = Math.Max(shape.Ffn, Math.Max(shape.Hidden, shape.QueryWidth));
        _graphs = new PassGraphs(accelerator);
        _products = new CudaProducts(accelerator, _graphs);
        _many = new CudaManyRows(accelerator, HopperProducts.Create(accelerator), shape.ChunkTokens, widest, Scratch);
        _batch = new CudaBatch(accelerator, shape, Scratch, _graphs);
        _rows = new CudaRows(accelerator, _graphs);
        _upload = new CudaUpload(accelerator, Upload);
        _attention = CudaAttention.Create(accelerator, HopperProducts.DeviceOf(accelerator), shape, Scratch, _graphs);
        if (_attention is not null) _texts = new TextTable(accelerator, _attention);
        _normed = ActivationsOf(Scratch.Normed, shape.Hidden);
        _attended = ActivationsOf(Scratch.Attended, shape.QueryWidth);
        _ffn = ActivationsOf(Scratch.FfnGate, shape.Ffn);
        _any = ActivationsOf(Scratch.Normed, widest);
    }

    /// <inheritdoc/>
    public override string Name => "CUDA";

    /// <inheritdoc/>
    public override void PrepareUpload(GgmlType embedding, IEnumerable<GgmlType> matrices)
    {
        _ = Product(embedding);
        foreach (GgmlType type in matrices) _upload.Prepare(type);
    }

    /// <inheritdoc/>
    public override GpuLayer UploadLayer(LayerSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        CudaMatrix? pair = _upload.Pair(source.Gate, source.Up);
        var layer = new PortableLayer
        {
            Query = UploadMatrix(source.Query),
            Key = UploadMatrix(source.Key),
            Value = UploadMatrix(source.Value),
            Output = UploadMatrix(source.Output),
            Gate = pair ?? UploadMatrix(source.Gate),
            Up = pair is null ? UploadMatrix(source.Up) : new PairedMatrix(pair),
            Down = UploadMatrix(source.Down),
            Gates = source.Memory is { } memory ? UploadMatrix(GatesOf(memory)) : null,
        };
        layer.UploadVectors(Accelerator, source, Shape.Heads);
        Upload.Wait();
        return layer;
    }

    /// <inheritdoc/>
    public override GpuHead UploadHead(HeadSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        PortableMatrix embedding = UploadRows(source.Embedding);
        DeviceMatrix output = source.MakesLogits ? UploadMatrix(source.Output ?? source.Embedding) : embedding;
        Upload.Wait();
        return new PortableHead(embedding, output, Accelerator.Allocate1D(source.OutputNorm));
    }

    /// <inheritdoc/>
    public override void BeginPass(ReadOnlySpan<GpuPart> parts, int perLayer)
    {
        if (_texts?.Begin(parts, perLayer) == false) _graphs.Clear();
    }

    /// <inheritdoc/>
    public override void Repeat(int rows, int asked, Action enqueue)
    {
        _form.Clear();
        foreach (LayerTexts texts in _texts is null ? [] : _texts.Layers)
        {
            // Rows that the table does not hold carry their positions in what launches pass.
            if (texts.Count < rows)
            {
                enqueue();
                return;
            }
            _form.AddRange([texts.Splits, texts.AnyLeaves ? 1 : 0, texts.Gates]);
        }
        if (_form.Count == 0) enqueue();
        else
        {
            _form.AddRange([rows, asked]);
            _graphs.Run(CollectionsMarshal.AsSpan(_form), enqueue);
        }
    }

    /// <inheritdoc/>
    public override void RunLayer(GpuLayer layer, ReadOnlySpan<GpuPart> parts, int rows)
    {
        var l = (PortableLayer)layer;
        Project(l, rows);
        LayerTexts texts = _texts?.Next() ?? default;
        bool quantized = rows == 1;
        foreach (ref readonly GpuPart part in parts)
        {
            if (texts.Count > 0 && TextTable.Takes(in part, texts.Gates))
            {
                if (texts.Count < parts.Length) NormHeads(l, in part);
                continue;
            }
            Push(l, in part, rows);
            if (part.Count <= RowByRow && _attention is { } attention && CudaAttention.Reads(part.Ring))
            {
                for (int i = 0; i < part.Count; i++) attention.One(Scratch, l, in part, i, _attended, quantized);
                continue;
            }
            Attend(l, in part, rows);
            if (part.Evicted > 0) Recall(l, in part, rows);
            quantized = false;
        }
        if (texts.Count > 0)
        {
            if (texts.Count == parts.Length) NormHeads(l, parts[0] with { Row = 0, Count = rows });
            _attention!.Enter(Scratch, l, in texts, ShapeOf(in parts[0], rows));
            _attention.Together(Scratch, l, in texts, _attended, quantized);
        }
        Finish(l, rows, quantized);
    }

    /// <inheritdoc/>
    public override void ComputeLogits(GpuHead head, int rows, int first, int count)
    {
        ArgumentNullException.ThrowIfNull(head);
        var h = (PortableHead)head;
        ArrayView<int> asked = Scratch.Table.SubView(rows + first, count);
        if (h.Output is not CudaMatrix output || (count > CudaProducts.FewRows && !CudaBatch.Takes(output, count)))
        {
            base.ComputeLogits(head, rows, first, count);
            return;
        }
        if (CudaBatch.Takes(output, count))
        {
            _batch.Norm(Scratch.Hidden, asked, true, h.Norm, Shape.NormEpsilon, Shape.Hidden, Scratch.Normed, count);
            _batch.Linear(output.Format, Part(output, Scratch.Logits, default, false), default, default, count);
            return;
        }
        _rows.Norm(Scratch.Hidden, asked, true, h.Norm, Shape.NormEpsilon, Shape.Hidden, _normed, count);
        _products.Few(_normed, Part(output, Scratch.Logits, default, false), default, default, default, (output.Format, null, null), count);
    }

    /// <inheritdoc/>
    public override void EndUpload()
    {
        base.EndUpload();
        _upload.Dispose();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _upload.Dispose();
        _texts?.Dispose();
        _graphs.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected internal override void Multiply(
        DeviceMatrix w, ArrayView<float> x, ArrayView<float> y, ArrayView<float> bias, int rows, bool accumulate)
    {
        if (w is not CudaMatrix matrix)
        {
            base.Multiply(w, x, y, bias, rows, accumulate);
            return;
        }
        ProductPart part = Part(matrix, y, bias, accumulate);
        if (CudaBatch.Takes(matrix, rows))
        {
            _batch.Convert(x, w.Columns, rows);
            _batch.Linear(matrix.Format, part, default, default, rows);
            return;
        }
        if (IsFew(matrix, rows))
        {
            Activations a = _any;
            a.Values = x;
            if (!matrix.Format.IsFloat) _rows.Quantize(a, w.Columns, rows);
            _products.Few(a, part, default, default, default, (matrix.Format, null, null), rows);
            return;
        }
        _many.Linear(x, rows, [(matrix, part)]);
    }

    /// <inheritdoc/>
    protected override void Project(GpuLayer layer, int rows)
    {
        var l = (PortableLayer)layer;
        if (l is not { Query: CudaMatrix q, Key: CudaMatrix k, Value: CudaMatrix v } || q.Format != k.Format
            || l.Gates is not (null or CudaMatrix))
        {
            base.Project(layer, rows);
            return;
        }
        var gates = l.Gates as CudaMatrix;
        ProductPart query = Part(q, Scratch.Query, l.QueryBias, false), key = Part(k, Scratch.Key, l.KeyBias, false),
            value = Part(v, Scratch.Value, l.ValueBias, false);
        if (CudaBatch.Takes(q, rows) && CudaBatch.Takes(v, rows))
        {
            bool alike = q.Format == v.Format;
            _batch.Norm(Scratch.Hidden, Scratch.Table, false, l.AttentionNorm, Shape.NormEpsilon, Shape.Hidden, Scratch.Normed, rows);
            _batch.Linear(q.Format, query, key, alike ? value : default, rows);
            if (!alike) _batch.Linear(v.Format, value, default, default, rows);
            if (gates is not null) Multiply(gates, Scratch.Normed, Scratch.Gates, default, rows, false);
            return;
        }
        if (rows == 1 || (rows <= CudaProducts.FewRows && q.Format.IsFloat && v.Format.IsFloat))
        {
            NormQuantized(l.AttentionNorm, rows);
            _products.Few(
                _normed, query, key, value, gates is null ? default : Part(gates, Scratch.Gates, default, false),
                (q.Format, v.Format, gates?.Format), rows);
            return;
        }
        Norm(Scratch.Hidden, default, l.AttentionNorm, Scratch.Normed, rows);
        if (rows <= CudaProducts.FewRows || q.Type == GgmlType.F32 || v.Type == GgmlType.F32)
        {
            Multiply(q, Scratch.Normed, Scratch.Query, l.QueryBias, rows, false);
            Multiply(k, Scratch.Normed, Scratch.Key, l.KeyBias, rows, false);
            Multiply(v, Scratch.Normed, Scratch.Value, l.ValueBias, rows, false);
        }
        else
        {
            ReadOnlySpan<(CudaMatrix, ProductPart)> parts = gates is null ? [(q, query), (k, key), (v, value)]
                : [(q, query), (k, key), (v, value), (gates, Part(gates, Scratch.Gates, default, false))];
            _many.Linear(Scratch.Normed, rows, parts);
            return;
        }
        if (gates is not null) Multiply(gates, Scratch.Normed, Scratch.Gates, default, rows, false);
    }

    /// <inheritdoc/>
    protected override void Push(GpuLayer layer, in GpuPart part, int rows)
    {
        if (_attention is not { } attention || !CudaAttention.Reads(part.Ring))
        {
            base.Push(layer, in part, rows);
            return;
        }
        var l = (PortableLayer)layer;
        NormHeads(l, in part);
        attention.Enter(Scratch, l, in part, ShapeOf(in part, rows));
    }

    /// <inheritdoc/>
    protected override void Recall(GpuLayer layer, in GpuPart part, int rows)
    {
        if (_attention is { } attention && CudaAttention.Reads(part.Ring))
            attention.RecallMany(Scratch, (PortableLayer)layer, in part, ShapeOf(in part, rows));
        else base.Recall(layer, in part, rows);
    }

    /// <inheritdoc/>
    protected override void Attend(GpuLayer layer, in GpuPart part, int rows)
    {
        if (_attention is { } attention && CudaAttention.Reads(part.Ring)) attention.Many(Scratch, in part);
        else base.Attend(layer, in part, rows);
    }

    /// <inheritdoc/>
    protected override void Finish(GpuLayer layer, int rows) => Finish((PortableLayer)layer, rows, false);

    /// <inheritdoc/>
    protected override DeviceMatrix UploadMatrix(MatrixSource source) => _upload.Matrix(source) ?? base.UploadMatrix(source);

    private void Finish(PortableLayer l, int rows, bool attendedIsQuantized)
    {
        if (rows == 1 && l.Output is CudaMatrix o)
        {
            if (!attendedIsQuantized) _rows.Quantize(_attended, Shape.QueryWidth, rows);
            _products.Few(_attended, Part(o, Scratch.Hidden, default, true), default, default, default, (o.Format, null, null), rows);
        }
        else
        {
            Multiply(l.Output, Scratch.Attended, Scratch.Hidden, default, rows, accumulate: true);
        }
        if (rows == 1 && l is { Gate: CudaMatrix gate, Up: PairedMatrix, Down: CudaMatrix down })
        {
            NormQuantized(l.FfnNorm, rows);
            _products.FewSwiGlu(_normed, gate, _ffn, rows);
            _products.Few(_ffn, Part(down, Scratch.Hidden, default, true), default, default, default, (down.Format, null, null), rows);
            return;
        }
        if (l is { Gate: CudaMatrix both, Up: PairedMatrix })
        {
            if (CudaBatch.Takes(both, rows))
            {
                _batch.Norm(Scratch.Hidden, Scratch.Table, false, l.FfnNorm, Shape.NormEpsilon, Shape.Hidden, Scratch.Normed, rows);
                _batch.SwiGlu(both, Scratch.FfnGate, rows);
            }
            else
            {
                Norm(Scratch.Hidden, default, l.FfnNorm, Scratch.Normed, rows);
                if (IsFew(both, rows)) PairedRows(both, rows);
                else _many.SwiGlu(Scratch.Normed, both, Scratch.FfnGate, rows);
            }
        }
        else
        {
            Norm(Scratch.Hidden, default, l.FfnNorm, Scratch.Normed, rows);
            Multiply(l.Gate, Scratch.Normed, Scratch.FfnGate, default, rows, accumulate: false);
            Multiply(l.Up, Scratch.Normed, Scratch.FfnUp, default, rows, accumulate: false);
            for (int first = 0; first < rows; first += CudaProducts.FewRows)
                SwiGluRows(Math.Min(CudaProducts.FewRows, rows - first), first);
        }
        Multiply(l.Down, Scratch.FfnGate, Scratch.Hidden, default, rows, accumulate: true);
    }

    // Rows by themselves: one, or a few of floats; floats of 32 bits keep their precision in any number.
    private static bool IsFew(CudaMatrix w, int rows) =>
        rows == 1 || (w.Format.IsFloat && (rows <= CudaProducts.FewRows || w.Type == GgmlType.F32));

    /// <summary>Gate and up of rows that are multiplied a few at a time.</summary>
    private void PairedRows(CudaMatrix both, int rows)
    {
        for (int first = 0; first < rows; first += CudaProducts.FewRows)
        {
            int count = Math.Min(CudaProducts.FewRows, rows - first);
            Activations n = _normed, h = _ffn;
            n.Values = Scratch.Normed.SubView((long)first * Shape.Hidden, (long)count * Shape.Hidden);
            h.Values = Scratch.FfnGate.SubView((long)first * Shape.Ffn, (long)count * Shape.Ffn);
            if (!both.Format.IsFloat) _rows.Quantize(n, Shape.Hidden, count);
            _products.FewSwiGlu(n, both, h, count);
        }
    }

    private void SwiGluRows(int rows, int first = 0)
    {
        long at = (long)first * Shape.Ffn, length = (long)rows * Shape.Ffn;
        Activations h = _ffn;
        h.Values = Scratch.FfnGate.SubView(at, length);
        _rows.SwiGlu(h.Values, Scratch.FfnUp.SubView(at, length), Shape.Ffn, h, rows);
    }

    private void NormQuantized(ArrayView<float> weight, int rows) =>
        _rows.Norm(Scratch.Hidden, Scratch.Table, false, weight, Shape.NormEpsilon, Shape.Hidden, _normed, rows);

    private static ProductPart Part(CudaMatrix w, ArrayView<float> output, ArrayView<float> bias, bool accumulate) => new()
    {
        Weights = w.Weights,
        Output = output,
        Bias = bias.Length > 0 ? bias : output,
        HasBias = bias.Length > 0 ? 1 : 0,
        Rows = w.Rows,
        Accumulate = accumulate ? 1 : 0,
    };

    private Activations ActivationsOf(ArrayView<float> values, int columns)
    {
        long groups = (long)CudaProducts.FewRows * ((columns + 31) / 32);
        return new Activations { Values = values, Quants = Scratch.Take<Word4>(groups * 2), Scales = Scratch.Take<Float2>(groups) };
    }
}
