using System;
using System.Numerics.Tensors;
using AhnSharp.Kernels;
using AhnSharp.Network;

namespace AhnSharp.Training;

/// <summary>One layer's memory over a text, and back: what attention's output gains, and what the memory's tensors gain by it.</summary>
/// <remarks>
/// Token S + i leaves when query W + S + i comes, i = 0 … count − 1: it is folded, then that query reads. o = what is read; DN, GDN:
/// y = RMSNorm_D(o)·SiLU(γ); Mamba2: y = RMSNorm_{H·D}(o·SiLU(γ)); gained = y·P of each head. The way back computes o again.
/// </remarks>
internal sealed class MemoryPass
{
    private readonly MemoryRule _rule;
    private readonly AttentionShape _shape;
    private readonly Workers _workers;
    private readonly MemoryGates _gates;
    private readonly MemoryOutput _output;
    private readonly HeadSequence[] _sequences;
    private readonly float _queryScale, _epsilon, _smallest;
    private float[] _read = [], _starts = [], _dRead = [], _dKeys = [], _dValues = [];

    public MemoryPass(ModelConfig config, MemoryRule rule, float normEpsilon, Workers workers, Gemm gemm)
    {
        (_rule, _workers) = (rule, workers);
        _shape = new AttentionShape(config.HeadCount, config.KvHeadCount, config.HeadDim);
        _gates = new MemoryGates(rule, config.HeadCount, config.HiddenSize, workers, gemm);
        _output = new MemoryOutput(rule, _shape, normEpsilon, workers, gemm);
        _sequences = new HeadSequence[workers.Count];
        for (int i = 0; i < _sequences.Length; i++) _sequences[i] = new HeadSequence(config.HeadDim);
        // As the published code has it: the delta rules guard the square, Mamba2 the length, and divides by no √D.
        bool guardsLength = rule.DecaysByStrength;
        (_queryScale, _epsilon, _smallest) = guardsLength ? (1f, 0f, 1e-12f) : (_shape.Scale, 1e-6f, 0f);
    }

    private bool Predicts => !_rule.DecaysByStrength;

    /// <summary>Adds to attention's output what the memory recalls.</summary>
    /// <param name="parameters">The layer's.</param>
    /// <param name="normed">[tokens, E].</param>
    /// <param name="q">[count, H·D], rotated, of the queries that read.</param>
    /// <param name="k">[tokens, K·D], rotated.</param>
    /// <param name="v">[tokens, K·D].</param>
    /// <param name="sinks">S, the first token that leaves.</param>
    /// <param name="reading">W + S, the first that reads.</param>
    /// <param name="count">Tokens of both.</param>
    /// <param name="a">[count, H·D], added to.</param>
    public void Forward(
        LayerParameters parameters, float[] normed, float[] q, float[] k, float[] v, int sinks, int reading, int count, float[] a)
    {
        _gates.Forward(parameters, normed, sinks, reading, count);
        ReadAll(q, k, v, sinks, count, keepsStates: false);
        _output.Forward(parameters, _gates, _read, count, a);
    }

    /// <summary>The way back; what Forward was given must be as it was.</summary>
    /// <param name="parameters">The layer's.</param>
    /// <param name="gradient">Added to.</param>
    /// <param name="normed">As Forward.</param>
    /// <param name="q">As Forward.</param>
    /// <param name="k">As Forward.</param>
    /// <param name="v">As Forward.</param>
    /// <param name="sinks">As Forward.</param>
    /// <param name="reading">As Forward.</param>
    /// <param name="count">As Forward.</param>
    /// <param name="da">[count, H·D].</param>
    /// <param name="rows">What the rows from <paramref name="reading"/> on gain; null: not asked for (nothing is learned below).</param>
    public void Backward(
        LayerParameters parameters, LayerParameters gradient, float[] normed, float[] q, float[] k, float[] v, int sinks, int reading,
        int count, float[] da, RowsGradient? rows)
    {
        _gates.Forward(parameters, normed, sinks, reading, count);
        ReadAll(q, k, v, sinks, count, keepsStates: true);
        _gates.BeginBackward();
        int columns = _shape.QueryColumns;
        float[] dRead = TeamWork.Reserve(ref _dRead, count * columns), dKeys = TeamWork.Reserve(ref _dKeys, count * columns),
            dValues = TeamWork.Reserve(ref _dValues, count * columns);
        _output.Backward(parameters, gradient, _gates, _read, count, da, dRead);
        int starts = Stretches(count) * _sequences[0].StateLength;
        _workers.For(_shape.Heads, (head, worker) =>
        {
            HeadSequence s = _sequences[worker];
            Fill(s, head, q, k, v, sinks, count);
            for (int i = 0; i < count; i++)
                dRead.AsSpan(i * columns + head * _shape.HeadDim, _shape.HeadDim).CopyTo(s.Of(s.ReadGradient, i));
            MemoryRecurrence.Backward(s, Predicts, _starts.AsSpan(head * starts, starts));
            s.StrengthGradient.CopyTo(_gates.StrengthGradient(head));
            s.LogDecayGradient.CopyTo(_gates.LogDecayGradient(head));
            if (rows is not null) FromUnits(s, head, rows, dKeys, dValues);
        });
        _gates.Backward(parameters, gradient, normed, sinks, reading, rows?.Normed);
        if (rows is not null) JoinHeads(dKeys, dValues, reading - sinks, count, rows);
    }

