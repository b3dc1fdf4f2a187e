using System.Text.Json;
using AhnSharp.Cli.Display;
using AhnSharp.Measurement;

namespace AhnSharp.Cli.Bench;

/// <summary>The report of <c>ahn bench --memory-cost</c>.</summary>
internal static class MemoryCostReport
{
    internal static ModeReport Of(MemoryCost cost, int promptTokens, string model)
    {
        Grid grid = new(
            "step", "with memory", "window alone", "memory's share of it", "by profile", "bytes it must move", "floor", "of the step");
        Add("1 token", cost.Decode);
        Add($"{promptTokens} tokens", cost.Prefill);
        string line = $"{model}: {cost.Kind}, W {BenchTable.Number(cost.Window, 0)}, S {BenchTable.Number(cost.Sinks, 0)}, "
            + $"from {BenchTable.Number(cost.Begin, 0)} tokens on "
            + $"({(cost.MadeUp ? "made up" : "read")}), so that every token writes and reads the memory.";
        return new ModeReport(
            $"{model}: what the memory costs", [line], [grid], JsonSerializer.Serialize(cost, BenchJson.Default.MemoryCost))
        {
            Lead = $"The memory took {BenchTable.Percent(cost.Decode.Share.Median)} of the time of a written token, and "
                + $"{BenchTable.Percent(cost.Prefill.Share.Median)} of that of a prompt of {promptTokens} tokens.",
        };

        void Add(string name, MemoryShare share) => grid.Add(
            name, Milliseconds(share.WithMs), Milliseconds(share.WindowMs), FlatReport.Interval(share.Share, 100, 2, " %"),
            BenchTable.Percent(share.ProfileShare),
            ByteProgress.Size((long)share.FloorBytes), Milliseconds(share.FloorMs), BenchTable.Percent(share.FloorMs / share.WithMs));
    }

    private static string Milliseconds(double value) => BenchTable.Number(value, value < 100 ? 3 : 1) + " ms";
}
