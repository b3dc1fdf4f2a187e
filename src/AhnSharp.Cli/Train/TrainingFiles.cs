using System;
using System.IO;
using AhnSharp.Files;
using AhnSharp.Training;

namespace AhnSharp.Cli.Train;

/// <summary>
/// What a run leaves on the disk: the best memory under the output's name, and a checkpoint beside it while it is not done.
/// </summary>
internal sealed class TrainingFiles(string output, int window, int sinks, MemoryTraining training)
{
    private const string CheckpointEnding = ".checkpoint";

    internal static string CheckpointOf(string output) => output + CheckpointEnding;

    internal string Checkpoint => CheckpointOf(output);

    /// <summary>Takes a measurement: the best is written where it is one, then the checkpoint.</summary>
    internal void Keep(bool isBest)
    {
        if (isBest) Write(output, stream => AdapterFile.Write(stream, training.Base, training.Best, window, sinks, Record()));
        KeepCheckpoint();
    }

    internal void KeepCheckpoint() => Write(Checkpoint, stream => TrainingCheckpoint.Write(stream, training));

    /// <summary>The run is done: nothing goes on from a checkpoint any more.</summary>
    internal void Finish() => File.Delete(Checkpoint);

    private static void Write(string path, Action<Stream> write)
    {
        using PartialFile file = new(path);
        write(file.Stream);
        file.Commit();
    }

    private TrainingRecord Record() => new()
    {
        Name = Path.GetFileNameWithoutExtension(output),
        Version = $"ahn {BuildInfo.Version} (commit {BuildInfo.Commit})",
        Texts = training.Texts.Sources,
        Options = training.Options,
        Step = training.BestPoint!.Value.Step,
        HeldOutKl = training.BestPoint.Value.HeldOutKl,
        WindowKl = training.WindowKl,
    };
}
