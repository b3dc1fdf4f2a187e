using System.Linq;
using System.Text.Json;
using AhnSharp.Cli.Display;
using AhnSharp.Measurement;
using AhnSharp.Plots;

namespace AhnSharp.Cli.Bench;

/// <summary>The report of <c>ahn bench --run</c>.</summary>
internal static class LongRunReport
{
    private const int MaxRows = 12;

    internal static ModeReport Of(LongRun run, string memory, string model)
    {
        Grid grid = new("tokens", "read, µs/token", "generated, µs/token", "resident", "state", "history", "allocated, bytes/token");
        for (int i = 0; i < run.Points.Count; i++)
        {
            // Evenly over the run, the last point always.
            if (run.Points.Count > MaxRows && (i + 1) * MaxRows / run.Points.Count == i * MaxRows / run.Points.Count) continue;
            LongRunPoint p = run.Points[i];
            grid.Add(
                BenchTable.Number(p.Tokens, 0), BenchTable.Number(p.ReadMicroseconds, 1), BenchTable.Number(p.GenerateMicroseconds, 1),
                ByteProgress.Size(p.ResidentBytes),
                ByteProgress.Size(p.StateBytes), ByteProgress.Size(p.HistoryBytes), BenchTable.Number(p.AllocatedBytesPerToken, 0));
        }
        LongRunPoint last = run.Points[^1];
        string[] lines =
        [
            $"{model}: one session over {BenchTable.Number(last.Tokens, 0)} tokens, {memory}; "
                + $"{BenchTable.Number(run.Generated, 0)} of them generated, the others read.",
            $"last tenth over first tenth behind the window: reading {BenchTable.Number(run.ReadRatio, 3)}, "
                + $"generating {BenchTable.Number(run.GenerateRatio, 3)} (medians); most bytes allocated for a generated token "
                + $"{BenchTable.Number(run.Points.Max(point => point.AllocatedBytesPerToken), 0)}.",
        ];
        return new ModeReport($"{model}: {BenchTable.Number(last.Tokens, 0)} tokens", lines, [grid], JsonSerializer.Serialize(
            run, BenchJson.Default.LongRun))
        {
            Panels = PanelsOf(run),
        };
    }

    internal static string Draw(LongRun run, string memory, string model) => new Figure
    {
        Title = $"{model} over {BenchTable.Number(run.Points[^1].Tokens, 0)} tokens",
        Subtitle = memory,
        Panels = [.. PanelsOf(run)],
    }.ToSvg();

    private static Panel[] PanelsOf(LongRun run)
    {
        ChartMarker[] full = run.WindowFullAt > 0 && run.WindowFullAt < run.Points[^1].Tokens
            ? [new ChartMarker(run.WindowFullAt, "the window is full")]
            : [];
        LineChart time = new()
        {
            Title = "Time per token",
            XLabel = "tokens seen",
            YLabel = "microseconds per token",
            YMinimum = 0,
            Series =
            [
                new ChartSeries("read, in pieces", [.. run.Points.Select(point => new ChartPoint(point.Tokens, point.ReadMicroseconds))]),
                new ChartSeries(
                    "generated, one by one", [.. run.Points.Select(point => new ChartPoint(point.Tokens, point.GenerateMicroseconds))]),
            ],
            XMarkers = [.. full],
        };
        LineChart memoryChart = new()
        {
            Title = "Memory",
            Subtitle = "the token history, 4 bytes per token, is the one thing that grows",
            XLabel = "tokens seen",
            YLabel = "megabytes",
            YMinimum = 0,
            Series =
            [
                new ChartSeries("resident, the whole process", [.. run.Points.Select(
                    point => new ChartPoint(point.Tokens, point.ResidentBytes / 1e6))]),
                new ChartSeries(
                    "state: window and memory", [.. run.Points.Select(point => new ChartPoint(point.Tokens, point.StateBytes / 1e6))]),
                new ChartSeries("token history", [.. run.Points.Select(point => new ChartPoint(point.Tokens, point.HistoryBytes / 1e6))]),
            ],
            XMarkers = [.. full],
        };
        return [time, memoryChart];
    }
}
