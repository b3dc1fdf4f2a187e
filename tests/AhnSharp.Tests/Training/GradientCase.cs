using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using AhnSharp.Network;
using AhnSharp.Tests.Model;
using AhnSharp.Tests.Reference;
using AhnSharp.Training;

namespace AhnSharp.Tests.Training;

/// <summary>
/// A tiny base, a random memory and a random text: the loss in double by the reference model, the gradient by the engine.
/// </summary>
internal sealed class GradientCase : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"ahn-train-{Guid.NewGuid():N}.gguf");
    private readonly Dictionary<string, double[]> _base;
    private readonly ReferenceConfig _config;
    private readonly double[][] _teacher;

    public GradientCase(TinyModel tiny, HippocampusKind kind, int tokens, int window, int sinks, int threads = 2)
    {
        tiny.Write(_path);
        Base = FrozenBase.Load(_path, threads);
        Parameters = new MemoryParameters(Base.Config, MemoryRule.Of(kind));
        var random = new Random(tiny.Seed);
        MemoryStart.Fill(Parameters, (ulong)tiny.Seed);
        // Far from the start, where every gate is open and every norm counts.
        foreach ((TensorSpec spec, int start) in Parameters.Tensors)
        {
            bool isRate = spec.Name.EndsWith("a_log", StringComparison.Ordinal);
            for (int i = 0; i < spec.ElementCount; i++)
            {
                ref float value = ref Parameters.Values[start + i];
                value = (float)(isRate ? random.NextDouble() * 3 - 3 : value + 0.2 * Normal(random));
            }
        }
        Sequence = new TrainingSequence(
            [.. Enumerable.Range(0, tokens).Select(_ => random.Next(tiny.Vocabulary))], window, sinks,
            [.. Enumerable.Range(0, tokens).Select(t => t % 7 == 0 ? 16f : 1f)]);
        _base = tiny.Weights().ToDictionary(w => w.Key, w => w.Value.Select(x => (double)x).ToArray());
        _config = ReferenceTests.ConfigOf(tiny) with { Kind = kind };
        _teacher = [.. new ReferenceModel(_config, _base).Logits(Sequence.Ids, ReferenceMode.Full, window, sinks).Select(LogSoftmax)];
    }

    public FrozenBase Base { get; }
    public MemoryParameters Parameters { get; }
    public TrainingSequence Sequence { get; }

    /// <summary>Weighted mean of the KL in double, of any values of the parameters.</summary>
    public double Loss(double[] values)
    {
        Dictionary<string, double[]> weights = new(_base);
        foreach ((TensorSpec spec, int start) in Parameters.Tensors)
            weights[spec.CheckpointName] = values[start..(start + (int)spec.ElementCount)];
        double[][] student = new ReferenceModel(_config, weights).Logits(
            Sequence.Ids, ReferenceMode.Ahn, Sequence.Window, Sequence.Sinks);
        double loss = 0;
        for (int t = Sequence.First; t < Sequence.Ids.Length; t++)
        {
            double[] p = _teacher[t], q = LogSoftmax(student[t]);
            for (int v = 0; v < p.Length; v++) loss += Sequence.WeightOf(t) * Math.Exp(p[v]) * (p[v] - q[v]);
        }
        return loss / Sequence.WeightSum;
    }

    /// <summary>The engine's loss and gradient.</summary>
    public (double Loss, MemoryParameters Gradient) Engine()
    {
        MemoryParameters gradient = Parameters.Empty();
        var distillation = new Distillation(Base, Parameters.Rule);
        double loss = distillation.Run(Sequence, Parameters, gradient, Sequence.WeightSum) / Sequence.WeightSum;
        return (loss, gradient);
    }

    /// <summary>The derivative of the loss in double along a direction of unit length, by central differences.</summary>
    public double Slope(double[] direction)
    {
        const double Step = 1e-5;
        double[] at = Array.ConvertAll(Parameters.Values, x => (double)x);
        return (Loss([.. at.Zip(direction, (x, d) => x + Step * d)]) - Loss([.. at.Zip(direction, (x, d) => x - Step * d)])) / (2 * Step);
    }

    public void Dispose()
    {
        Base.Dispose();
        File.Delete(_path);
    }

    public static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static double[] LogSoftmax(double[] logits)
    {
        double most = logits.Max(), sum = Math.Log(logits.Sum(x => Math.Exp(x - most)));
        return [.. logits.Select(x => x - most - sum)];
    }
}
