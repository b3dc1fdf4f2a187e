using System.Text.Json;
using AhnSharp.Cli.Display;
using AhnSharp.Measurement;

namespace AhnSharp.Cli.Bench;

/// <summary>The report of <c>ahn bench --archive-cost</c>.</summary>
internal static class ArchiveCostReport
{
    internal static ModeReport Of(ArchiveCost cost, string model)
    {
        Grid grid = new("reading", "ms/prompt", "tokens/s", "of the speed without", "archive", "index");
        grid.Add("without an archive", BenchTable.Number(cost.WithoutMs, 1), Speed(cost.WithoutMs), "", "", "");
        Add(cost.WindowOnly is null ? "with an archive" : "with one, --read ahn", cost.Ahn);
        if (cost.WindowOnly is { } window) Add("with one, --read window", window);
        string line = $"{model}: prompts of {BenchTable.Number(cost.PromptTokens, 0)} tokens, read in turn by sessions that differ in "
            + $"their archive alone (W {BenchTable.Number(cost.Window, 0)}, S {BenchTable.Number(cost.Sinks, 0)}), from "
            + $"{BenchTable.Number(cost.Begin, 0)} tokens on ({(cost.MadeUp ? "made up" : "read")}); medians of "
            + $"{BenchTable.Number(cost.Runs, 0)} rounds.";
        return new ModeReport(
            $"{model}: what an archive costs", [line], [grid], JsonSerializer.Serialize(cost, BenchJson.Default.ArchiveCost))
        {
            Lead = $"With an archive a text was read at {BenchTable.Number(cost.Ahn.Speed.Median, 2)} times the speed without"
                + (cost.WindowOnly is { } only ? $", and at {BenchTable.Number(only.Speed.Median, 2)} times with --read window." : "."),
        };

        string Speed(double ms) => BenchTable.Speed(1000 * cost.PromptTokens / ms);

        void Add(string name, ArchiveShare share) => grid.Add(name, BenchTable.Number(share.Ms, 1), Speed(share.Ms),
            FlatReport.Interval(share.Speed, 1, 4, ""), ByteProgress.Size(share.ArchiveBytes), ByteProgress.Size(share.ArchiveIndexBytes));
    }
}
