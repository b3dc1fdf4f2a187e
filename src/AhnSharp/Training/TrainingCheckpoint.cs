using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;

namespace AhnSharp.Training;

/// <summary>A run on disk, from which it goes on to the same bits: a GGUF file of values, moments and best values, all F32.</summary>
internal static class TrainingCheckpoint
{
    private const string Kind = "general.architecture", KindWord = "ahn-training", Prefix = "training.", Asked = Prefix + "asked",
        Window = Prefix + "window_kl", Steps = Prefix + "steps_taken", Points = Prefix + "points", Since = Prefix + "since";

    /// <summary>Writes one.</summary>
    public static void Write(Stream stream, MemoryTraining training)
    {
        GgufWriter writer = new();
        writer.Add(Kind, KindWord);
        writer.Add(Asked, Describe(training));
        writer.Add(Steps, (uint)training.Step);
        writer.AddValue(Window, training.WindowKl);
        writer.AddValue(Since, (double[])[training.Since.Sum, training.Since.Count]);
        writer.AddValue(Points, training.Points.SelectMany(point => (double[])[point.Step, point.TrainingKl, point.HeldOutKl]).ToArray());
        foreach ((string name, float[] values) in Arrays(training))
            writer.AddTensor(name, GgmlType.F32, [values.Length], output => output.Write(MemoryMarshal.AsBytes(values.AsSpan())));
        writer.Write(stream);
    }

    /// <summary>Goes on from one.</summary>
    /// <exception cref="InvalidModelException">It is none, or of a run with other options, texts or base; the message says
    /// which.</exception>
    public static void Read(string path, MemoryTraining training)
    {
        using GgufFile file = GgufFile.Open(path);
        if (file.Metadata.GetStringOrNull(Kind) != KindWord)
            throw new InvalidModelException($"{path}: expected a checkpoint of 'ahn train', found another kind of file.");
        string[] asked = file.Metadata.GetStringArray(Asked), now = Describe(training);
        for (int i = 0; i < Math.Max(asked.Length, now.Length); i++)
        {
            string before = i < asked.Length ? asked[i] : "nothing", after = i < now.Length ? now[i] : "nothing";
            if (before != after)
            {
                throw new InvalidModelException(
                    $"{path}: expected a run with {after}, found one with {before}; --resume goes on with the same options, texts "
                        + "and base.");
            }
        }
        double[] points = Numbers(file, Points), since = Numbers(file, Since);
        if (points.Length % 3 != 0 || since.Length != 2 || file.Metadata[Window] is not double windowKl)
            throw new InvalidModelException($"{path}: expected the measurements of a run, found others: the file is damaged.");
        foreach ((string name, float[] values) in Arrays(training))
        {
            GgufTensor tensor = file.GetTensor(name);
            if (tensor.Type != GgmlType.F32 || tensor.ElementCount != values.Length)
                throw new InvalidModelException($"{path}: {name}: expected F32 [{values.Length}], found {tensor.TypeAndShape}.");
            file.Read(tensor, 0, MemoryMarshal.AsBytes(values.AsSpan()));
        }
        training.Optimiser.Steps = checked((int)file.Metadata.GetUInt32(Steps));
        training.Continue(
            windowKl, points.Chunk(3).Select(point => new TrainingPoint((int)point[0], point[1], point[2])), (since[0], (int)since[1]));
    }

    private static double[] Numbers(GgufFile file, string key) => file.Metadata[key] as double[]
        ?? throw new InvalidModelException($"{file.Path}: key {key}: expected numbers of 64 bits, found others.");

    private static IEnumerable<(string Name, float[] Values)> Arrays(MemoryTraining training) =>
    [
        ("values", training.Parameters.Values), ("mean", training.Optimiser.Mean), ("square", training.Optimiser.Square),
        ("best", training.Best.Values),
    ];

    // Everything that the bits follow from, in words that a sentence can name.
    private static string[] Describe(MemoryTraining training)
    {
        TrainingOptions o = training.Options;
        return
        [
            $"the memory {training.Parameters.Rule}", $"the base {training.Base.Fingerprint}",
            FormattableString.Invariant($"steps {o.Steps}"),
            FormattableString.Invariant($"batch {o.Batch}"), FormattableString.Invariant($"length {o.Length}"),
            FormattableString.Invariant($"learning rate {o.LearningRate:R}"), FormattableString.Invariant($"seed {o.Seed}"),
            FormattableString.Invariant($"recall {o.Recall:R}"), FormattableString.Invariant($"answer weight {o.AnswerWeight:R}"),
            FormattableString.Invariant($"hold-out {o.HoldOut:R}"), FormattableString.Invariant($"held-out texts {o.HeldOutTexts}"),
            FormattableString.Invariant($"a measurement every {o.Every} steps"),
            FormattableString.Invariant($"{training.Texts.Tokens} and {training.Texts.HeldOutTokens} tokens"),
            .. training.Texts.Sources.Select(source => $"the text {source.Name} of SHA-256 {source.Sha256}"),
        ];
    }
}
