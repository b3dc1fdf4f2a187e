using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using AhnSharp.Cli.Display;
using AhnSharp.Measurement;

namespace AhnSharp.Cli.Bench;

/// <summary>Records as lines and tables for people.</summary>
internal static class BenchTable
{
    /// <summary>The machine, and what it can do at most.</summary>
    internal static IEnumerable<string> RoofLines(Roofs roofs)
    {
        string threads = roofs.Threads == 1 ? "1 thread" : $"{roofs.Threads} threads";
        yield return $"machine limits: reading {Number(roofs.Read.One, 1)} GB/s with 1 thread, {Number(roofs.Read.All, 1)} with {threads}"
            + (roofs.ByteProducts is { } bytes ? $" · int8 {Number(bytes.One, 0)} and {Number(bytes.All, 0)} G multiply-adds/s" : "")
            + (roofs.FloatProducts is { } f32 ? $" · f32 {Number(f32.One, 0)} and {Number(f32.All, 0)}" : "");
    }

    /// <summary>One model with one number of threads.</summary>
    internal static IEnumerable<string> ModelLines(BenchRecord record)
    {
        string threads = record.Backends != "CPU" ? record.Backends : record.NThreads == 1 ? "1 thread" : $"{record.NThreads} threads";
        string memory = record.Memory == "full" ? "full attention" : $"{(record.Memory == "ahn" ? "window + memory" : "window alone")} (W "
            + $"{record.Window.ToString("N0", CultureInfo.InvariantCulture)}, "
            + $"S {record.Sinks.ToString("N0", CultureInfo.InvariantCulture)})";
        yield return $"{Path.GetFileName(record.ModelFilename)}: {record.ModelType}, {ByteProgress.Size(record.ModelSize)}, "
            + $"{ByteProgress.Count(record.ModelNParams)} parameters · {threads}, {record.Isa}{(record.IsaForced ? " (forced)" : "")} · "
            + $"{memory}{ArchiveOf(record)}, kv {record.TypeK}"
            + $"{(record.UseMmap ? "" : " · --no-mmap")}{(record.Repacked ? "" : " · --no-repack")}";
        yield return $"  loaded in {Number(record.LoadSeconds, 2)} s, "
            + $"{Number(record.LoadGbPerS, 2)} GB/s ({Percent(record.LoadGbPerS / record.CacheReadGbPerS)} of "
            + $"the {Number(record.CacheReadGbPerS, 2)} GB/s at which the system reads "
            + $"it from its cache{(record.FreshMemoryGbPerS is { } fresh ? $"; it hands over memory at {Number(fresh, 2)} GB/s" : "")})"
            + $"{(record.UploadGbPerS is { } upload ? $", to the device at {Number(upload, 2)} GB/s" : "")} · "
            + $"peak resident {ByteProgress.Size(record.PeakResidentBytes)}, "
            + $"{Number((double)record.PeakResidentBytes / record.ModelSize, 2)} × the "
            + $"file{(record.PeakIncludesProbes ? ", probes included" : "")}";
    }

    /// <summary>The speeds of one model.</summary>
    internal static Grid Speeds(IEnumerable<BenchRecord> records)
    {
        Grid grid = new("test", "tokens/s", "min – max", "ms/token", "weights", "of read limit", "all bytes", "of read limit",
            "multiply-adds", "of peak", "first token");
        foreach (BenchRecord r in records)
        {
            grid.Add(
                r.Test, Speed(r.MedianTs), $"{Speed(r.MinTs)} – {Speed(r.MaxTs)}", Number(1000 / r.MedianTs, r.MedianTs < 100 ? 2 : 3),
                Rate(r.WeightsReadGbPerS, " GB/s"), Percent(r.WeightsReadRoofShare), Rate(r.ReadGbPerS, " GB/s"), Percent(r.ReadRoofShare),
                Rate(r.GigaMultiplyAddsPerS, " G/s"), Percent(r.MultiplyAddRoofShare),
                $"{Number(r.FirstTokenMs, r.FirstTokenMs < 100 ? 1 : 0)} ms");
        }
        return grid;
    }

    /// <summary>Ours beside theirs; null where there is no other program.</summary>
    internal static Grid? Versus(IEnumerable<BenchRecord> records)
    {
        BenchRecord[] compared = [.. records.Where(record => record.Versus is not null)];
        if (compared.Length == 0) return null;
        Grid grid = new("test", "ours, tokens/s", "min – max", "theirs, tokens/s", "min – max", "ratio", "pairs");
        foreach (BenchRecord r in compared)
        {
            BenchVersus v = r.Versus!;
            grid.Add(
                r.Test, Speed(r.MedianTs), $"{Speed(r.MinTs)} – {Speed(r.MaxTs)}", Speed(v.MedianTs),
                $"{Speed(v.SamplesTs.Min())} – {Speed(v.SamplesTs.Max())}",
                Number(v.Ratio, 2), $"{Number(v.RatioMin, 2)} – {Number(v.RatioMax, 2)}");
        }
        return grid;
    }

    /// <summary>Where the time of a test goes, places first, then all products of a type together.</summary>
    internal static Grid Profile(BenchRecord record)
    {
        Grid grid = new($"{record.Test}: where it goes", "ms/step", "share", "GB/s", "G multiply-adds/s", "of its limit");
        foreach (BenchProfileLine line in record.Profile!) Add(line.Type is null ? line.Stage : $"{line.Stage} · {line.Type}", [line]);
        foreach (IGrouping<string?, BenchProfileLine> type in record.Profile!.Where(
            line => line.Type is not null && line.Stage != BenchProfile.NameOf(Kernels.ProfileStage.Memory)).GroupBy(line => line.Type))
            Add($"all products · {type.Key}", [.. type]);
        Add("together", [.. record.Profile!]);
        return grid;

        void Add(string name, BenchProfileLine[] lines)
        {
            double seconds = lines.Sum(line => line.SecondsPerStep), bytes = lines.Sum(line => line.BytesPerStep),
                multiplyAdds = lines.Sum(line => line.MultiplyAddsPerStep);
            double floor = lines.Sum(line => line.FloorSecondsPerStep ?? 0);
            grid.Add(
                name, Number(1000 * seconds, seconds < 0.1 ? 3 : 1), Percent(lines.Sum(line => line.Share)),
                bytes > 0 ? Number(bytes / 1e9 / seconds, 1) : "",
                multiplyAdds > 0 ? Number(multiplyAdds / 1e9 / seconds, 1) : "", floor > 0 ? Percent(floor / seconds) : "");
        }
    }

    private static string ArchiveOf(BenchRecord record) => record.ArchiveHeads is { } heads
        ? $" + archive ({record.Archive}, {Number(heads, 0)} heads, every token attends to all blocks that it may)" : "";

    internal static string Number(double value, int digits) =>
        value.ToString("N" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    internal static string Percent(double? share) => share is { } known && double.IsFinite(known) ? $"{Number(100 * known, 1)} %" : "";

    internal static string Speed(double tokensPerSecond) =>
        Number(tokensPerSecond, tokensPerSecond < 100 ? 2 : tokensPerSecond < 1000 ? 1 : 0);

    private static string Rate(double? value, string unit) => value is { } known ? Number(known, known < 100 ? 1 : 0) + unit : "";
}
