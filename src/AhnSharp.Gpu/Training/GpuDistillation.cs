using System;
using System.Globalization;
using System.Threading;
using AhnSharp.Gpu.Devices;
using AhnSharp.Gpu.Model;
using AhnSharp.Gpu.Portable;
using AhnSharp.Network;
using AhnSharp.Training;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Training;

/// <summary>
/// Self-distillation of one text on a device, forward and back. The definition is <c>Distillation</c> of the processor's.
/// </summary>
/// <remarks>
/// Embeddings and the memory's numbers go to the device, the divergences and the gradient come back; everything between is enqueued
/// without waiting. Held at once: each layer's input, the memory of one layer, logits of some rows, one layer's matrices as floats.
/// </remarks>
internal sealed class GpuDistillation : DistillationPass
{
    private const int MaxLogitFloats = 32 << 20;
    private readonly string _name;
    private readonly FrozenBase _frozen;
    private readonly Accelerator _accelerator;
    private readonly MemoryRule _rule;
    private readonly DeviceBase _base;
    private readonly DeviceProducts _products;
    private readonly RowOperations _operations;
    private readonly DivergenceRows _divergence;
    private readonly DeviceLayerPass _pass;
    private readonly DeviceBuffers _learned, _buffers;
    private readonly MemoryParameters _shape;
    private readonly ArrayView<float> _parameters, _gradient;
    private readonly ArrayView<float>[] _inputs;
    private ArrayView<float> _x, _dx, _teacher, _headInput, _dHead, _teacherLogits, _studentLogits, _weights, _kl;
    private float[] _found = [], _embedded = [];
    private double[] _divergences = [];
    private int _tokens, _logitRows;

    /// <param name="frozen">The base.</param>
    /// <param name="rule">Which memory.</param>
    /// <param name="device">The device: its accelerator, which is given back with this, its name, threads of a group, and whether products
    /// run on matrix units and warps are of 32 threads.</param>
    /// <param name="normEpsilon">ε of the memory's norm.</param>
    public GpuDistillation(
        FrozenBase frozen, MemoryRule rule, (Accelerator Accelerator, string Name, int GroupSize, bool UsesTensor) device,
        float normEpsilon = AhnConfig.DefaultNormEpsilon)
    {
        (_frozen, _rule) = (frozen, rule);
        (_accelerator, _name, int groupSize, bool usesTensor) = device;
        ModelConfig config = frozen.Config;
        if (config.HeadDim % 4 != 0 || config.HeadDim > RecallSize.RowsPerPart * 16)
        {
            throw new GpuException(string.Create(CultureInfo.InvariantCulture, $"Memories are trained on GPUs for heads of a multiple of 4 "
                + $"numbers, 128 at most; found {config.HeadDim}: train with --device cpu."));
        }
        _products = new DeviceProducts(_accelerator, groupSize, usesTensor);
        _operations = new RowOperations(_accelerator, groupSize);
        _divergence = new DivergenceRows(_accelerator, groupSize);
        _learned = new DeviceBuffers(_accelerator);
        _buffers = new DeviceBuffers(_accelerator);
        _base = new DeviceBase(_accelerator, groupSize, frozen);
        DeviceMemory memory = new(_operations, _products, config, rule, normEpsilon, (_accelerator, groupSize, usesTensor));
        _pass = new DeviceLayerPass(_base, _products, _operations, config, memory, (_accelerator, groupSize));
        _shape = new MemoryParameters(config, rule);
        (_parameters, _gradient) = (_learned.Take(_shape.Values.Length), _learned.Take(_shape.Values.Length));
        _inputs = new ArrayView<float>[config.LayerCount];
    }

