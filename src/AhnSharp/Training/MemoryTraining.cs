using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using AhnSharp.Gguf;
using AhnSharp.Network;

namespace AhnSharp.Training;

/// <summary>A run: steps of the optimiser, measurements of texts held out, and the best values so far.</summary>
/// <remarks>
/// A step is whole or was not: what is drawn follows from numbers alone, so a run that goes on from a checkpoint gives the bits of one that
/// was never interrupted.
/// </remarks>
internal sealed class MemoryTraining
{
    private readonly DistillationPass _distillation;
    private readonly TrainingTexts _texts;
    private readonly List<TrainingPoint> _points = [];
    private readonly MemoryParameters _gradient;

    /// <param name="frozen">The base.</param>
    /// <param name="rule">Which memory.</param>
    /// <param name="texts">What is learned from.</param>
    /// <param name="options">How.</param>
    /// <param name="pass">Where texts go forward and back, for the same base and rule; null: the processor.</param>
    public MemoryTraining(
        FrozenBase frozen, MemoryRule rule, TrainingTexts texts, TrainingOptions options, DistillationPass? pass = null)
    {
        (Base, Options, _texts) = (frozen, options, texts);
        _distillation = pass ?? new Distillation(frozen, rule);
        Parameters = new MemoryParameters(frozen.Config, rule);
        MemoryStart.Fill(Parameters, options.Seed);
        Best = Parameters.Empty();
        _gradient = Parameters.Empty();
        Optimiser = new AdamW(Parameters.Values.Length);
    }

    public FrozenBase Base { get; }
    public TrainingOptions Options { get; }
    public TrainingTexts Texts => _texts;

    /// <summary>Bytes that are held on a device; 0: the processor computes.</summary>
    public long DeviceBytes => _distillation.DeviceBytes;

    /// <summary>The values now.</summary>
    public MemoryParameters Parameters { get; }

    /// <summary>The values of the best measurement.</summary>
    public MemoryParameters Best { get; }

    public AdamW Optimiser { get; }

    /// <summary>Steps taken.</summary>
    public int Step => Optimiser.Steps;

    /// <summary>KL of the texts held out without any memory.</summary>
    public double WindowKl { get; private set; } = double.NaN;

    /// <summary>All measurements.</summary>
    public IReadOnlyList<TrainingPoint> Points => _points;

    /// <summary>The best one; null before the first.</summary>
    public TrainingPoint? BestPoint => _points.Count == 0 ? null : _points.MinBy(point => point.HeldOutKl);

    /// <summary>Sum and count of the KL of steps since the last measurement: it stands in a checkpoint too.</summary>
    internal (double Sum, int Count) Since { get; private set; }

    /// <summary>Takes what a checkpoint kept.</summary>
    internal void Continue(double windowKl, IEnumerable<TrainingPoint> points, (double Sum, int Count) since)
    {
        (WindowKl, Since) = (windowKl, since);
        _points.Clear();
        _points.AddRange(points);
    }

    /// <summary>Runs to the end.</summary>
    /// <param name="onStep">Behind every step.</param>
    /// <param name="onMeasured">Behind every measurement; true: it is the best so far.</param>
    /// <param name="cancellation">Looked at between layers; the step in which it comes is as if it had never begun.</param>
    public void Run(Action<TrainingProgress>? onStep = null, Action<TrainingPoint, bool>? onMeasured = null,
        CancellationToken cancellation = default)
    {
        if (double.IsNaN(WindowKl)) WindowKl = HeldOutKl(null, cancellation);
        if (_points.Count == 0) Measure(onMeasured, cancellation);
        long tokens = 0;
        while (Step < Options.Steps)
        {
            (double kl, double norm) = TakeStep(cancellation);
            tokens += (long)Options.Batch * Options.Length;
            Since = (Since.Sum + kl, Since.Count + 1);
            onStep?.Invoke(new TrainingProgress(Step, kl, norm, tokens));
            if (Step % Options.Every == 0 || Step == Options.Steps) Measure(onMeasured, cancellation);
        }
    }

    /// <summary>One text forward, and back where <paramref name="backwards"/>: to measure what a step takes. Nothing is learned.</summary>
    public void Try(bool backwards, CancellationToken cancellation = default) =>
        _distillation.Run(_texts.Take(0), Parameters, backwards ? _gradient : null, 1, cancellation);

    /// <summary>Weighted mean KL of the texts held out; null: without a memory.</summary>
    public double HeldOutKl(MemoryParameters? memory, CancellationToken cancellation = default)
    {
        double sum = 0, weights = 0;
        foreach (TrainingSequence sequence in _texts.HeldOut())
        {
            sum += _distillation.Run(sequence, memory, cancellation: cancellation);
            weights += sequence.WeightSum;
        }
        return sum / weights;
    }

    private (double Kl, double Norm) TakeStep(CancellationToken cancellation)
    {
        TrainingSequence[] batch = [.. Enumerable.Range(0, Options.Batch).Select(i => _texts.Take(Step * Options.Batch + i))];
        double weights = batch.Sum(sequence => sequence.WeightSum), loss = 0;
        Array.Clear(_gradient.Values);
        foreach (TrainingSequence sequence in batch) loss += _distillation.Run(sequence, Parameters, _gradient, weights, cancellation);
        double rate = new LearningRate(Options.LearningRate, Options.WarmUp, Options.Steps).Of(Step);
        double norm = AdamW.Norm(_gradient.Values);
        if (!double.IsFinite(norm))
        {
            throw new InvalidModelException(
                $"Step {Step + 1}: expected a finite gradient, found {norm}: the learning rate {Options.LearningRate} is too high for this "
                    + "model, or its weights are broken ('ahn inspect FILE --check').");
        }
        Optimiser.Step(Parameters.Values, _gradient.Values, rate);
        return (loss / weights, norm);
    }

    private void Measure(Action<TrainingPoint, bool>? onMeasured, CancellationToken cancellation)
    {
        double kl = HeldOutKl(Parameters, cancellation);
        bool isBest = BestPoint is not { } best || kl < best.HeldOutKl;
        if (isBest) Parameters.Values.CopyTo(Best.Values, 0);
        TrainingPoint point = new(Step, Since.Count == 0 ? double.NaN : Since.Sum / Since.Count, kl);
        _points.Add(point);
        Since = default;
        onMeasured?.Invoke(point, isBest);
    }
}
