using System.Text.Json;
using AhnSharp.Measurement;

namespace AhnSharp.Cli.Bench;

/// <summary>The report of <c>ahn bench --server</c>.</summary>
internal static class ServerLoadReport
{
    internal static ModeReport Of(ServerLoad load)
    {
        Grid grid = new(
            "clients", "answers", "refused", "first text, median", "99 %", "between texts, median", "99 %", "longest", "tokens/s together");
        foreach (ServerLoadLevel level in load.Levels)
        {
            grid.Add(BenchTable.Number(level.Clients, 0), BenchTable.Number(level.Answers, 0), BenchTable.Number(level.Failures, 0),
                Milliseconds(level.FirstMedianMs), Milliseconds(level.First99Ms), Milliseconds(level.BetweenMedianMs),
                Milliseconds(level.Between99Ms), Milliseconds(level.BetweenMostMs), BenchTable.Speed(level.TokensPerSecond));
        }
        string line = $"{load.Model}: clients that each ask {load.Requests} times, one request after the other, prompts of "
            + $"{BenchTable.Number(load.Words, 0)} words that begin like no other, answers of {BenchTable.Number(load.Tokens, 0)} tokens.";
        return new ModeReport(
            $"{load.Model}: clients of a server", [line], [grid], JsonSerializer.Serialize(load, BenchJson.Default.ServerLoad));
    }

    private static string Milliseconds(double value) => BenchTable.Number(value, value < 10 ? 1 : 0) + " ms";
}
