using System;
using System.Threading;
using AhnSharp.Kernels;
using AhnSharp.Network;

namespace AhnSharp.Training;

/// <summary>
/// Self-distillation of one text: the base with full attention teaches the base with sinks, window and memory; only the memory learns.
/// </summary>
/// <remarks>
/// Loss: Σ_t weight_t·KL(teacher_t ‖ student_t) over t ≥ W + S. Up to there both are the same model, so the student takes the teacher's
/// rows. Held at once: each layer's input [tokens, E], the scratch of one layer, 32 MiB of logits of each. Source: arXiv 2510.07318,
/// section 3.3.
/// </remarks>
internal sealed class Distillation : DistillationPass
{
    private const int MaxLogitFloats = 8 << 20;
    private readonly FrozenBase _base;
    private readonly LayerPass _pass;
    private readonly float[][] _inputs;
    private readonly float[][] _scratch;
    private readonly Activations _x = new(), _dx = new(), _headInput = new(),
        _teacherLogits = new(), _studentLogits = new(), _dHead = new();
    private float[] _teacher = [];
    private double[] _kl = [];

    public Distillation(FrozenBase frozen, MemoryRule rule, float normEpsilon = AhnConfig.DefaultNormEpsilon)
    {
        _base = frozen;
        _pass = new LayerPass(frozen, rule, normEpsilon);
        _inputs = new float[frozen.Config.LayerCount][];
        Array.Fill(_inputs, []);
        _scratch = new float[frozen.Workers.Count][];
        for (int i = 0; i < _scratch.Length; i++) _scratch[i] = new float[frozen.Config.HiddenSize];
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<double> Divergences => _kl;

    /// <inheritdoc/>
    public override double Run(
        TrainingSequence sequence, MemoryParameters? memory, MemoryParameters? gradient = null, double divisor = 1,
        CancellationToken cancellation = default)
    {
        sequence.Check();
        int layers = _base.Config.LayerCount, tokens = sequence.Ids.Length, first = sequence.First, e = _base.Config.HiddenSize;
        Sight sight = new(sequence.Window, sequence.Sinks);
        _x.Reshape(tokens, e);
        for (int t = 0; t < tokens; t++) _base.Weights.Embedding.Read(sequence.Ids[t], _x.Row(t));
        for (int layer = 0; layer < layers; layer++)
        {
            // All of the first layer's input is the student's too.
            (layer == 0 ? _x.Values : _x.Values[..(first * e)]).CopyTo(TeamWork.Reserve(ref _inputs[layer], tokens * e));
            cancellation.ThrowIfCancellationRequested();
            _pass.Forward(layer, _x, 0, Sight.Full, null);
        }
        _x.Values[(first * e)..].CopyTo(TeamWork.Reserve(ref _teacher, tokens * e));

        for (int layer = 0; layer < layers; layer++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (layer > 0) _x.Values[(first * e)..].CopyTo(_inputs[layer].AsSpan(first * e));
            Load(layer, tokens, e);
            _pass.Forward(layer, _x, first, sight, memory?.Layer(layer));
        }
        cancellation.ThrowIfCancellationRequested();
        double loss = Compare(sequence, gradient is null ? null : divisor);
        if (gradient is null) return loss;
        for (int layer = layers - 1; layer >= 0; layer--)
        {
            cancellation.ThrowIfCancellationRequested();
            Load(layer, tokens, e);
            _pass.Backward(layer, _x, first, sight, memory!.Layer(layer), gradient.Layer(layer), _dx, toInput: layer > 0);
        }
        return loss;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
    }

    private void Load(int layer, int tokens, int e)
    {
        _x.Reshape(tokens, e);
        _inputs[layer].AsSpan(0, tokens * e).CopyTo(_x.Values);
    }

    // Both heads, in pieces of rows; _dx becomes the gradient of the student's last rows where it is asked for.
    private double Compare(TrainingSequence sequence, double? divisor)
    {
        Workers workers = _base.Workers;
        int first = sequence.First, count = sequence.Count, e = _base.Config.HiddenSize;
        float epsilon = _base.Config.RmsNormEpsilon;
        if (_kl.Length != count) _kl = new double[count];
        if (divisor is not null)
        {
            _dx.Reshape(count, e);
            _dx.Values.Clear();
        }
        int piece = Math.Clamp(MaxLogitFloats / _base.Config.VocabularySize, 1, count);
        for (int from = 0; from < count; from += piece)
        {
            int start = from, rows = Math.Min(piece, count - from);
            Logits(_teacher, start * e, rows, _teacherLogits);
            Logits(_x.Array, (first + start) * e, rows, _studentLogits);
            workers.For(rows, (row, _) =>
            {
                float weight = divisor is { } sum ? (float)(sequence.WeightOf(first + start + row) / sum) : 0;
                _kl[start + row] = DistillationLoss.Row(_teacherLogits.Row(row), _studentLogits.Row(row), weight);
            });
            if (divisor is null) continue;
            _pass.Products.Multiply(_base.Head, _studentLogits, _dHead);
            workers.ForRows(rows, (row, end, worker) =>
            {
                for (; row < end; row++)
                {
                    RowGradients.AddRmsNorm(
                        _x.Row(first + start + row), _base.Weights.OutputNorm, epsilon, _dHead.Row(row), _dx.Row(start + row),
                        _scratch[worker]);
                }
            });
        }
        double loss = 0;
        for (int i = 0; i < count; i++) loss += sequence.WeightOf(first + i) * _kl[i];
        return loss;
    }

    private void Logits(float[] hidden, int at, int rows, Activations logits)
    {
        int e = _base.Config.HiddenSize;
        _headInput.Reshape(rows, e);
        _base.Workers.ForRows(rows, (row, end, _) =>
        {
            for (; row < end; row++)
            {
                RmsNorm.Apply(
                    hidden.AsSpan(at + row * e, e), _base.Weights.OutputNorm, _base.Config.RmsNormEpsilon, _headInput.Row(row));
            }
        });
        _base.Weights.Head.Apply(_base.Workers, _headInput, logits);
    }
}
