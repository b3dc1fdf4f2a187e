using System.Collections.Generic;
using System.Text.Json.Serialization;
using AhnSharp.Measurement;

namespace AhnSharp.Cli.Bench;

/// <summary>Generated writers of what <c>ahn bench --json</c> prints: no reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<BenchRecord>))]
[JsonSerializable(typeof(FlatTest))]
[JsonSerializable(typeof(ParallelTest))]
[JsonSerializable(typeof(ServerLoad))]
[JsonSerializable(typeof(MemoryCost))]
[JsonSerializable(typeof(ArchiveCost))]
[JsonSerializable(typeof(LongRun))]
[JsonSerializable(typeof(ClaimsReport))]
internal sealed partial class BenchJson : JsonSerializerContext;
