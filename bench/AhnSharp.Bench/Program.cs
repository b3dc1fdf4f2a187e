using System;
using System.IO;
using System.Linq;
using AhnSharp.Bench;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

// In this process, so that all tiers are measured under one runtime; short, because there are hundreds of cases and their medians repeat
// within 3 %. All of it takes hours; filters: --filter '*Q8_0 avx512*', '*Q4_K avx512 8960×1536*'.
Job job = Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(2).WithIterationCount(5).WithIterationTime(
    TimeInterval.FromMilliseconds(50));
IConfig config = ManualConfig.CreateEmpty()
    .AddJob(job)
    .AddColumnProvider(DefaultColumnProviders.Instance)
    .AddLogger(ConsoleLogger.Default)
    .AddExporter(MarkdownExporter.GitHub)
    .WithOptions(ConfigOptions.DisableOptimizationsValidator);

string? root = AppContext.BaseDirectory;
while (root is not null && !File.Exists(Path.Combine(root, "AhnSharp.sln"))) root = Path.GetDirectoryName(root);
if (args is ["llamasharp", ..] && root is not null)
{
    Console.WriteLine($"wrote {LibraryBench.Run(root, LibraryChoice.Parse(args.AsSpan(1)))}");
    return;
}
if (args is ["at-once", ..] && root is not null)
{
    Console.WriteLine($"wrote {AtOnceBench.Run(root, LibraryChoice.Parse(args.AsSpan(1)))}");
    return;
}
string[] filter = args.Length > 0 ? args : ["--filter", "*"];
foreach (Summary summary in BenchmarkSwitcher.FromTypes([typeof(MatrixBench), typeof(MaskBench)]).Run(filter, config))
{
    string folder = Path.Combine(root ?? ".", "bench", "results");
    bool masks = summary.BenchmarksCases.Any(one => one.Descriptor.Type == typeof(MaskBench));
    Console.WriteLine($"wrote {(masks ? MaskResults.Update(summary, folder) : ResultsFile.Update(summary, folder))}");
}
