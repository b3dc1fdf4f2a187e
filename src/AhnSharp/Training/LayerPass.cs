using System;
using AhnSharp.Cpu;
using AhnSharp.Kernels;
using AhnSharp.Network;

namespace AhnSharp.Training;

/// <summary>
/// One decoder layer over a whole text, and back; every layer uses the same scratch, so a text holds each layer's input alone.
/// </summary>
/// <remarks>
/// The rows before <c>first</c> = W + S never see a memory: they are those of the base, nothing that is learned is behind them, and only
/// their keys and values are computed. Rows from there on go forward and back. first = 0 with full sight is the teacher.
/// </remarks>
internal sealed class LayerPass
{
    private readonly FrozenBase _base;
    private readonly AttentionShape _shape;
    private readonly Gemm _gemm = KernelTable.Gemm;
    private readonly ExactAttention _attention;
    private readonly AttentionGradient _attentionBack;
    private readonly MemoryPass _memory;
    private readonly Rotation _rotation;
    private readonly float[][] _scratch;
    private readonly Activations _normed = new(), _tail = new(), _query = new(), _key = new(), _value = new(), _attended = new(),
        _joined = new(), _mid = new(), _ffnNormed = new(), _gate = new(), _up = new();
    private readonly Activations _dAct = new(), _dFfnNormed = new(), _dAttended = new(), _dQuery = new(), _dKey = new(), _dValue = new(),
        _dNormed = new();
    private float[] _lse = [], _queryRaw = [], _keyRaw = [];

    public LayerPass(FrozenBase frozen, MemoryRule rule, float normEpsilon)
    {
        _base = frozen;
        ModelConfig c = frozen.Config;
        Workers workers = frozen.Workers;
        _shape = new AttentionShape(c.HeadCount, c.KvHeadCount, c.HeadDim);
        _attention = new ExactAttention(_shape, workers, _gemm);
        _attentionBack = new AttentionGradient(_shape, workers, _gemm);
        _memory = new MemoryPass(c, rule, normEpsilon, workers, _gemm);
        _rotation = new Rotation(c);
        Products = new TransposedProducts(frozen.File, workers, _gemm);
        _scratch = new float[workers.Count][];
        for (int i = 0; i < _scratch.Length; i++) _scratch[i] = new float[Math.Max(c.HiddenSize, 2 * c.HeadDim)];
    }

    /// <summary>Products with the base's matrices, backwards.</summary>
    public TransposedProducts Products { get; }

    /// <summary>Rows from <paramref name="first"/> on go through a layer.</summary>
    /// <param name="layer">Which.</param>
    /// <param name="x">[tokens, E]: the layer's input; its rows from <paramref name="first"/> on become the output.</param>
    /// <param name="first">0, or W + S of <paramref name="sight"/>.</param>
    /// <param name="sight">What its queries see.</param>
    /// <param name="memory">The layer's memory; null: none.</param>
    public void Forward(int layer, Activations x, int first, Sight sight, LayerParameters? memory)
    {
        LayerWeights w = _base.Layers[layer].Weights;
        Attend(w, x, first, sight, memory);
        FeedForward(w);
        _base.Workers.ForRows(_gate.Rows, (row, end, _) =>
        {
            for (; row < end; row++) SwiGlu.InPlace(_gate.Row(row), _up.Row(row));
        });
        w.Down.Apply(_base.Workers, _gate, _mid, accumulate: true);
        _mid.Values.CopyTo(x.Values[(first * x.Columns)..]);
    }

    /// <summary>The way back.</summary>
    /// <param name="layer">Which.</param>
    /// <param name="x">[tokens, E]: the layer's input, as it was.</param>
    /// <param name="first">W + S.</param>
    /// <param name="sight">As Forward.</param>
    /// <param name="memory">The layer's memory.</param>
    /// <param name="gradient">Its gradient, added to.</param>
    /// <param name="dx">[tokens − first, E]: the gradient of the output, which becomes that of the input.</param>
    /// <param name="toInput">False: nothing is learned below, and dx is undefined afterwards.</param>
    public void Backward(
        int layer, Activations x, int first, Sight sight, LayerParameters memory, LayerParameters gradient, Activations dx, bool toInput)
    {
        FrozenLayer frozen = _base.Layers[layer];
        LayerWeights w = frozen.Weights;
        Workers workers = _base.Workers;
        float epsilon = _base.Config.RmsNormEpsilon;
        int count = dx.Rows;
        Attend(w, x, first, sight, memory);
        FeedForward(w);

        Products.Multiply(frozen.Down, dx, _dAct);
        workers.ForRows(count, (row, end, _) =>
        {
            for (; row < end; row++) RowGradients.SwiGlu(_dAct.Row(row), _gate.Row(row), _up.Row(row));
        });
        Products.Multiply(frozen.Gate, _gate, _dFfnNormed);
        Products.Multiply(frozen.Up, _up, _dFfnNormed, accumulate: true);
        workers.ForRows(count, (row, end, worker) =>
        {
            for (; row < end; row++)
                RowGradients.AddRmsNorm(_mid.Row(row), w.FfnNorm, epsilon, _dFfnNormed.Row(row), dx.Row(row), _scratch[worker]);
        });

        Products.Multiply(frozen.Output, dx, _dAttended);
        RowsGradient? rows = toInput ? NewRows(count) : null;
        _memory.Backward(
            memory, gradient, _normed.Array, _query.Array, _key.Array, _value.Array, sight.Sinks, first, count, _dAttended.Array, rows);
        if (rows is null) return;
        _attentionBack.Add(
            _query.Array, _key.Array, _value.Array, first, count, sight, _attended.Array, _lse, _dAttended.Array, rows.Queries, rows.Keys,
            rows.Values);
        workers.ForRows(count, (row, end, worker) =>
        {
            for (; row < end; row++)
            {
                BackToProduct(_dQuery.Row(row), first + row, _queryRaw, row, w.QueryNorm, _scratch[worker]);
                BackToProduct(_dKey.Row(row), first + row, _keyRaw, first + row, w.KeyNorm, _scratch[worker]);
            }
        });
        Products.Multiply(frozen.Query, _dQuery, _dNormed, accumulate: true);
        Products.Multiply(frozen.Key, _dKey, _dNormed, accumulate: true);
        Products.Multiply(frozen.Value, _dValue, _dNormed, accumulate: true);
        workers.ForRows(count, (row, end, worker) =>
        {
            for (; row < end; row++)
                RowGradients.AddRmsNorm(x.Row(first + row), w.AttentionNorm, epsilon, _dNormed.Row(row), dx.Row(row), _scratch[worker]);
        });
    }

