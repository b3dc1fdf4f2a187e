using System;
using AhnSharp.Gpu.Portable;
using AhnSharp.Kernels;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Training;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Training;

/// <summary>
/// One decoder layer over a whole text on a device, and back; every layer uses the same memory. The definition is <c>LayerPass</c>.
/// </summary>
internal sealed class DeviceLayerPass
{
    private readonly DeviceBase _base;
    private readonly DeviceProducts _products;
    private readonly RowOperations _operations;
    private readonly DeviceAttention _attention;
    private readonly DeviceMemory _memory;
    private readonly ModelConfig _config;
    private readonly AttentionShape _shape;
    private readonly AcceleratorStream _stream;
    private readonly bool _normsHeads;
    private ArrayView<float> _cos, _sin, _normed, _query, _key, _value, _queryRaw, _keyRaw, _attended, _mid, _ffnNormed, _gate, _up;
    private ArrayView<float> _dAct, _dAttended, _dQuery, _dKey, _dValue, _dNormed;

    /// <param name="frozen">The base on the device.</param>
    /// <param name="products">Products.</param>
    /// <param name="operations">Operations on rows.</param>
    /// <param name="config">The model.</param>
    /// <param name="memory">The memory.</param>
    /// <param name="device">The device and the threads of a group.</param>
    public DeviceLayerPass(
        DeviceBase frozen, DeviceProducts products, RowOperations operations, ModelConfig config, DeviceMemory memory,
        (Accelerator Accelerator, int GroupSize) device)
    {
        (_base, _products, _operations, _config, _memory) = (frozen, products, operations, config, memory);
        _shape = new AttentionShape(config.HeadCount, config.KvHeadCount, config.HeadDim);
        _stream = device.Accelerator.DefaultStream;
        _attention = new DeviceAttention(_shape, products, new ScoreRows(device.Accelerator, device.GroupSize));
        _normsHeads = frozen.Layer(0).QueryNorm.Length > 0;
    }

    /// <summary>Takes the memory that texts of so many tokens need.</summary>
    public void Reserve(int tokens, DeviceBuffers buffers)
    {
        long t = tokens, e = t * _config.HiddenSize, q = t * _shape.QueryColumns, k = t * _shape.KeyColumns, f = t * _config.FfnSize;
        int half = _shape.HeadDim / 2;
        float[] cos = new float[tokens * half], sin = new float[tokens * half];
        Rope rope = ModelRope.Of(_config);
        for (int i = 0; i < tokens; i++)
            rope.Angles(i, cos.AsSpan(i * half, half), sin.AsSpan(i * half, half));
        (_cos, _sin) = (buffers.Take(cos), buffers.Take(sin));
        (_normed, _mid, _ffnNormed, _dNormed) = (buffers.Take(e), buffers.Take(e), buffers.Take(e), buffers.Take(e));
        (_query, _attended, _dAttended, _dQuery) = (buffers.Take(q), buffers.Take(q), buffers.Take(q), buffers.Take(q));
        (_key, _value, _dKey, _dValue) = (buffers.Take(k), buffers.Take(k), buffers.Take(k), buffers.Take(k));
        (_gate, _up, _dAct) = (buffers.Take(f), buffers.Take(f), buffers.Take(f));
        (_queryRaw, _keyRaw) = _normsHeads ? (buffers.Take(q), buffers.Take(k)) : default;
        _attention.Reserve(tokens, buffers);
        _memory.Reserve(tokens, buffers);
    }

