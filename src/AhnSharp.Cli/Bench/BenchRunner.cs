using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cli.Display;
using AhnSharp.Kernels;
using AhnSharp.Machine;
using AhnSharp.Measurement;
using AhnSharp.Planning;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Bench;

/// <summary>Runs the tests of one loaded model, alternately with another program where one is named.</summary>
/// <remarks>While the other program runs, our threads sleep: they spin for 100 microseconds after a piece of work, no longer.</remarks>
internal sealed class BenchRunner(
    BenchModel model, SessionOptions options, Roofs roofs, int runs, PeerProgram? peer, bool profiles, bool madeUp)
{
    // Enough for the compiler to have replaced every method of a step by its optimised form.
    private const int WarmUpTokens = 32;

    private int Threads => model.Options.Threads;

    internal async Task<IReadOnlyList<BenchRecord>> RunAsync(SpeedTest[] tests, CancellationToken cancellationToken)
    {
        List<BenchRecord> records = [];
        using SpeedRunner runner = new(model.Model, options, madeUp);
        int done = 0, total = tests.Length * (runs + 1);
        return await Progress.ShowAsync($"bench, {model.Name}", bar => Task.Run<IReadOnlyList<BenchRecord>>(
            async () =>
            {
                foreach (SpeedTest test in tests)
                {
                    Report($"{test.Name}, warming up");
                    // A short run leaves kernels of many rows cold, so a prompt is read whole.
                    runner.Run(test, test.Prompt > 0 ? test.Prompt : WarmUpTokens, cancellation: cancellationToken);
                    List<SpeedRun> ours = [];
                    List<double> theirs = [], reads = [];
                    while (ours.Count < runs)
                    {
                        done++;
                        Report($"{test.Name}, run {ours.Count + 1} of "
                            + $"{runs}{(ours.Count > 0 ? $", last {test.Tokens / ours[^1].Seconds:N1} tokens/s" : "")}");
                        if (ours.Count % 2 == 0) reads.Add(model.ReadRate());
                        ours.Add(runner.Run(test, cancellation: cancellationToken));
                        if (peer is not null) theirs.Add(await peer.MeasureAsync(model.Path, Threads, test, cancellationToken));
                    }
                    done++;
                    IReadOnlyList<BenchProfileLine>? profile = profiles ? Profile(runner, test, reads.Max(), cancellationToken) : null;
                    records.Add(Record(runner, test, ours, theirs, reads.Max(), profile));
                }
                return records;

                void Report(string note) => bar.Report((done, total, string.Create(CultureInfo.InvariantCulture, $"{note}")));
            },
            cancellationToken));
    }

    private IReadOnlyList<BenchProfileLine> Profile(SpeedRunner runner, SpeedTest test, double read, CancellationToken cancellationToken)
    {
        StepProfile profile = new();
        runner.Run(test, profile: profile, cancellation: cancellationToken);
        return BenchProfile.Lines(profile, roofs, read, test.Prompt > 0 ? 1 : test.Generated);
    }

    private BenchRecord Record(
        SpeedRunner runner, SpeedTest test, List<SpeedRun> ours, List<double> theirs, double read, IReadOnlyList<BenchProfileLine>? profile)
    {
        double[] nanoseconds = [.. ours.Select(run => run.Seconds * 1e9)], speeds = [.. ours.Select(run => test.Tokens / run.Seconds)];
        SampleSummary time = SampleSummary.Of(nanoseconds), speed = SampleSummary.Of(speeds);
        bool decodes = test.Generated > 0;
        double bytes = runner.BytesPerToken(test), readRate = bytes * speed.Median / 1e9,
            weightsRate = model.Model.TokenWeightBytes * speed.Median / 1e9;
        double multiplyAdds = OperationCount.Of(model.Model.Config, runner.Plan, test.Depth, test.Depth
            + test.Tokens, decodes ? test.Generated : 1).Total / test.Tokens * speed.Median / 1e9;
        double? peak = model.OnProcessor is { } here ? roofs.PeakOf(here.MultipliesBytes) : null;
        return new BenchRecord
        {
            BuildCommit = BuildInfo.Commit,
            BuildVersion = BuildInfo.Version,
            BuildKind = BuildInfo.Kind,
            CpuInfo = CpuName.Here,
            Isa = model.OnProcessor is null ? model.Model.RunsOn : KernelTable.NameOf(KernelTable.Active),
            IsaForced = model.OnProcessor is not null && KernelTable.Active != KernelTable.Detected,
            Backends = model.OnProcessor is null ? "GPU" : "CPU",
            ModelFilename = model.Path,
            ModelType = model.Plan.Name,
            ModelSize = model.Model.FileBytes,
            ModelNParams = model.Plan.ParameterCount,
            NBatch = model.Model.ChunkTokens,
            NUbatch = model.Model.ChunkTokens,
            NThreads = Threads,
            TypeK = MemoryName.OptionOf(runner.Plan.Kv),
            TypeV = MemoryName.OptionOf(runner.Plan.Kv),
            UseMmap = model.Options.MemoryMap,
            Repacked = model.Options.Repack || model.Model.Processor is null,
            Memory = MemoryName.OptionOf(runner.Plan.Mode),
            Window = runner.Plan.Window,
            Sinks = runner.Plan.Sinks,
            NPrompt = test.Prompt,
            NGen = test.Generated,
            NDepth = test.Depth,
            Test = test.Name,
            TestTime = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            AvgNs = time.Mean,
            StddevNs = time.StandardDeviation,
            AvgTs = speed.Mean,
            StddevTs = speed.StandardDeviation,
            SamplesNs = nanoseconds,
            SamplesTs = speeds,
            MedianTs = speed.Median,
            Archive = runner.Plan.Archive is null ? null : MemoryName.OptionOf(runner.Plan.Archive.Type),
            ArchiveHeads = runner.Plan.ArchiveHeads,
            ArchiveIndexBytes = runner.Plan.Archive is null ? null : runner.Plan.ArchiveIndexBytes(test.Depth + test.Tokens),
            MinTs = speed.Least,
            MaxTs = speed.Most,
            FirstTokenMs = 1000 * SampleSummary.Of([.. ours.Select(run => run.FirstTokenSeconds)]).Median,
            WeightBytes = model.Model.WeightBytes,
            ReadBytesPerToken = decodes ? bytes : null,
            ReadGbPerS = decodes ? readRate : null,
            ReadRoofShare = decodes ? readRate / read : null,
            WeightsReadGbPerS = decodes ? weightsRate : null,
            WeightsReadRoofShare = decodes ? weightsRate / read : null,
            RoofReadGbPerS = read,
            GigaMultiplyAddsPerS = multiplyAdds,
            RoofGigaMultiplyAddsPerS = peak,
            MultiplyAddRoofShare = multiplyAdds / peak,
            LoadSeconds = model.LoadSeconds,
            LoadGbPerS = model.LoadRate,
            UploadGbPerS = model.UploadRate,
            CacheReadGbPerS = model.CacheReadRate,
            FreshMemoryGbPerS = model.FreshMemoryRate,
            PeakResidentBytes = model.Memory.Bytes,
            PeakIncludesProbes = !model.Memory.Separates,
            Versus = peer is null ? null : Versus(test, speeds, theirs, speed.Median),
            Profile = profile,
        };
    }

    private BenchVersus Versus(SpeedTest test, double[] ours, List<double> theirs, double median)
    {
        SampleSummary other = SampleSummary.Of([.. theirs]), pairs = SampleSummary.Of([.. ours.Zip(theirs, (us, them) => us / them)]);
        return new BenchVersus(
            string.Join(' ', peer!.CommandFor(model.Path, Threads, test)), [.. theirs], other.Median, median / other.Median,
            pairs.Least, pairs.Most);
    }
}
