using System;
using System.Numerics;
using AhnSharp.Network;
using AhnSharp.Training;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Training;

/// <summary>One layer's memory over a text on a device, and back. The definition is <c>MemoryPass</c> of the processor's.</summary>
internal sealed class DeviceMemory
{
    private readonly Accelerator _accelerator;
    private readonly DeviceProducts _products;
    private readonly RowOperations _operations;
    private readonly MemoryRule _rule;
    private readonly AttentionShape _shape;
    private readonly int _hidden, _groupSize, _parts;
    private readonly bool _hasWarps;
    private readonly UnitRule _queryUnit, _keyUnit;
    private readonly OutputShape _outputShape;
    private readonly UnitRows _units;
    private readonly GateRows _gates;
    private readonly OutputRows _output;
    private readonly Action<KernelConfig, RecallRows, RecallSize> _forward;
    private readonly Action<KernelConfig, RecallRows, RecallGradients, RecallSize> _backward, _rowGradients, _gateGradients;
    private RecallRows _rows;
    private RecallGradients _dRows;
    private GateValues _values, _dValues;
    private ArrayView<float> _queryInverses, _keyInverses, _y, _pieces, _sums, _rates, _biases;

    /// <param name="operations">Operations on rows; its device and group size are used.</param>
    /// <param name="products">Products.</param>
    /// <param name="config">The model.</param>
    /// <param name="rule">Which memory.</param>
    /// <param name="normEpsilon">ε of its norm.</param>
    /// <param name="device">The device, the threads of a group, and whether its warps are of 32 threads.</param>
    public DeviceMemory(
        RowOperations operations, DeviceProducts products, ModelConfig config, MemoryRule rule, float normEpsilon,
        (Accelerator Accelerator, int GroupSize, bool HasWarps) device)
    {
        (_operations, _products, _rule, _hidden) = (operations, products, rule, config.HiddenSize);
        (_accelerator, _groupSize, _hasWarps) = device;
        _shape = new AttentionShape(config.HeadCount, config.KvHeadCount, config.HeadDim);
        bool guardsLength = rule.DecaysByStrength;
        _keyUnit = new UnitRule { Scale = 1, Epsilon = guardsLength ? 0 : 1e-6f, Least = guardsLength ? 1e-12f : 0 };
        _queryUnit = _keyUnit with { Scale = guardsLength ? 1 : _shape.Scale };
        _outputShape = new OutputShape
        {
            Heads = _shape.Heads,
            HeadDim = _shape.HeadDim,
            NormsAll = rule.NormsAllHeads ? 1 : 0,
            Epsilon = normEpsilon,
        };
        _parts = (int)BitOperations.RoundUpToPowerOf2((uint)(_shape.HeadDim + RecallSize.RowsPerPart - 1) / RecallSize.RowsPerPart);
        int small = Math.Min(_groupSize, (int)BitOperations.RoundUpToPowerOf2((uint)_shape.HeadDim));
        _units = new UnitRows(_accelerator, small);
        _gates = new GateRows(_accelerator, _groupSize);
        _output = new OutputRows(_accelerator, small);
        if (_hasWarps)
        {
            _forward = _accelerator.LoadStreamKernel<RecallRows, RecallSize>(Recurrence.Forward);
            _backward = _accelerator.LoadStreamKernel<RecallRows, RecallGradients, RecallSize>(Recurrence.Backward);
        }
        else
        {
            _forward = _accelerator.LoadStreamKernel<RecallRows, RecallSize>(ColumnRecurrence.Forward);
            _backward = _accelerator.LoadStreamKernel<RecallRows, RecallGradients, RecallSize>(ColumnRecurrence.Backward);
        }
        _rowGradients = _accelerator.LoadStreamKernel<RecallRows, RecallGradients, RecallSize>(StretchGradients.Rows);
        _gateGradients = _accelerator.LoadStreamKernel<RecallRows, RecallGradients, RecallSize>(StretchGradients.Gates);
    }