    /// <summary>Rows from <paramref name="first"/> on go through a layer.</summary>
    /// <param name="index">Which.</param>
    /// <param name="x">[tokens, E]: the layer's input; its rows from <paramref name="first"/> on become the output.</param>
    /// <param name="tokens">Rows of x.</param>
    /// <param name="first">0, or W + S of <paramref name="sight"/>.</param>
    /// <param name="sight">What its queries see.</param>
    /// <param name="memory">The layer's memory; null: none.</param>
    public void Forward(int index, ArrayView<float> x, int tokens, int first, Sight sight, DeviceMemoryTensors? memory)
    {
        DeviceLayer layer = _base.Layer(index);
        int count = tokens - first;
        Attend(layer, x, tokens, first, sight, memory, keeps: false);
        FeedForward(layer, count);
        ArrayView<float> gate = _gate.SubView(0, (long)count * _config.FfnSize);
        _operations.SwiGlu(gate, _up);
        Linear(gate, DeviceBase.Down, _mid, count, (_config.HiddenSize, _config.FfnSize), accumulate: true);
        long e = _config.HiddenSize;
        _mid.SubView(0, count * e).CopyTo(_stream, x.SubView(first * e, count * e));
    }

    /// <summary>The way back.</summary>
    /// <param name="index">Which.</param>
    /// <param name="x">[tokens, E]: the layer's input, as it was.</param>
    /// <param name="tokens">Rows of x.</param>
    /// <param name="first">W + S.</param>
    /// <param name="sight">As Forward.</param>
    /// <param name="memory">The layer's memory.</param>
    /// <param name="gradient">Its gradient, added to.</param>
    /// <param name="dx">[tokens − first, E]: the gradient of the output, which becomes that of the input.</param>
    /// <param name="toInput">False: nothing is learned below, and dx is undefined afterwards.</param>
    public void Backward(
        int index, ArrayView<float> x, int tokens, int first, Sight sight, DeviceMemoryTensors memory, DeviceMemoryTensors gradient,
        ArrayView<float> dx, bool toInput)
    {
        DeviceLayer layer = _base.Layer(index);
        int count = tokens - first, e = _config.HiddenSize, f = _config.FfnSize;
        var ofHidden = new RowShape(e, _config.RmsNormEpsilon);
        Attend(layer, x, tokens, first, sight, memory, keeps: true);
        FeedForward(layer, count);

        Back(dx, DeviceBase.Down, _dAct, count, (e, f));
        _operations.SwiGluBack(_dAct, _gate.SubView(0, (long)count * f), _up);
        Back(_gate, DeviceBase.Gate, _ffnNormed, count, (f, e));
        Back(_up, DeviceBase.Up, _ffnNormed, count, (f, e), accumulate: true);
        _operations.NormBack(_mid, layer.FfnNorm, _ffnNormed, dx, count, ofHidden, accumulate: true);

        Back(dx, DeviceBase.Output, _dAttended, count, (e, _shape.QueryColumns));
        if (toInput)
        {
            foreach (ArrayView<float> zero in (ArrayView<float>[])[_dQuery, _dKey, _dValue, _dNormed]) zero.MemSetToZero(_stream);
        }
        _memory.Backward(
            memory, gradient, _normed, sight.Sinks, first, count, _dAttended,
            toInput ? new DeviceRowsGradient(_dQuery, _dKey, _dValue, _dNormed) : null);
        if (!toInput) return;
        _attention.Back(_query, _key, _value, first, count, sight, _dAttended, _dQuery, _dKey, _dValue);
        BackToProduct(_dQuery, first, count, _shape.Heads, _queryRaw, 0, layer.QueryNorm);
        BackToProduct(_dKey, first, count, _shape.KvHeads, _keyRaw, first, layer.KeyNorm);
        Back(_dQuery, DeviceBase.Query, _dNormed, count, (_shape.QueryColumns, e), accumulate: true);
        Back(_dKey, DeviceBase.Key, _dNormed, count, (_shape.KeyColumns, e), accumulate: true);
        Back(_dValue, DeviceBase.Value, _dNormed, count, (_shape.KeyColumns, e), accumulate: true);
        _operations.NormBack(
            From(x, (long)first * e), layer.AttentionNorm, _dNormed, dx, count, ofHidden, accumulate: true);
    }

