using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using AhnSharp.Cli.Display;
using AhnSharp.Evaluation;
using AhnSharp.Plots;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Reports;

/// <summary>The page of <c>ahn recall --report</c>: codes brought back, in every memory that was measured.</summary>
internal static class RecallPage
{
    /// <param name="model">Its file's name.</param>
    /// <param name="totals">By memory, of the same chats.</param>
    /// <param name="panels">What --plot draws; empty: chats that do not say where their sentences stand.</param>
    internal static HtmlReport Of(
        string model, IReadOnlyList<(SessionPlan Plan, RecallTotals Totals, double Seconds)> totals, IReadOnlyList<Panel> panels)
    {
        RecallTotal first = totals[0].Totals.All;
        IEnumerable<string> shares = totals.Select(reading => string.Create(
            CultureInfo.InvariantCulture, $"{100 * reading.Totals.All.Share:N0} % with {MemoryName.Of(reading.Plan.Mode)}"));
        HtmlReport page = new(
            $"What {model} brings back",
            string.Create(CultureInfo.InvariantCulture, $"Of {first.Digits:N0} digits of codes that were hidden in {first.Chats:N0} "
                + $"{(first.Chats == 1 ? "text" : "texts")}, {model} gave back {string.Join(", ", shares)}. Guessing gives 10 %."));
        page.Draw(panels);
        page.Section("The numbers");
        page.Table(
            ["memory", "tokens of a text", "texts", "digits", "right", "share", "time"],
            totals.SelectMany(reading => Rows(reading.Plan, reading.Totals, reading.Seconds)));
        page.Section("What it means");
        page.Paragraph("Sentences with made-up codes stand in the text, and at its end the model is asked for each. A digit is right where "
            + "the model holds it for the most likely; then the right one is put in its place, so that one slip does not spoil the rest.");
        page.Paragraph("This counts exact facts far back in a text: the hardest thing for a memory of fixed size, and what full attention "
            + "and an archive are good at. It says nothing about summaries or about the sense of a text.");
        MemoryWords.Add(page, [.. totals.Select(reading => reading.Plan)], totals[0].Totals.ByLength.Keys.Max());
        return page;
    }

    private static IEnumerable<IEnumerable<string>> Rows(SessionPlan plan, RecallTotals totals, double seconds)
    {
        foreach ((int length, RecallTotal total) in totals.ByLength)
            yield return Row(MemoryName.Of(plan), MemoryWords.Number(length), total, totals.ByLength.Count == 1 ? seconds : null);
        if (totals.ByLength.Count > 1) yield return Row(MemoryName.Of(plan), "all", totals.All, seconds);
    }

    private static string[] Row(string memory, string length, RecallTotal total, double? seconds) =>
    [
        memory, length, MemoryWords.Number(total.Chats), MemoryWords.Number(total.Digits), MemoryWords.Number(total.Hits),
        string.Create(CultureInfo.InvariantCulture, $"{100 * total.Share:N1} %"),
        seconds is { } all ? string.Create(CultureInfo.InvariantCulture, $"{all:N1} s") : "",
    ];
}
