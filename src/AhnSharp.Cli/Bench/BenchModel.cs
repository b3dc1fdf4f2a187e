using System;
using System.Diagnostics;
using System.IO;
using System.Threading;
using AhnSharp.Measurement;
using AhnSharp.Model;

namespace AhnSharp.Cli.Bench;

/// <summary>A loaded model with what its loading took.</summary>
internal sealed class BenchModel : IDisposable
{
    private BenchModel(string path, QwenModel model, ModelPlan plan, ModelOptions options, PeakMemory memory, double loadSeconds)
    {
        (Path, Model, Plan, Options, Memory, LoadSeconds) = (path, model, plan, options, memory, loadSeconds);
        CacheReadRate = memory.Without(() => FileReadRate.Measure(path, model.Workers));
    }

    internal string Path { get; }

    internal string Name => System.IO.Path.GetFileName(Path);

    internal QwenModel Model { get; }

    internal ModelPlan Plan { get; }

    internal ModelOptions Options { get; }

    /// <summary>The most memory since before loading, without probes.</summary>
    internal PeakMemory Memory { get; }

    internal double LoadSeconds { get; }

    internal double LoadRate => Model.FileBytes / LoadSeconds / 1e9;

    /// <summary>GB/s at which the system hands over the file from its cache.</summary>
    internal double CacheReadRate { get; }

    /// <summary>Loads the network; the file is read once before, so that loading is measured from the system's cache, as the second start of a program is.</summary>
    internal static BenchModel Load(string path, string? ahnPath, ModelOptions options, CancellationToken cancellationToken)
    {
        ModelPlan plan = ModelPlan.Read(path, ahnPath, options);
        ReadThrough(path, cancellationToken);
        PeakMemory memory = new();
        long started = Stopwatch.GetTimestamp();
        QwenModel model = QwenModel.Load(path, ahnPath, options, cancellationToken);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        try
        {
            return new BenchModel(path, model, plan, options, memory, seconds);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    public void Dispose() => Model.Dispose();

    private static void ReadThrough(string path, CancellationToken cancellationToken)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        byte[] piece = new byte[1 << 20];
        while (file.Read(piece) > 0) cancellationToken.ThrowIfCancellationRequested();
    }
}