    // h = RMSNorm(x); q, k, v; a = attention + memory; mid = x + Wo a, of the rows from first on.
    private void Attend(
        DeviceLayer layer, ArrayView<float> x, int tokens, int first, Sight sight, DeviceMemoryTensors? memory, bool keeps)
    {
        int count = tokens - first, e = _config.HiddenSize;
        _operations.Norm(x, layer.AttentionNorm, _normed, tokens, e, _config.RmsNormEpsilon);
        Linear(From(_normed, (long)first * e), DeviceBase.Query, _query, count, (_shape.QueryColumns, e), bias: layer.QueryBias);
        Linear(_normed, DeviceBase.Key, _key, tokens, (_shape.KeyColumns, e), bias: layer.KeyBias);
        Linear(_normed, DeviceBase.Value, _value, tokens, (_shape.KeyColumns, e), bias: layer.ValueBias);
        Place(_query, first, count, _shape.Heads, _queryRaw, layer.QueryNorm);
        Place(_key, 0, tokens, _shape.KvHeads, _keyRaw, layer.KeyNorm);
        _attention.Run(_query, _key, _value, first, count, sight, _attended);
        if (memory is { } tensors)
            _memory.Forward(tensors, _normed, _query, _key, _value, sight.Sinks, first, count, _attended, keeps);
        x.SubView((long)first * e, (long)count * e).CopyTo(_stream, _mid.SubView(0, (long)count * e));
        Linear(_attended, DeviceBase.Output, _mid, count, (e, _shape.QueryColumns), accumulate: true);
    }

    private void FeedForward(DeviceLayer layer, int count)
    {
        int e = _config.HiddenSize, f = _config.FfnSize;
        _operations.Norm(_mid, layer.FfnNorm, _ffnNormed, count, e, _config.RmsNormEpsilon);
        Linear(_ffnNormed, DeviceBase.Gate, _gate, count, (f, e));
        Linear(_ffnNormed, DeviceBase.Up, _up, count, (f, e));
    }

    // Norms the heads of rows (Qwen3), of which raw keeps what they were, and turns them to their positions.
    private void Place(ArrayView<float> heads, int position, int rows, int count, ArrayView<float> raw, ArrayView<float> norm)
    {
        int d = _shape.HeadDim;
        if (norm.Length > 0)
        {
            long length = (long)rows * count * d;
            heads.SubView(0, length).CopyTo(_stream, raw.SubView(0, length));
            _operations.Norm(raw, norm, heads, rows * count, d, _config.RmsNormEpsilon);
        }
        Turn(heads, position, rows, count, isBack: false);
    }

    private void BackToProduct(
        ArrayView<float> gradient, int position, int rows, int count, ArrayView<float> raw, int rawRow, ArrayView<float> norm)
    {
        int d = _shape.HeadDim;
        Turn(gradient, position, rows, count, isBack: true);
        if (norm.Length == 0) return;
        _operations.NormBack(
            From(raw, (long)rawRow * count * d), norm, gradient, gradient, rows * count, new RowShape(d, _config.RmsNormEpsilon),
            accumulate: false);
    }

    private void Turn(ArrayView<float> heads, int position, int rows, int count, bool isBack)
    {
        long at = (long)position * _shape.HeadDim / 2;
        _operations.Turn(heads, From(_cos, at), From(_sin, at), rows, count, _shape.HeadDim, isBack);
    }

    // y [rows, out] (+)= x [rows, in]·Wᵀ + bias.
    private void Linear(
        ArrayView<float> x, int place, ArrayView<float> y, int rows, (int Out, int In) w, bool accumulate = false,
        ArrayView<float> bias = default) =>
        _products.Multiply(
            Operand.Of(x, w.In), Operand.Transposed(_base.Matrix(place), w.In), Operand.Of(y, w.Out), (rows, w.Out, w.In),
            accumulate: accumulate, bias: bias);

    // dx [rows, in] (+)= dy [rows, out]·W.
    private void Back(ArrayView<float> dy, int place, ArrayView<float> dx, int rows, (int Out, int In) w, bool accumulate = false) =>
        _products.Multiply(
            Operand.Of(dy, w.Out), Operand.Of(_base.Matrix(place), w.In), Operand.Of(dx, w.In), (rows, w.In, w.Out),
            accumulate: accumulate);

    private static ArrayView<float> From(ArrayView<float> view, long start) => view.SubView(start, view.Length - start);
}
