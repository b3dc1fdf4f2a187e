using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using AhnSharp.Conversion;
using AhnSharp.Network;
using AhnSharp.Training;

namespace AhnSharp.Checks;

/// <summary>One training step of the tiny models on the active tier against gradients that were computed in float64.</summary>
public static class TrainingChecks
{
    // Where all γ of a token are near 0, Mamba2's norm over all heads enlarges the rounding of the base's own products up to 300 times:
    // single tensors of few numbers, whose gradients are few tokens' then, are off by up to 5.4e-5 (AVX2) and 2.4e-4 (SSE), the gradient
    // as a whole by 1.4e-5 (AVX2).
    private const double Each = 1e-5, EachOfMamba = 1e-3, WholeOfMamba = 5e-5;

    public static IEnumerable<Check> All(int threads) =>
        GoldenModel.Kinds.Select(kind => new Check($"gradients {kind}, {threads} threads", null, () => Compare(kind, threads)));

    private static void Compare(string kind, int threads)
    {
        bool isMamba = kind == "mamba2";
        string File(string name) => Path.Combine(GoldenModel.Folder, name);
        using FrozenBase frozen = FrozenBase.Load(File(kind == "deltanet" ? "base.gguf" : $"archive_base_{kind}.gguf"), threads);
        using SafetensorsFile golden = SafetensorsFile.Open(File($"gradients_{kind}.safetensors"));
        MemoryParameters parameters = AdapterFile.Read(File(kind + ".gguf"), frozen, isAnyBase: true), gradient = parameters.Empty();
        int[] ids = GoldenModel.IntegersOf(File($"gradients_{kind}.safetensors"), "ids");
        var sequence = new TrainingSequence(ids, GoldenModel.Window, GoldenModel.Sinks);
        var distillation = new Distillation(frozen, parameters.Rule);
        double loss = distillation.Run(sequence, parameters, gradient, sequence.Count) / sequence.Count;
        Demand("loss", Math.Abs(loss / Read(golden, "loss")[0] - 1), 1e-6);
        Demand("kl", Error(Read(golden, "kl"), [.. distillation.Divergences.ToArray().Select(x => (float)x)]), 1e-5);
        List<float> all = [], found = [];
        foreach ((TensorSpec spec, int start) in parameters.Tensors)
        {
            float[] one = Read(golden, "grad." + spec.CheckpointName), here = gradient.Values[start..(start + (int)spec.ElementCount)];
            Demand(spec.CheckpointName, Error(one, here), isMamba ? EachOfMamba : Each);
            all.AddRange(one);
            found.AddRange(here);
        }
        Demand("all of the gradient", Error([.. all], [.. found]), isMamba ? WholeOfMamba : Each);
    }

    private static float[] Read(SafetensorsFile file, string name)
    {
        SafetensorsTensor tensor = file.GetTensor(name);
        float[] values = new float[tensor.ElementCount];
        file.ReadSingles(tensor, 0, values);
        return values;
    }

    private static double Error(float[] expected, float[] found)
    {
        double difference = 0, size = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += Math.Pow((double)expected[i] - found[i], 2);
            size += Math.Pow(expected[i], 2);
        }
        return Math.Sqrt(difference / size);
    }

    private static void Demand(string what, double error, double most)
    {
        if (!(error <= most)) throw new CheckFailedException($"{what}: expected a relative error of at most {most:e0}, found {error:e2}");
    }
}