    // h = RMSNorm(x); q, k, v; a = attention + memory; mid = x + Wo a, of the rows from first on.
    private void Attend(LayerWeights w, Activations x, int first, Sight sight, LayerParameters? memory)
    {
        Workers workers = _base.Workers;
        float epsilon = _base.Config.RmsNormEpsilon;
        int tokens = x.Rows, count = tokens - first, e = x.Columns;
        _rotation.Reserve(tokens);
        _normed.Reshape(tokens, e);
        workers.ForRows(tokens, (row, end, _) =>
        {
            for (; row < end; row++) RmsNorm.Apply(x.Row(row), w.AttentionNorm, epsilon, _normed.Row(row));
        });
        Activations tail = _normed;
        if (first > 0)
        {
            tail = _tail;
            tail.Reshape(count, e);
            _normed.Values[(first * e)..].CopyTo(tail.Values);
        }
        w.Query.Apply(workers, tail, _query);
        w.Key.Apply(workers, _normed, _key);
        w.Value.Apply(workers, _normed, _value);
        if (w.QueryNorm is not null)
        {
            _query.Values.CopyTo(TeamWork.Reserve(ref _queryRaw, _query.Values.Length));
            _key.Values.CopyTo(TeamWork.Reserve(ref _keyRaw, _key.Values.Length));
        }
        workers.ForRows(tokens, (row, end, _) =>
        {
            for (; row < end; row++)
            {
                Place(_key.Row(row), w.KeyNorm, row);
                if (row >= first) Place(_query.Row(row - first), w.QueryNorm, row);
            }
        });

        _attended.Reshape(count, _shape.QueryColumns);
        _joined.Reshape(count, _shape.QueryColumns);
        _attention.Run(
            _query.Array, _key.Array, _value.Array, first, count, sight, _attended.Array, TeamWork.Reserve(ref _lse, _shape.Heads * count));
        _attended.Values.CopyTo(_joined.Values);
        if (memory is not null)
        {
            _memory.Forward(
                memory, _normed.Array, _query.Array, _key.Array, _value.Array, sight.Sinks, first, count, _joined.Array);
        }
        _mid.Reshape(count, e);
        x.Values[(first * e)..].CopyTo(_mid.Values);
        w.Output.Apply(workers, _joined, _mid, accumulate: true);
    }

    // Norms the heads of a row (Qwen3) and turns them to their position.
    private void Place(Span<float> heads, float[]? norm, int position)
    {
        for (int at = 0; norm is not null && at < heads.Length; at += norm.Length)
            RmsNorm.Apply(heads.Slice(at, norm.Length), norm, _base.Config.RmsNormEpsilon, heads.Slice(at, norm.Length));
        _rotation.Turn(heads, position);
    }

    // Back through the turn and the norm of heads, in place.
    private void BackToProduct(Span<float> gradient, int position, float[] raw, int row, float[]? norm, Span<float> scratch)
    {
        _rotation.TurnBack(gradient, position);
        if (norm is null) return;
        int d = norm.Length;
        Span<float> back = scratch.Slice(d, d);
        for (int at = 0; at < gradient.Length; at += d)
        {
            back.Clear();
            RowGradients.AddRmsNorm(
                raw.AsSpan(row * gradient.Length + at, d), norm, _base.Config.RmsNormEpsilon, gradient.Slice(at, d), back, scratch);
            back.CopyTo(gradient[at..]);
        }
    }

    private void FeedForward(LayerWeights w)
    {
        Workers workers = _base.Workers;
        float epsilon = _base.Config.RmsNormEpsilon;
        _ffnNormed.Reshape(_mid.Rows, _mid.Columns);
        workers.ForRows(_mid.Rows, (row, end, _) =>
        {
            for (; row < end; row++) RmsNorm.Apply(_mid.Row(row), w.FfnNorm, epsilon, _ffnNormed.Row(row));
        });
        w.Gate.Apply(workers, _ffnNormed, _gate);
        w.Up.Apply(workers, _ffnNormed, _up);
    }

    private RowsGradient NewRows(int count)
    {
        _dQuery.Reshape(count, _shape.QueryColumns);
        _dKey.Reshape(count, _shape.KeyColumns);
        _dValue.Reshape(count, _shape.KeyColumns);
        _dNormed.Reshape(count, _base.Config.HiddenSize);
        foreach (Activations rows in (Activations[])[_dQuery, _dKey, _dValue, _dNormed]) rows.Values.Clear();
        return new RowsGradient(_dQuery.Array, _dKey.Array, _dValue.Array, _dNormed.Array);
    }
}