    /// <summary>Takes the memory that texts of so many tokens need.</summary>
    public void Reserve(int tokens, DeviceBuffers buffers)
    {
        int heads = _shape.Heads, d = _shape.HeadDim;
        long gates = (long)tokens * heads, queries = (long)tokens * _shape.QueryColumns, keys = (long)tokens * _shape.KeyColumns,
            states = (long)heads * ((tokens + RecallSize.Stretch - 1) / RecallSize.Stretch) * d * d;
        _values = Gates();
        _dValues = Gates();
        _rows = new RecallRows
        {
            Keys = buffers.Take(keys),
            Queries = buffers.Take(queries),
            Read = buffers.Take(queries),
            Written = buffers.Take(queries),
            States = buffers.Take(states),
            Current = buffers.Take((long)heads * d * d),
            Strengths = _values.Strengths,
            LogDecays = _values.LogDecays,
        };
        _dRows = new RecallGradients
        {
            Read = buffers.Take(queries),
            Written = buffers.Take(queries),
            States = buffers.Take(states),
            Queries = buffers.Take(queries),
            Keys = buffers.Take(queries),
            Strengths = _dValues.Strengths,
            LogDecays = _dValues.LogDecays,
        };
        (_queryInverses, _keyInverses) = (buffers.Take(gates), buffers.Take((long)tokens * _shape.KvHeads));
        _y = buffers.Take(queries);
        (_rates, _biases) = (buffers.Take(gates), buffers.Take(gates));
        _pieces = buffers.Take((long)DeviceProducts.Pieces(tokens) * heads * Math.Max(_hidden, d * d));
        _sums = buffers.Take((long)(tokens + RowOperations.RowsPerBlock - 1) / RowOperations.RowsPerBlock * _shape.QueryColumns);

        GateValues Gates() => new()
        {
            Strengths = buffers.Take(gates),
            LogDecays = buffers.Take(gates),
            Gammas = buffers.Take(gates),
        };
    }

    /// <summary>Adds to attention's output what the memory recalls.</summary>
    /// <param name="memory">The layer's tensors.</param>
    /// <param name="normed">[tokens, E].</param>
    /// <param name="q">[count, H·D], rotated, of the queries that read.</param>
    /// <param name="k">[tokens, K·D], rotated.</param>
    /// <param name="v">[tokens, K·D].</param>
    /// <param name="sinks">S, the first token that leaves.</param>
    /// <param name="reading">W + S, the first that reads.</param>
    /// <param name="count">Tokens of both.</param>
    /// <param name="a">[count, H·D], added to.</param>
    /// <param name="keeps">Whether <see cref="Backward"/> follows.</param>
    public void Forward(
        in DeviceMemoryTensors memory, ArrayView<float> normed, ArrayView<float> q, ArrayView<float> k, ArrayView<float> v, int sinks,
        int reading, int count, ArrayView<float> a, bool keeps)
    {
        int d = _shape.HeadDim, heads = _shape.Heads;
        ArrayView<float> leaving = From(normed, (long)sinks * _hidden);
        ToGates(leaving, memory.Beta, _values.Strengths);
        if (_rule.HasAlpha) ToGates(leaving, memory.Alpha, _values.LogDecays);
        ToGates(From(normed, (long)reading * _hidden), memory.Gate, _values.Gammas);
        _gates.Run(Vectors(memory), _values, Rule(count));

        _rows.Values = From(v, (long)sinks * _shape.KeyColumns);
        _units.Run(From(k, (long)sinks * _shape.KeyColumns), _rows.Keys, _keyInverses, count, _shape.KvHeads, d, _keyUnit);
        _units.Run(q, _rows.Queries, _queryInverses, count, heads, d, _queryUnit);
        _forward(Columns, _rows, Size(count, keeps));
        _output.Run(_rows.Read, _values.Gammas, memory.Norm, _y, count, _outputShape);
        _products.Multiply(
            Operand.Of(_y, _shape.QueryColumns, d), Operand.Of(memory.Out, d, d * d), Operand.Of(a, _shape.QueryColumns, d), (count, d, d),
            heads, accumulate: true);

        void ToGates(ArrayView<float> x, ArrayView<float> matrix, ArrayView<float> to) => _products.Multiply(
            Operand.Of(x, _hidden), Operand.Transposed(matrix, _hidden), Operand.Of(to, heads), (count, heads, _hidden), isPrecise: true);
    }

