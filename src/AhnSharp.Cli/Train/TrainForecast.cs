using System;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Threading;
using AhnSharp.Cli.Display;
using AhnSharp.Training;

namespace AhnSharp.Cli.Train;

/// <summary><c>--dry-run</c>: what a run will take, of one text forward and back and one forward alone, measured here and now.</summary>
/// <param name="SecondsPerText">Forward and back.</param>
/// <param name="SecondsPerHeldOut">Forward alone.</param>
/// <param name="Bytes">What the process held in memory at its most.</param>
/// <param name="DeviceBytes">What was held on a device; 0: there is none.</param>
internal sealed record TrainForecast(double SecondsPerText, double SecondsPerHeldOut, long Bytes, long DeviceBytes)
{
    /// <summary>Measures.</summary>
    internal static TrainForecast Measure(MemoryTraining training, CancellationToken cancellation)
    {
        // Once for the compiler and the file's pages, then for the clock.
        training.Try(backwards: true, cancellation);
        long start = Stopwatch.GetTimestamp();
        training.Try(backwards: true, cancellation);
        double text = Stopwatch.GetElapsedTime(start).TotalSeconds;
        start = Stopwatch.GetTimestamp();
        training.Try(backwards: false, cancellation);
        using Process self = Process.GetCurrentProcess();
        return new TrainForecast(
            text, Stopwatch.GetElapsedTime(start).TotalSeconds, Math.Max(self.PeakWorkingSet64, Environment.WorkingSet),
            training.DeviceBytes);
    }

    /// <summary>Seconds of a whole run.</summary>
    internal double Total(TrainingOptions o)
    {
        int measurements = 2 + (o.Steps + o.Every - 1) / o.Every; // the window alone and the start, too
        return SecondsPerText * o.Batch * o.Steps + SecondsPerHeldOut * o.HeldOutTexts * measurements;
    }

    internal void Show(MemoryTraining training)
    {
        TrainingOptions o = training.Options;
        Terminal.Print(string.Create(CultureInfo.InvariantCulture, $"{training.Texts.Tokens:N0} tokens to train on, "
            + $"{training.Texts.HeldOutTokens:N0} held out; {o.Steps:N0} steps of {o.Batch} × {o.Length:N0} read "
            + $"{(double)o.Steps * o.Batch * o.Length / training.Texts.Tokens:N1} times as many"));
        Terminal.Print(string.Create(CultureInfo.InvariantCulture, $"{training.Parameters.Rule}: "
            + $"{ByteProgress.Count(training.Parameters.Values.Length)} parameters; {ByteProgress.Size(Bytes)} of memory"
            + $"{(DeviceBytes > 0 ? $", {ByteProgress.Size(DeviceBytes)} on the device" : "")}"));
        Terminal.Print(string.Create(CultureInfo.InvariantCulture, $"{SecondsPerText:N2} s a text, {SecondsPerText * o.Batch:N1} s a step, "
            + $"{o.Length / SecondsPerText:N0} tokens/s: about {DocumentBar.Duration(TimeSpan.FromSeconds(Total(o)))} in all"));
    }

    internal void Write(Utf8JsonWriter json, MemoryTraining training)
    {
        TrainingOptions o = training.Options;
        json.WriteNumber("training_tokens", training.Texts.Tokens);
        json.WriteNumber("held_out_tokens", training.Texts.HeldOutTokens);
        json.WriteNumber("parameters", training.Parameters.Values.Length);
        json.WriteNumber("steps", o.Steps);
        json.WriteNumber("memory_bytes", Bytes);
        json.WriteNumber("device_bytes", DeviceBytes);
        json.WriteNumber("seconds_per_step", SecondsPerText * o.Batch);
        json.WriteNumber("tokens_per_second", o.Length / SecondsPerText);
        json.WriteNumber("seconds", Total(o));
    }
}