    /// <summary>On a device of this machine.</summary>
    /// <exception cref="GpuException">The base does not fit, or cannot be trained there; the message is one sentence.</exception>
    public static GpuDistillation Create(GpuDevice device, FrozenBase frozen, MemoryRule rule)
    {
        Accelerator accelerator = device.CreateAccelerator();
        try
        {
            return new GpuDistillation(frozen, rule,
                (accelerator, device.Id, PortableKernels.GroupSizeFor(accelerator), DeviceProducts.HasTensor(accelerator)));
        }
        catch (Exception error)
        {
            accelerator.Dispose();
            if (Means(error, device.Id) is { } sentence) throw sentence;
            throw;
        }
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<double> Divergences => _divergences;

    /// <inheritdoc/>
    public override long DeviceBytes => _base.ByteLength + _learned.ByteLength + _buffers.ByteLength;

    /// <inheritdoc/>
    public override double Run(
        TrainingSequence sequence, MemoryParameters? memory, MemoryParameters? gradient = null, double divisor = 1,
        CancellationToken cancellation = default)
    {
        sequence.Check();
        try
        {
            return RunOnDevice(sequence, memory, gradient, divisor, cancellation);
        }
        catch (Exception error) when (Means(error, _name) is { } sentence)
        {
            throw sentence;
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _buffers.Dispose();
        _learned.Dispose();
        _base.Dispose();
        _accelerator.Dispose();
    }

    private static GpuException? Means(Exception error, string name) => GpuFailure.Of(error, name) is not { } failure ? null
        : failure.Message.Contains("not enough memory", StringComparison.Ordinal)
            ? new GpuException(
                $"{name} has not enough memory left: choose a smaller --length, a base of fewer bits, or --device cpu.", error)
            : failure;

    private double RunOnDevice(
        TrainingSequence sequence, MemoryParameters? memory, MemoryParameters? gradient, double divisor, CancellationToken cancellation)
    {
        int layers = _inputs.Length, tokens = sequence.Ids.Length, first = sequence.First, count = sequence.Count,
            e = _frozen.Config.HiddenSize;
        AcceleratorStream stream = _accelerator.DefaultStream;
        Reserve(tokens);
        var sight = new Sight(sequence.Window, sequence.Sinks);
        for (int t = 0; t < tokens; t++) _frozen.Weights.Embedding.Read(sequence.Ids[t], _embedded.AsSpan(t * e, e));
        ArrayView<float> x = _x.SubView(0, (long)tokens * e), tail = x.SubView((long)first * e, (long)count * e);
        x.CopyFromCPU(_embedded.Length == x.Length ? _embedded : _embedded[..(tokens * e)]);
        if (memory is not null) _parameters.CopyFromCPU(memory.Values);
        for (int layer = 0; layer < layers; layer++)
        {
            cancellation.ThrowIfCancellationRequested();
            // All of the first layer's input is the student's too.
            long rows = layer == 0 ? tokens : first;
            x.SubView(0, rows * e).CopyTo(stream, _inputs[layer].SubView(0, rows * e));
            _pass.Forward(layer, x, tokens, 0, Sight.Full, null);
        }
        tail.CopyTo(stream, _teacher.SubView(0, tail.Length));

        for (int layer = 0; layer < layers; layer++)
        {
            cancellation.ThrowIfCancellationRequested();
            ArrayView<float> input = _inputs[layer].SubView(0, x.Length);
            if (layer > 0) tail.CopyTo(stream, input.SubView((long)first * e, tail.Length));
            input.CopyTo(stream, x);
            _pass.Forward(layer, x, tokens, first, sight, memory is null ? null : Tensors(_parameters, layer));
        }
        cancellation.ThrowIfCancellationRequested();
        Compare(sequence, tail, gradient is null ? null : divisor);
        if (gradient is not null)
        {
            _gradient.MemSetToZero(stream);
            for (int layer = layers - 1; layer >= 0; layer--)
            {
                cancellation.ThrowIfCancellationRequested();
                _pass.Backward(
                    layer, _inputs[layer], tokens, first, sight, Tensors(_parameters, layer), Tensors(_gradient, layer), _dx, layer > 0);
            }
        }
        _accelerator.Synchronize();
        float[] divergences = new float[count];
        _kl.SubView(0, count).CopyToCPU(divergences);
        _divergences = Array.ConvertAll(divergences, value => (double)value);
        double loss = 0;
        for (int i = 0; i < count; i++) loss += sequence.WeightOf(first + i) * _divergences[i];
        if (gradient is not null)
        {
            if (_found.Length == 0) _found = new float[_shape.Values.Length];
            _gradient.CopyToCPU(_found);
            for (int i = 0; i < _found.Length; i++) gradient.Values[i] += _found[i];
        }
        return loss;
    }

    private DeviceMemoryTensors Tensors(ArrayView<float> all, int layer) => new(all, _shape.Layer(layer));

    // Both heads, in pieces of rows; _dx becomes the gradient of the student's last rows where it is asked for.
    private void Compare(TrainingSequence sequence, ArrayView<float> student, double? divisor)
    {
        int first = sequence.First, count = sequence.Count, e = _frozen.Config.HiddenSize, vocabulary = _frozen.Config.VocabularySize;
        float[] weights = new float[count];
        for (int i = 0; i < count && divisor is not null; i++) weights[i] = (float)(sequence.WeightOf(first + i) / divisor.Value);
        _weights.SubView(0, count).CopyFromCPU(weights);
        for (int from = 0; from < count; from += _logitRows)
        {
            int rows = Math.Min(_logitRows, count - from);
            ArrayView<float> own = student.SubView((long)from * e, (long)rows * e);
            Logits(_teacher.SubView((long)from * e, (long)rows * e), rows, _teacherLogits);
            Logits(own, rows, _studentLogits);
            _divergence.Run(_teacherLogits, _studentLogits, _weights.SubView(from, rows), _kl.SubView(from, rows), rows, vocabulary);
            if (divisor is null) continue;
            _products.Multiply(
                Operand.Of(_studentLogits, vocabulary), Operand.Of(_base.Head, e), Operand.Of(_dHead, e), (rows, e, vocabulary));
            _operations.NormBack(
                own, _base.OutputNorm, _dHead, _dx.SubView((long)from * e, (long)rows * e), rows,
                new RowShape(e, _frozen.Config.RmsNormEpsilon), accumulate: false);
        }
    }

    private void Logits(ArrayView<float> hidden, int rows, ArrayView<float> logits)
    {
        int e = _frozen.Config.HiddenSize, vocabulary = _frozen.Config.VocabularySize;
        _operations.Norm(hidden, _base.OutputNorm, _headInput, rows, e, _frozen.Config.RmsNormEpsilon);
        _products.Multiply(
            Operand.Of(_headInput, e), Operand.Transposed(_base.Head, e), Operand.Of(logits, vocabulary), (rows, vocabulary, e));
    }

    private void Reserve(int tokens)
    {
        if (tokens <= _tokens) return;
        _buffers.Dispose();
        long e = (long)tokens * _frozen.Config.HiddenSize;
        for (int layer = 0; layer < _inputs.Length; layer++) _inputs[layer] = _buffers.Take(e);
        (_x, _dx, _teacher) = (_buffers.Take(e), _buffers.Take(e), _buffers.Take(e));
        _logitRows = Math.Clamp(MaxLogitFloats / _frozen.Config.VocabularySize, 1, tokens);
        long logits = (long)_logitRows * _frozen.Config.VocabularySize, head = (long)_logitRows * _frozen.Config.HiddenSize;
        (_headInput, _dHead, _teacherLogits, _studentLogits) =
            (_buffers.Take(head), _buffers.Take(head), _buffers.Take(logits), _buffers.Take(logits));
        (_weights, _kl) = (_buffers.Take(tokens), _buffers.Take(tokens));
        _pass.Reserve(tokens, _buffers);
        _embedded = new float[checked((int)e)];
        _tokens = tokens;
    }
}
