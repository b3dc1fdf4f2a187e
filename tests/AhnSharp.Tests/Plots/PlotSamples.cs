using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Plots;

namespace AhnSharp.Tests.Plots;

/// <summary>Charts at the edges of what is asked of them: one cell, one point, thousands, no room, tiny and huge numbers.</summary>
internal static class PlotSamples
{
    public const string Nasty = "a < b & \"c\" > d\u0001 \ud800 語";

    public static IReadOnlyDictionary<string, Panel> All { get; } = new Dictionary<string, Panel>
    {
        ["one cell"] = Map("one cell", 1, 1, (_, _) => 3),
        ["36 x 40 with gaps"] = Map("36 x 40", 36, 40, (r, c) => r == 7 ? float.NaN : MathF.Sin(r / 5f) + MathF.Cos(c / 7f)),
        ["nothing but gaps"] = Map("gaps", 3, 3, (_, _) => float.NaN),
        ["tiny values"] = Map("tiny", 3, 30, (r, c) => 1e-9f * (r + c)),
        ["huge values"] = Map("huge", 3, 30, (r, c) => 1e9f * (r - c)),
        ["logarithmic values"] = Map("log", 8, 6, (r, c) => MathF.Pow(10, r + 0.1f * c)) with { LogValues = true },
        ["long names"] = Map(Long("title "), 5, 12, (r, c) => r + c) with
        {
            XLabel = Long("x "),
            YLabel = Long("y "),
            ValueLabel = Long("value "),
            Rows = Names(Long("row "), 5),
            Columns = Names(Long("column "), 12),
        },
        ["two points"] = Chart("two points", Line("a", 2, 1024, i => 44 + i)),
        ["one point"] = Chart("one point", Line("a", 1, 1024, _ => 44)),
        ["three lines of 1,000 points"] = Chart("three", Band("full", 40), Band("window", 44), Band("ahn", 42)) with
        {
            LogX = true,
            XMarkers = [new(512, "window ends"), new(600, "a second mark"), new(131_000, "last")],
            YMarkers = [new(45, "chance")],
        },
        ["long labels"] = Chart(Long("title "), [.. Enumerable.Range(0, 9).Select(i => Line(Long("name "), 3, 1, x => x * i))]) with
        {
            XLabel = Long("x "),
            YLabel = Long("y "),
            Subtitle = Long("subtitle "),
        },
        ["tiny and huge"] = Chart("big", new ChartSeries("a", [new(0, 1e9), new(1e9, -1e9)]), new ChartSeries(
            "b", [new(0, 1e-9), new(5e8, double.NaN), new(6e8, 1e8)])),
        ["tiny"] = Chart("small", new ChartSeries("a", [new(1e-9, 1e-9), new(3e-9, 2e-9)])),
        ["close numbers"] = Chart(
            "close", new ChartSeries("a", [new(1e9, 1e9 + 1), new(1e9 + 2, 1e9 + 1.5)])) with
        { LogX = true, LogY = true },
        ["no series"] = Chart("none"),
        ["nothing but NaN"] = Chart("nan", Line("a", 5, 1, _ => double.NaN)),
        ["nasty characters"] = Chart(Nasty, Line(Nasty, 2, 1, i => i)) with { XLabel = Nasty, YLabel = Nasty, Subtitle = Nasty },
    };

    public static HeatMap Map(string title, int rows, int columns, Func<int, int, float> value)
    {
        var values = new float[rows, columns];
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++) values[r, c] = value(r, c);
        }
        return new HeatMap
        {
            Title = title,
            XLabel = "query head",
            YLabel = "layer",
            ValueLabel = "norm",
            Rows = Names("layer ", rows),
            Columns = Names("", columns),
            Values = values,
        };
    }

    public static LineChart Chart(string title, params ChartSeries[] series) =>
        new() { Title = title, XLabel = "position (tokens)", YLabel = "perplexity", Series = [.. series] };

    public static ChartSeries Line(string name, int count, double step, Func<double, double> y) =>
        new(name, [.. Enumerable.Range(1, count).Select(i => new ChartPoint(i * step, y(i)))]);

    private static ChartSeries Band(string name, double height) => new(name, [.. Enumerable.Range(1, 1000).Select(i =>
    {
        double y = height + Math.Log(i) + Math.Sin(i * 12.9898) / 4;
        return i is > 300 and < 320 ? new ChartPoint(i * 131, double.NaN) : new ChartPoint(i * 131, y, y - 1, y + 1);
    })]);

    private static string[] Names(string prefix, int count) => [.. Enumerable.Range(0, count).Select(i => prefix + i)];

    private static string Long(string word) => string.Concat(Enumerable.Repeat(word, 80));
}
