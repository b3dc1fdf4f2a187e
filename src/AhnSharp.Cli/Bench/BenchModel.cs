using System;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Kernels;
using AhnSharp.Measurement;
using AhnSharp.Planning;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Bench;

/// <summary>A loaded model with what its loading took.</summary>
internal sealed class BenchModel : IDisposable
{
    private BenchModel(string path, LanguageModel model, ModelPlan plan, ModelOptions options, PeakMemory memory, double loadSeconds,
        double? freshMemoryRate)
    {
        (Path, Model, Plan, Options, Memory, LoadSeconds, FreshMemoryRate) =
            (path, model, plan, options, memory, loadSeconds, freshMemoryRate);
        CacheReadRate = memory.Without(() => MeasureCache(path, model, options.Threads));
    }

    internal string Path { get; }

    internal string Name => System.IO.Path.GetFileName(Path);

    internal LanguageModel Model { get; }

    /// <summary>The processor's part where it computes everything; null on a GPU.</summary>
    internal ProcessorPart? OnProcessor => Model.Processor is { ComputesAll: true } here ? here : null;

    /// <summary>GB/s at which what computes reads its memory now: the roof of generating.</summary>
    internal double ReadRate() =>
        OnProcessor is { } here ? Memory.Without(() => Roofs.ReadBeside(here.Workers)) : Model.MeasureCopyRate()!.Value;

    internal ModelPlan Plan { get; }

    internal ModelOptions Options { get; }

    /// <summary>The most memory since before loading, without probes.</summary>
    internal PeakMemory Memory { get; }

    internal double LoadSeconds { get; }

    internal double LoadRate => Model.FileBytes / LoadSeconds / 1e9;

    /// <summary>GB/s at which the weights came to the device; null on the processor.</summary>
    internal double? UploadRate => Model.UploadRate;

    /// <summary>GB/s at which the system hands over the file from its cache.</summary>
    internal double CacheReadRate { get; }

    /// <summary>GB/s at which the system hands over memory for the weights; null on a GPU.</summary>
    internal double? FreshMemoryRate { get; }

    /// <summary>
    /// Loads the network; the file is read once before, so that loading is measured from the system's cache, as
    /// the second start of a program is.
    /// </summary>
    internal static async Task<BenchModel> LoadAsync(
        string path, string? ahnPath, ModelOptions options, DeviceChoice device, CancellationToken cancellationToken)
    {
        ModelPlan plan = ModelPlan.Read(path, ahnPath, options);
        ReadThrough(path, cancellationToken);
        double? freshMemoryRate = device.Device == DeviceChoice.Processor ? MeasureFreshMemory(plan.WeightBytes, options.Threads) : null;
        PeakMemory memory = new();
        long started = Stopwatch.GetTimestamp();
        LanguageModel model = await LoadedModel.LoadNetworkAsync(path, ahnPath, options, device, cancellationToken);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        try
        {
            return new BenchModel(path, model, plan, options, memory, seconds, freshMemoryRate);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    public void Dispose() => Model.Dispose();

    private static double MeasureCache(string path, LanguageModel model, int threads)
    {
        if (model.Processor is { ComputesAll: true } here) return FileReadRate.Measure(path, here.Workers);
        using Workers workers = new(threads);
        return FileReadRate.Measure(path, workers);
    }

    private static double MeasureFreshMemory(long byteLength, int threads)
    {
        using Workers workers = new(threads);
        return Measurement.FreshMemoryRate.Measure(byteLength, workers);
    }

    private static void ReadThrough(string path, CancellationToken cancellationToken)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        byte[] piece = new byte[1 << 20];
        while (file.Read(piece) > 0) cancellationToken.ThrowIfCancellationRequested();
    }
}