    /// <summary>Bytes held.</summary>
    public long ByteLength => sizeof(float) * ((long)_read.Length + _starts.Length + _dRead.Length + _dKeys.Length + _dValues.Length);

    private static int Stretches(int count) => (count + HeadSequence.Stretch - 1) / HeadSequence.Stretch;

    private void ReadAll(float[] q, float[] k, float[] v, int sinks, int count, bool keepsStates)
    {
        int columns = _shape.QueryColumns, starts = Stretches(count) * _sequences[0].StateLength;
        float[] read = TeamWork.Reserve(ref _read, count * columns);
        if (keepsStates) TeamWork.Reserve(ref _starts, _shape.Heads * starts);
        _workers.For(_shape.Heads, (head, worker) =>
        {
            HeadSequence s = _sequences[worker];
            Fill(s, head, q, k, v, sinks, count);
            MemoryRecurrence.Forward(s, Predicts, keepsStates ? _starts.AsSpan(head * starts, starts) : default);
            for (int i = 0; i < count; i++) s.Of(s.Read, i).CopyTo(read.AsSpan(i * columns + head * _shape.HeadDim, _shape.HeadDim));
        });
    }

    private void Fill(HeadSequence s, int head, float[] q, float[] k, float[] v, int sinks, int count)
    {
        int d = _shape.HeadDim, kv = head / _shape.Group * d;
        s.Reset(count);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<float> query = q.AsSpan(i * _shape.QueryColumns + head * d, d),
                key = k.AsSpan((sinks + i) * _shape.KeyColumns + kv, d);
            float ofQuery = Inverse(query) * _queryScale, ofKey = Inverse(key);
            TensorPrimitives.Multiply(query, ofQuery, s.Of(s.Queries, i));
            TensorPrimitives.Multiply(key, ofKey, s.Of(s.Keys, i));
            v.AsSpan((sinks + i) * _shape.KeyColumns + kv, d).CopyTo(s.Of(s.Values, i));
            (s.QueryInverses[i], s.KeyInverses[i]) = (ofQuery, ofKey);
        }
        _gates.Strengths(head).CopyTo(s.Strengths);
        ReadOnlySpan<float> logDecays = _gates.LogDecays(head);
        for (int i = 0; i < count; i++) s.Decays[i] = (float)Math.Exp(logDecays[i]);
    }

    private float Inverse(ReadOnlySpan<float> x) => 1 / MathF.Max(MathF.Sqrt(TensorPrimitives.SumOfSquares(x) + _epsilon), _smallest);

    // Back through the unit lengths: of q at once, of keys and values beside, since heads share them.
    private void FromUnits(HeadSequence s, int head, RowsGradient rows, float[] dKeys, float[] dValues)
    {
        int d = _shape.HeadDim, columns = _shape.QueryColumns;
        for (int i = 0; i < s.Count; i++)
        {
            int at = i * columns + head * d;
            Span<float> query = s.Of(s.Queries, i), key = s.Of(s.Keys, i), dKey = dKeys.AsSpan(at, d);
            // q̂ here bears the scale: of unit length it is q̂/scale, whose gradient is scale times as large.
            TensorPrimitives.Multiply(query, 1 / _queryScale, query);
            RowGradients.AddUnit(
                query, s.QueryInverses[i], s.Of(s.QueryGradient, i), rows.Queries.AsSpan(at, d), IsLeast(s.QueryInverses[i]));
            dKey.Clear();
            RowGradients.AddUnit(key, s.KeyInverses[i], s.Of(s.KeyGradient, i), dKey, IsLeast(s.KeyInverses[i]));
            s.Of(s.ValueGradient, i).CopyTo(dValues.AsSpan(at, d));
        }
    }

    private bool IsLeast(float inverse) => _smallest > 0 && inverse >= 1 / _smallest;

    // The token at row i of those that read is the one that leaves `between` steps later; its key serves a group of heads.
    private void JoinHeads(float[] dKeys, float[] dValues, int between, int count, RowsGradient rows)
    {
        int d = _shape.HeadDim, columns = _shape.QueryColumns;
        _workers.ForRows(Math.Max(0, count - between), (i, end, _) =>
        {
            for (; i < end; i++)
            {
                for (int head = 0; head < _shape.Heads; head++)
                {
                    int from = (i + between) * columns + head * d, to = i * _shape.KeyColumns + head / _shape.Group * d;
                    Span<float> key = rows.Keys.AsSpan(to, d), value = rows.Values.AsSpan(to, d);
                    TensorPrimitives.Add(key, dKeys.AsSpan(from, d), key);
                    TensorPrimitives.Add(value, dValues.AsSpan(from, d), value);
                }
            }
        });
    }
}
