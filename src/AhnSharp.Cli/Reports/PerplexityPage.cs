using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using AhnSharp.Cli.Display;
using AhnSharp.Evaluation;
using AhnSharp.Plots;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Reports;

/// <summary>The page of <c>ahn perplexity --report</c>: one text, in every memory that was measured.</summary>
internal static class PerplexityPage
{
    /// <param name="model">Its file's name.</param>
    /// <param name="text">Its file's name.</param>
    /// <param name="readings">At least one, of the same tokens.</param>
    /// <param name="panels">What --plot draws.</param>
    /// <param name="every">Rows of the table by position; null: no such table.</param>
    internal static HtmlReport Of(
        string model, string text, IReadOnlyList<PerplexityReading> readings, IReadOnlyList<Panel> panels, int? every)
    {
        HtmlReport page = new($"What {model} makes of {text}", Lead(model, text, readings));
        page.Draw(panels);
        page.Section("The numbers");
        PerplexityReading? full = Full(readings);
        page.Table(
            ["memory", "perplexity", "above full attention", "nats per token", "kept exactly", "archived", "compressed", "dropped", "time"],
            readings.Select(reading => Row(reading, full)));
        if (every is { } step) AddPositions(page, readings, step);
        page.Section("What it means");
        page.Paragraph("Perplexity says how unsure the model was of each next token: as unsure as among so many equally likely ones, on "
            + "average. 1 would be certainty, and lower is better. It measures how well a text is foreseen, not whether answers about it "
            + "are right.");
        MemoryWords.Add(page, [.. readings.Select(reading => reading.Plan)], readings[0].Result.Tokens);
        return page;
    }

    private static string Lead(string model, string text, IReadOnlyList<PerplexityReading> readings)
    {
        if (Full(readings) is not { } full || readings.Count == 1)
        {
            PerplexityReading only = readings[0];
            return string.Create(CultureInfo.InvariantCulture, $"Over {only.Result.Tokens:N0} tokens of {text}, {model} with "
                + $"{MemoryName.Of(only.Plan.Mode)} was as unsure of each next token as among {only.Result.Perplexity:N1} equally likely "
                + $"ones.");
        }
        IEnumerable<string> others = readings.Where(reading => reading != full).Select(reading =>
            $"{Change(reading, full)} with {(reading.Plan.Mode == MemoryMode.Window ? "a " : "")}{MemoryName.Of(reading.Plan.Mode)}");
        return string.Create(CultureInfo.InvariantCulture, $"Over {full.Result.Tokens:N0} tokens of {text}, the perplexity of {model} is "
            + $"{full.Result.Perplexity:N1} with full attention; it is {string.Join(" and ", others)}.");
    }

    private static string Change(PerplexityReading reading, PerplexityReading full)
    {
        double percent = Above(reading, full);
        return string.Create(CultureInfo.InvariantCulture, $"{Math.Abs(percent):0.0} % {(percent < 0 ? "lower" : "higher")}");
    }

    private static double Above(PerplexityReading reading, PerplexityReading full) =>
        100 * (Math.Exp(reading.Result.MeanNll - full.Result.MeanNll) - 1);

    private static PerplexityReading? Full(IReadOnlyList<PerplexityReading> readings) =>
        readings.FirstOrDefault(reading => reading.Plan.Mode == MemoryMode.Full);

    private static IEnumerable<string> Row(PerplexityReading reading, PerplexityReading? full)
    {
        PerplexityResult result = reading.Result;
        return
        [
            MemoryName.Of(reading.Plan), result.Perplexity.ToString("N3", CultureInfo.InvariantCulture),
            full is null || full == reading ? "–" : Above(reading, full).ToString("+0.00 '%';−0.00 '%'", CultureInfo.InvariantCulture),
            result.MeanNll.ToString("N4", CultureInfo.InvariantCulture), MemoryWords.Number(result.Tally.Exact),
            reading.Plan.Archive is null ? "none" : MemoryWords.Number(result.Tally.Archived), MemoryWords.Number(result.Tally.Compressed),
            MemoryWords.Number(result.Tally.Dropped), string.Create(CultureInfo.InvariantCulture, $"{result.Seconds:N1} s"),
        ];
    }

    private static void AddPositions(HtmlReport page, IReadOnlyList<PerplexityReading> readings, int every)
    {
        IReadOnlyList<double>[] runs = [.. readings.Select(reading => reading.Result.ByPosition(every))];
        int tokens = readings[0].Result.Tokens;
        page.Section("Perplexity by position");
        page.Table(["position", .. readings.Select(reading => MemoryName.Of(reading.Plan.Mode))],
            Enumerable.Range(0, runs[0].Count).Select(i => (IEnumerable<string>)
            [
                PerplexityReport.Positions(i * every, Math.Min(every, tokens - i * every)),
                .. runs.Select(run => run[i].ToString("N2", CultureInfo.InvariantCulture)),
            ]));
    }
}