    /// <summary>The way back behind a Forward of the same text that kept what it needs.</summary>
    /// <param name="memory">The layer's tensors.</param>
    /// <param name="gradient">Their gradients, added to.</param>
    /// <param name="normed">As Forward.</param>
    /// <param name="sinks">As Forward.</param>
    /// <param name="reading">As Forward.</param>
    /// <param name="count">As Forward.</param>
    /// <param name="da">[count, H·D].</param>
    /// <param name="rows">What the rows from <paramref name="reading"/> on gain; null: not asked for.</param>
    public void Backward(
        in DeviceMemoryTensors memory, in DeviceMemoryTensors gradient, ArrayView<float> normed, int sinks, int reading, int count,
        ArrayView<float> da, DeviceRowsGradient? rows)
    {
        int d = _shape.HeadDim, heads = _shape.Heads, columns = _shape.QueryColumns, between = reading - sinks;
        RecallSize size = Size(count, keeps: true);
        _products.MultiplyInPieces(Operand.Transposed(_y, columns, d), Operand.Of(da, columns, d), _pieces, (d, d, count), heads);
        _operations.AddPieces(_pieces, heads * d * d, gradient.Out, DeviceProducts.Pieces(count));
        _products.Multiply(
            Operand.Of(da, columns, d), Operand.Transposed(memory.Out, d, d * d), Operand.Of(_y, columns, d), (count, d, d), heads);
        _output.Back(_rows.Read, _values.Gammas, memory.Norm, _y, _dRows.Read, _dValues.Gammas, count, _outputShape);
        _operations.SumRows(_y, count, columns, _sums, gradient.Norm, _rule.NormsAllHeads ? 1 : heads);

        _backward(Columns, _rows, _dRows, size);
        _rowGradients(Stretches(size, _groupSize), _rows, _dRows, size);
        _gateGradients(Stretches(size, Math.Min(_groupSize, RecallSize.Stretch)), _rows, _dRows, size);
        if (rows is not null)
        {
            _units.QueriesBack(_rows.Queries, _queryInverses, _dRows.Queries, rows.Queries, size, _queryUnit);
            _units.KeysBack(_rows, _dRows, _keyInverses, rows.Keys, rows.Values, size, between, _keyUnit);
        }

        _gates.Back(Vectors(memory), _values, _dValues, _rates, _biases, Rule(count));
        if (_rule.Decays)
        {
            _operations.SumRows(_rates, count, heads, _sums, gradient.ALog);
            _operations.SumRows(_biases, count, heads, _sums, gradient.DtBias);
        }
        if (_rule.HasGateBias) _operations.SumRows(_dValues.Gammas, count, heads, _sums, gradient.GateBias);
        ArrayView<float> leaving = From(normed, (long)sinks * _hidden);
        AddToMatrix(_dValues.Strengths, leaving, gradient.Beta, count);
        if (_rule.HasAlpha) AddToMatrix(_dValues.LogDecays, leaving, gradient.Alpha, count);
        AddToMatrix(_dValues.Gammas, From(normed, (long)reading * _hidden), gradient.Gate, count);
        if (rows is null) return;
        AddToRows(_dValues.Gammas, memory.Gate, rows.Normed, count, 0);
        // The same token when it leaves, where it still does.
        if (count <= between) return;
        AddToRows(_dValues.Strengths, memory.Beta, rows.Normed, count - between, between);
        if (_rule.HasAlpha) AddToRows(_dValues.LogDecays, memory.Alpha, rows.Normed, count - between, between);
    }

    // matrix [H, E] += dᵀ [H, count] · x [count, E].
    private void AddToMatrix(ArrayView<float> d, ArrayView<float> x, ArrayView<float> matrix, int count)
    {
        _products.MultiplyInPieces(
            Operand.Transposed(d, _shape.Heads), Operand.Of(x, _hidden), _pieces, (_shape.Heads, _hidden, count), isPrecise: true);
        _operations.AddPieces(_pieces, _shape.Heads * _hidden, matrix, DeviceProducts.Pieces(count));
    }

    // to [rows, E] += d [rows, H] · matrix [H, E], d from a row on.
    private void AddToRows(ArrayView<float> d, ArrayView<float> matrix, ArrayView<float> to, int rows, int first) => _products.Multiply(
        Operand.Of(From(d, (long)first * _shape.Heads), _shape.Heads), Operand.Of(matrix, _hidden), Operand.Of(to, _hidden),
        (rows, _hidden, _shape.Heads), accumulate: true, isPrecise: true);

    private KernelConfig Columns
    {
        get
        {
            // Whole columns a group, of whose threads all that share one lie in a warp.
            int parts = _hasWarps ? _parts : 1, columns = Math.Clamp(_groupSize / parts, 1, _shape.HeadDim);
            return new KernelConfig(new Index2D((_shape.HeadDim + columns - 1) / columns, _shape.Heads), new Index2D(columns * parts, 1));
        }
    }

    private KernelConfig Stretches(RecallSize size, int threads) => new(new Index2D(size.Stretches, _shape.Heads), new Index2D(threads, 1));

    private RecallSize Size(int count, bool keeps) => new()
    {
        Count = count,
        Heads = _shape.Heads,
        KvHeads = _shape.KvHeads,
        HeadDim = _shape.HeadDim,
        Predicts = _rule.DecaysByStrength ? 0 : 1,
        Keeps = keeps ? 1 : 0,
        Parts = _parts,
    };

    private GateRule Rule(int count) => new()
    {
        Count = count,
        Heads = _shape.Heads,
        DecaysByStrength = _rule.DecaysByStrength ? 1 : 0,
        HasAlpha = _rule.HasAlpha ? 1 : 0,
        HasGateBias = _rule.HasGateBias ? 1 : 0,
    };

    private static GateVectors Vectors(in DeviceMemoryTensors memory) =>
        new() { ALog = memory.ALog, DtBias = memory.DtBias, GateBias = memory.GateBias };

    private static ArrayView<float> From(ArrayView<float> view, long start) => view.SubView(start, view.Length - start);
}
