using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using AhnSharp.Gpu.Training;
using AhnSharp.Network;
using AhnSharp.Testing;
using AhnSharp.Tokenizer;
using AhnSharp.Training;

namespace AhnSharp.Gpu.Checks;

/// <summary>What training on the demo's base takes on a device, and how far its gradients are from the processor's.</summary>
internal static class TrainSpeed
{
    private const int Compared = 1024, Turns = 5;

    /// <param name="device">The device, for the f32 products.</param>
    /// <param name="folder">Holds the demo model and its book.</param>
    /// <param name="length">Tokens of a text.</param>
    public static void Run(CheckedDevice device, string folder, int length)
    {
        string path = Path.Combine(Path.GetTempPath(), $"ahn-train-{Guid.NewGuid():N}.gguf");
        DemoBase.Write(path, Path.Combine(folder, "ahn-demo-q8_0.gguf"));
        try
        {
            using FrozenBase frozen = FrozenBase.Load(path, Environment.ProcessorCount);
            string book = File.ReadAllText(Path.Combine(folder, "dracula.txt"));
            int[] ids = QwenTokenizer.FromGguf(frozen.File.Metadata).Encode(book);
            foreach (HippocampusKind kind in Enum.GetValues<HippocampusKind>()) Compare(device, frozen, MemoryRule.Of(kind), ids);
            foreach (bool usesTensor in (bool[])[true, false]) Time(device, frozen, ids, length, usesTensor);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static GpuDistillation Pass(CheckedDevice device, FrozenBase frozen, MemoryRule rule, bool usesTensor) =>
        new(frozen, rule, (device.CreateAccelerator(), device.Name, 256, usesTensor));

    private static void Compare(CheckedDevice device, FrozenBase frozen, MemoryRule rule, int[] ids)
    {
        MemoryParameters parameters = new(frozen.Config, rule);
        MemoryStart.Fill(parameters, 1);
        var sequence = new TrainingSequence([.. ids.Take(Compared)], 224, 32);
        MemoryParameters expected = parameters.Empty();
        double loss = new Distillation(frozen, rule).Run(sequence, parameters, expected, sequence.WeightSum) / sequence.WeightSum;
        foreach (bool usesTensor in (bool[])[false, true])
        {
            MemoryParameters found = parameters.Empty();
            using GpuDistillation pass = Pass(device, frozen, rule, usesTensor);
            double there = pass.Run(sequence, parameters, found, sequence.WeightSum) / sequence.WeightSum;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{rule}, {Compared} tokens, {(usesTensor ? "TF32" : "F32")}: KL {there:f6}, processor (8-bit activations) {loss:f6}; "
                + $"gradient off by {Math.Sqrt(Measure.SquaredError(found.Values, expected.Values)):e2} of its norm"));
        }
    }

    private static void Time(CheckedDevice device, FrozenBase frozen, int[] ids, int length, bool usesTensor)
    {
        MemoryRule rule = MemoryRule.Of(HippocampusKind.DeltaNet);
        MemoryParameters parameters = new(frozen.Config, rule), gradient = parameters.Empty();
        MemoryStart.Fill(parameters, 1);
        using GpuDistillation pass = Pass(device, frozen, rule, usesTensor);
        foreach (int exact in (int[])[length / 2, length / 4, length / 8])
        {
            var sequence = new TrainingSequence([.. ids.Take(length)], exact - 32, 32);
            pass.Run(sequence, parameters, gradient, sequence.WeightSum);
            long started = Stopwatch.GetTimestamp();
            for (int i = 0; i < Turns; i++) pass.Run(sequence, parameters, gradient, sequence.WeightSum);
            double both = Stopwatch.GetElapsedTime(started).TotalSeconds / Turns;
            started = Stopwatch.GetTimestamp();
            for (int i = 0; i < Turns; i++) pass.Run(sequence, parameters);
            double forward = Stopwatch.GetElapsedTime(started).TotalSeconds / Turns;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{(usesTensor ? "TF32" : "F32")}, {length} tokens, {exact} exact: {1e3 * both:f1} ms a text, "
                + $"{1e3 * forward:f1} forward alone, {length / both:N0} tokens/s, {pass.DeviceBytes / 1e6:N0} MB on the device"));
        }
    }
}
