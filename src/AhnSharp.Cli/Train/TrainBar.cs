using System;
using System.Diagnostics;
using System.Globalization;
using AhnSharp.Cli.Display;
using AhnSharp.Training;

namespace AhnSharp.Cli.Train;

/// <summary>The progress of a run: a bar on a terminal, a line for each measurement elsewhere.</summary>
internal sealed class TrainBar(IProgress<(long Done, long Total, string Note)> bar, MemoryTraining training)
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly int _first = training.Step;
    private string _speed = "";

    /// <summary>Tokens a second since the beginning, measurements included.</summary>
    internal double TokensPerSecond { get; private set; }

    internal void Report(TrainingProgress value)
    {
        double seconds = Stopwatch.GetElapsedTime(_started).TotalSeconds;
        TokensPerSecond = value.Tokens / seconds;
        int left = training.Options.Steps - value.Step;
        _speed = string.Create(CultureInfo.InvariantCulture, $"{TokensPerSecond:N0} tokens/s · "
            + $"{(training.DeviceBytes > 0 ? $"{ByteProgress.Size(training.DeviceBytes)} on the device · " : "")}"
            + $"{DocumentBar.Duration(TimeSpan.FromSeconds(seconds / (value.Step - _first) * left))} left");
        bar.Report((value.Step, training.Options.Steps, string.Create(
            CultureInfo.InvariantCulture, $"{value.Step:N0}/{training.Options.Steps:N0} · KL {value.Kl:N4} · {_speed}")));
    }

    internal void Report(TrainingPoint point)
    {
        if (Terminal.DrawsProgress) return;
        string trained = double.IsNaN(point.TrainingKl) ? "" : string.Create(
            CultureInfo.InvariantCulture, $"trained on {point.TrainingKl:N4}, ");
        Terminal.Note(string.Create(CultureInfo.InvariantCulture, $"step {point.Step:N0} of {training.Options.Steps:N0}: KL {trained}"
            + $"held out {point.HeldOutKl:N4}, window alone {training.WindowKl:N4}{(_speed.Length > 0 ? " · " : "")}{_speed}"));
    }
}
