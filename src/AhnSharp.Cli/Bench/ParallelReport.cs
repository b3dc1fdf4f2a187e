using System.Text.Json;
using AhnSharp.Measurement;

namespace AhnSharp.Cli.Bench;

/// <summary>The report of <c>ahn bench --parallel</c>.</summary>
internal static class ParallelReport
{
    internal static ModeReport Of(ParallelTest test, string memory, string model, string device)
    {
        Grid grid = new("texts at once", "tokens/s together", "slowest to fastest run", "tokens/s of each", "over one alone");
        foreach (ParallelLevel level in test.Levels)
        {
            grid.Add(BenchTable.Number(level.Texts, 0), BenchTable.Speed(level.TokensPerSecond),
                $"{BenchTable.Speed(level.Least)} to {BenchTable.Speed(level.Most)}", BenchTable.Speed(level.TokensPerSecondOfEach),
                level.OverOne is { } over ? BenchTable.Number(over, 2) + " ×" : "");
        }
        string line = $"{model} on {device}: texts that are continued at once, {memory}, each "
            + $"{BenchTable.Number(test.Prompt, 0)} tokens long and "
            + $"{BenchTable.Number(test.Generated, 0)} more behind one that is not timed; medians of {test.Runs} runs that take turns.";
        ParallelLevel most = test.Levels[^1];
        return new ModeReport($"{model}: texts at once", [line], [grid], JsonSerializer.Serialize(test, BenchJson.Default.ParallelTest))
        {
            Lead = $"{BenchTable.Number(most.Texts, 0)} texts at once were written at {BenchTable.Speed(most.TokensPerSecond)} tokens/s "
                + $"together, {BenchTable.Speed(most.TokensPerSecondOfEach)} each.",
        };
    }
}
