using System.Collections.Generic;

namespace AhnSharp.Cli.Bench;

/// <summary>
/// One test of one model, as <c>ahn bench --json</c> prints it: the fields of llama-bench's JSON under their names, and more.
/// docs/bench.md says what each means.
/// </summary>
internal sealed record BenchRecord
{
    public required string BuildCommit { get; init; }
    public required string BuildVersion { get; init; }
    public required string BuildKind { get; init; }
    public required string CpuInfo { get; init; }
    public required string Isa { get; init; }
    public required bool IsaForced { get; init; }
    public string Backends { get; init; } = "CPU";
    public required string ModelFilename { get; init; }
    public required string ModelType { get; init; }
    public required long ModelSize { get; init; }
    public required long ModelNParams { get; init; }
    public required int NBatch { get; init; }
    public required int NUbatch { get; init; }
    public required int NThreads { get; init; }
    public required string TypeK { get; init; }
    public required string TypeV { get; init; }
    public required bool UseMmap { get; init; }
    public required bool Repacked { get; init; }
    public required string Memory { get; init; }
    public required int Window { get; init; }
    public required int Sinks { get; init; }

    /// <summary>How the archive keeps keys and values; absent without one.</summary>
    public string? Archive { get; init; }

    /// <summary>(layer, key/value head) pairs that have an archive; absent without one.</summary>
    public int? ArchiveHeads { get; init; }

    /// <summary>Bytes of the archive's index behind the test; absent without one.</summary>
    public long? ArchiveIndexBytes { get; init; }
    public required int NPrompt { get; init; }
    public required int NGen { get; init; }
    public required int NDepth { get; init; }
    public required string Test { get; init; }
    public required string TestTime { get; init; }
    public required double AvgNs { get; init; }
    public required double StddevNs { get; init; }
    public required double AvgTs { get; init; }
    public required double StddevTs { get; init; }
    public required double[] SamplesNs { get; init; }
    public required double[] SamplesTs { get; init; }
    public required double MedianTs { get; init; }
    public required double MinTs { get; init; }
    public required double MaxTs { get; init; }
    public required double FirstTokenMs { get; init; }
    public required long WeightBytes { get; init; }
    public double? ReadBytesPerToken { get; init; }
    public double? ReadGbPerS { get; init; }
    public double? ReadRoofShare { get; init; }
    public double? WeightsReadGbPerS { get; init; }
    public double? WeightsReadRoofShare { get; init; }
    public required double RoofReadGbPerS { get; init; }
    public double? GigaMultiplyAddsPerS { get; init; }
    public double? RoofGigaMultiplyAddsPerS { get; init; }
    public double? MultiplyAddRoofShare { get; init; }
    public required double LoadSeconds { get; init; }
    public required double LoadGbPerS { get; init; }
    public double? UploadGbPerS { get; init; }
    public required double CacheReadGbPerS { get; init; }
    public double? FreshMemoryGbPerS { get; init; }
    public required long PeakResidentBytes { get; init; }
    public required bool PeakIncludesProbes { get; init; }
    public BenchVersus? Versus { get; init; }
    public IReadOnlyList<BenchProfileLine>? Profile { get; init; }
}

/// <summary>The other program's part of a record.</summary>
/// <param name="Command">As it was run, placeholders filled in.</param>
/// <param name="SamplesTs">Its tokens/s, one per pair.</param>
/// <param name="MedianTs">Their median.</param>
/// <param name="Ratio">Median of ours over median of theirs.</param>
/// <param name="RatioMin">The worst pair.</param>
/// <param name="RatioMax">The best pair.</param>
internal sealed record BenchVersus(string Command, double[] SamplesTs, double MedianTs, double Ratio, double RatioMin, double RatioMax);

/// <summary>One line of a profile.</summary>
/// <param name="Stage">What was done.</param>
/// <param name="Type">Type of the weights, of a product.</param>
/// <param name="SecondsPerStep">Time of one step: a generated token, or the whole prompt.</param>
/// <param name="Share">Of all time, 0 to 1; the shares of all lines are 1 together.</param>
/// <param name="BytesPerStep">Bytes that it cannot avoid to read or write.</param>
/// <param name="MultiplyAddsPerStep">Multiply-adds that it cannot avoid.</param>
/// <param name="FloorSecondsPerStep">What these take at the measured roofs; null where neither is counted.</param>
/// <param name="RoofShare">Floor over time, 0 to 1.</param>
internal sealed record BenchProfileLine(
    string Stage, string? Type, double SecondsPerStep, double Share, double BytesPerStep, double MultiplyAddsPerStep,
    double? FloorSecondsPerStep, double? RoofShare);
