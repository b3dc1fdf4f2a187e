using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using AhnSharp.Checks;
using AhnSharp.Conversion;
using AhnSharp.Gpu.Training;
using AhnSharp.Network;
using AhnSharp.Testing;
using AhnSharp.Training;

namespace AhnSharp.Gpu.Checks;

/// <summary>Training on a device: steps of the tiny models against gradients that were computed in float64, products, short runs.</summary>
public static class TrainChecks
{
    // As on the processor: Mamba2's norm over all heads enlarges the rounding of what lies before it.
    private const double Each = 2e-5, EachOfMamba = 1e-3, Whole = 1e-5, WholeOfMamba = 5e-5;

    // What the device rounds in sums of other orders; Mamba2's norm enlarges it.
    private const double Beside = 2e-5, BesideOfMamba = 1e-3;

    // A Qwen2 of which a stretch of 64 tokens ends within the text; a Qwen3 with a group of three heads and no sinks.
    private static readonly TinyModel s_qwen2 = new() { Seed = 21, Ffn = 64, Vocabulary = 64 };
    private static readonly TinyModel s_qwen3 = new()
    {
        Seed = 4,
        Hidden = 24,
        Heads = 6,
        KvHeads = 2,
        HeadDim = 20,
        Ffn = 40,
        Vocabulary = 40,
        HeadNorms = true,
        Tied = false,
    };

    /// <param name="device">The device.</param>
    /// <param name="groupSize">Threads of a group.</param>
    public static IEnumerable<Check> Of(CheckedDevice device, int groupSize) =>
    [
        .. Small(device, groupSize), .. Golden(device, groupSize),
        .. device.HasCudaKernels ? TrainProductChecks.Of(device.Name, device.CreateAccelerator, groupSize, true) : [],
        .. device.HasCudaKernels ? RecurrenceChecks.Of(device.Name, device.CreateAccelerator) : [],
    ];

    /// <summary>Those that a simulation does in seconds.</summary>
    public static IEnumerable<Check> Small(CheckedDevice device, int groupSize)
    {
        foreach (HippocampusKind kind in Enum.GetValues<HippocampusKind>())
        {
            double most = kind == HippocampusKind.Mamba2 ? BesideOfMamba : Beside;
            yield return new Check($"train: {kind} of a Qwen2 on {device.Name}", null, () => Run(s_qwen2, kind, 80, 9, 5, most));
            yield return new Check($"train: {kind} of a Qwen3 on {device.Name}", null, () => Run(s_qwen3, kind, 20, 6, 0, most));
        }
        foreach (Check check in TrainProductChecks.Of(device.Name, device.CreateAccelerator, groupSize, false)) yield return check;
        yield return new Check($"train: 20 steps on {device.Name}", null, () => Steps(device, groupSize));

        void Run(TinyModel tiny, HippocampusKind kind, int tokens, int window, int sinks, double most)
        {
            using var c = new TrainCase(tiny, kind);
            using GpuDistillation pass = Pass(device, groupSize, c.Base, c.Rule);
            c.Compare(pass, tokens, window, sinks, most);
        }
    }

    /// <summary>Those against gradients that were computed in float64: a minute each on a simulation.</summary>
    public static IEnumerable<Check> Golden(CheckedDevice device, int groupSize) => GoldenModel.Kinds.Select(kind => new Check(
        $"train: gradients {kind} on {device.Name}", null, () => Gradients(device, groupSize, kind)));

    private static GpuDistillation Pass(CheckedDevice device, int groupSize, FrozenBase frozen, MemoryRule rule) =>
        new(frozen, rule, (device.CreateAccelerator(), device.Name, groupSize, false));

    private static void Gradients(CheckedDevice device, int groupSize, string kind)
    {
        bool isMamba = kind == "mamba2";
        string File(string name) => Path.Combine(GoldenModel.Folder, name);
        using FrozenBase frozen = FrozenBase.Load(File(kind == "deltanet" ? "base.gguf" : $"archive_base_{kind}.gguf"), 1);
        using SafetensorsFile golden = SafetensorsFile.Open(File($"gradients_{kind}.safetensors"));
        MemoryParameters parameters = AdapterFile.Read(File(kind + ".gguf"), frozen, isAnyBase: true), gradient = parameters.Empty();
        int[] ids = GoldenModel.IntegersOf(File($"gradients_{kind}.safetensors"), "ids");
        var sequence = new TrainingSequence(ids, GoldenModel.Window, GoldenModel.Sinks);
        using GpuDistillation pass = Pass(device, groupSize, frozen, parameters.Rule);
        double loss = pass.Run(sequence, parameters, gradient, sequence.Count) / sequence.Count;
        Demand("loss", Math.Abs(loss / Read(golden, "loss")[0] - 1), 1e-5);
        List<float> all = [], found = [];
        foreach ((TensorSpec spec, int start) in parameters.Tensors)
        {
            float[] one = Read(golden, "grad." + spec.CheckpointName), here = gradient.Values[start..(start + (int)spec.ElementCount)];
            Demand(spec.CheckpointName, Error(one, here), isMamba ? EachOfMamba : Each);
            all.AddRange(one);
            found.AddRange(here);
        }
        Demand("all of the gradient", Error([.. all], [.. found]), isMamba ? WholeOfMamba : Whole);
    }

    // Texts that repeat themselves behind the window, beside the same steps on the processor.
    private static void Steps(CheckedDevice device, int groupSize)
    {
        using var c = new TrainCase(s_qwen2, HippocampusKind.GatedDeltaNet);
        TrainingOptions options = new() { Steps = 20, Batch = 1, Length = 24, LearningRate = 5e-3, Every = 20, HeldOutTexts = 1, Seed = 5 };
        using GpuDistillation pass = Pass(device, groupSize, c.Base, c.Rule);
        int[] text = c.Ids(30);
        TrainingTexts texts = new(
            new TrainingStream([.. Enumerable.Repeat(text, 8).SelectMany(ids => ids)]), new TrainingStream([.. text, .. text]), options);
        MemoryTraining there = new(c.Base, c.Rule, texts, options, pass), here = new(c.Base, c.Rule, texts, options);
        there.Run();
        here.Run();
        double before = there.Points[0].HeldOutKl, after = there.Points[^1].HeldOutKl, expected = here.Points[^1].HeldOutKl;
        if (!(after < before)) throw new CheckFailedException($"expected 20 steps to lower the KL of {before:f6}, found {after:f6}");
        Demand("KL after 20 steps, as the processor's", Math.Abs(after / expected - 1), 1e-3);
    }

    private static float[] Read(SafetensorsFile file, string name)
    {
        SafetensorsTensor tensor = file.GetTensor(name);
        float[] values = new float[tensor.ElementCount];
        file.ReadSingles(tensor, 0, values);
        return values;
    }

    private static double Error(float[] expected, float[] found) => Math.Sqrt(Measure.SquaredError(found, expected));

    private static void Demand(string what, double error, double most)
    {
        if (!(error <= most)) throw new CheckFailedException($"{what}: expected a relative error of at most {most:e0}, found {error:e2}");
    }
}
