using System.Collections.Generic;
using System.Text.Json;
using AhnSharp.Cli.Display;
using AhnSharp.Measurement;

namespace AhnSharp.Cli.Bench;

/// <summary>The report of <c>ahn bench --flat</c>.</summary>
internal static class FlatReport
{
    internal static ModeReport Of(FlatTest flat, string model)
    {
        Grid grid = new("session", "tokens before", "ms/token", "tokens/s", "state");
        grid.Add("near", BenchTable.Number(flat.NearTokens, 0), BenchTable.Number(flat.NearMs, 3), BenchTable.Speed(1000 / flat.NearMs),
            ByteProgress.Size(flat.NearStateBytes));
        grid.Add("far", BenchTable.Number(flat.FarTokens, 0), BenchTable.Number(flat.FarMs, 3), BenchTable.Speed(1000 / flat.FarMs),
            ByteProgress.Size(flat.FarStateBytes));
        if (flat.FarArchiveBytes > 0)
        {
            grid.Add("far: archive, its index", "", "", "", $"{ByteProgress.Size(flat.FarArchiveBytes)}, "
                + ByteProgress.Size(flat.FarArchiveIndexBytes));
        }
        List<string> lines =
        [
            $"{model}: two live sessions (W {BenchTable.Number(flat.Window, 0)}, S {BenchTable.Number(flat.Sinks, 0)}), stepped "
                + $"alternately {BenchTable.Number(flat.Steps, 0)} times; the texts before were {(flat.MadeUp ? "made up" : "read")}.",
            $"far / near, median of the pairs: {Interval(flat.Ratio, 1, 4, "")}",
        ];
        return new ModeReport($"{model}: flat", lines, [grid], JsonSerializer.Serialize(flat, BenchJson.Default.FlatTest))
        {
            Lead = $"A token behind {BenchTable.Number(flat.FarTokens, 0)} tokens took {BenchTable.Number(flat.Ratio.Median, 2)} times as "
                + $"long as one behind {BenchTable.Number(flat.NearTokens, 0)}.",
        };
    }

    /// <summary>For example: 1.0020 (95 %: 0.9980 to 1.0060).</summary>
    internal static string Interval(MedianInterval interval, double scale, int digits, string unit) =>
        $"{BenchTable.Number(scale * interval.Median, digits)}{unit} ({BenchTable.Number(100 * interval.Confidence, 0)} %: "
        + $"{BenchTable.Number(scale * interval.Low, digits)} to {BenchTable.Number(scale * interval.High, digits)}{unit})";
}
