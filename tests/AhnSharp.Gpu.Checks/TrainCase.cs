using System;
using System.IO;
using System.Linq;
using AhnSharp.Checks;
using AhnSharp.Gpu.Training;
using AhnSharp.Network;
using AhnSharp.Testing;
using AhnSharp.Training;

namespace AhnSharp.Gpu.Checks;

/// <summary>A tiny base, a random memory and a random text, forward and back on a device and on the processor.</summary>
internal sealed class TrainCase : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"ahn-train-{Guid.NewGuid():N}.gguf");

    public TrainCase(TinyModel tiny, HippocampusKind kind)
    {
        tiny.Write(_path);
        Base = FrozenBase.Load(_path, 1);
        Rule = MemoryRule.Of(kind);
        Random = new Random(tiny.Seed);
        Vocabulary = tiny.Vocabulary;
        Parameters = new MemoryParameters(Base.Config, Rule);
        MemoryStart.Fill(Parameters, (ulong)tiny.Seed);
        // Far from the start, where every gate is open and every norm counts.
        foreach ((TensorSpec spec, int start) in Parameters.Tensors)
        {
            bool isRate = spec.Name.EndsWith("a_log", StringComparison.Ordinal);
            foreach (ref float value in Parameters.Values.AsSpan(start, (int)spec.ElementCount))
                value = (float)(isRate ? Random.NextDouble() * 3 - 3 : value + 0.3 * (Random.NextDouble() + Random.NextDouble() - 1));
        }
    }

    public FrozenBase Base { get; }
    public MemoryRule Rule { get; }
    public MemoryParameters Parameters { get; }
    public Random Random { get; }
    public int Vocabulary { get; }

    public int[] Ids(int count) => [.. Enumerable.Range(0, count).Select(_ => Random.Next(Vocabulary))];

    /// <summary>Loss, divergences and gradient of a text, beside the processor's.</summary>
    public void Compare(GpuDistillation pass, int tokens, int window, int sinks, double most)
    {
        var sequence = new TrainingSequence(
            Ids(tokens), window, sinks, [.. Enumerable.Range(0, tokens).Select(t => t % 7 == 0 ? 16f : 1f)]);
        MemoryParameters expected = Parameters.Empty(), found = Parameters.Empty();
        var here = new Distillation(Base, Rule);
        double loss = here.Run(sequence, Parameters, expected, sequence.WeightSum),
            device = pass.Run(sequence, Parameters, found, sequence.WeightSum);
        DemandLoss("loss", loss, device);
        foreach ((TensorSpec spec, int start) in Parameters.Tensors)
            Demand(spec.Name, Of(expected, start, spec), Of(found, start, spec), most);
        double alone = here.Run(sequence, null), there = pass.Run(sequence, null);
        DemandLoss("window's loss", alone, there);

        // Log-probabilities of both are rounded, to some 3e-7 of a token's divergence, however small that is.
        void DemandLoss(string what, double expected, double found)
        {
            if (!(Math.Abs(found - expected) <= most * expected + 3e-7 * sequence.WeightSum))
                throw new CheckFailedException($"expected the {what} {expected:g9}, found {found:g9}");
        }
    }

    public void Dispose()
    {
        Base.Dispose();
        File.Delete(_path);
    }

    private static double[] Of(MemoryParameters all, int start, TensorSpec spec) =>
        Array.ConvertAll(all.Values[start..(start + (int)spec.ElementCount)], x => (double)x);

    private static void Demand(string what, ReadOnlySpan<double> expected, ReadOnlySpan<double> found, double most)
    {
        double difference = 0, size = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += Math.Pow(expected[i] - found[i], 2);
            size += Math.Pow(expected[i], 2);
        }
        double error = Math.Sqrt(difference / size);
        if (!(error <= most)) throw new CheckFailedException($"{what}: expected a relative error of at most {most:e0}, found {error:e2}");
    }
}
