using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using AhnSharp.Cli.Commands;
using AhnSharp.Cli.Display;
using AhnSharp.Plots;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;

namespace AhnSharp.Cli.Reports;

/// <summary>The pages of <c>ahn inspect --report</c>: a model's file, or a saved session.</summary>
internal static class InspectPage
{
    private const double Megabyte = 1e6;
    private const int Longest = 1 << 20, Steps = 60;

    /// <summary>What a GGUF file is, and what a session of it takes by the length of the text.</summary>
    internal static HtmlReport Of(InspectReport report)
    {
        string name = Path.GetFileName(report.Path);
        HtmlReport page = new($"What {name} is", Lead(name, report));
        if (report.Config is { } config)
        {
            page.Section("What a session takes");
            page.Draw([Sizes(report, config)]);
            page.Paragraph("Keys and values of tokens that are kept exactly, and the memory where there is one; the weights and 4 bytes "
                + "per token for the list of what was read come on top. An archive, where one is asked for, is counted in none of these "
                + "lines: it lies in a file that grows with the text, and so does its index, in memory.");
            SessionPlan[] plans = [.. report.Modes.Select(mode => Plan(report, config, mode.Mode))];
            MemoryWords.Add(page, plans, Longest);
        }
        page.Facts(InspectText.Of(report));
        return page;
    }

    /// <summary>What a saved session has read, where its tokens are, and the state of its memory.</summary>
    internal static HtmlReport Of(SnapshotFile file, SessionDescription session, FactSheet facts)
    {
        Tally tally = session.Tally;
        string name = Path.GetFileName(file.Path);
        HtmlReport page = new($"What {name} holds", string.Create(CultureInfo.InvariantCulture,
            $"{file.Model.Description} has read {tally.Seen:N0} tokens. ") + string.Join(", ", Parts(tally)) + ".");
        page.Section("Where the tokens are");
        page.Table(["", "tokens", "of all"],
        [
            Row("kept exactly: in memory, seen by every question", tally.Exact, tally.Seen),
            Row("archived: exact up to rounding, in a file, looked up by a question", tally.Archived, tally.Seen),
            Row("compressed: in the memory, as gist", tally.Compressed, tally.Seen),
            Row("dropped: nothing is kept of them", tally.Dropped, tally.Seen),
        ]);
        if (tally.Archived > 0 && tally.Compressed > 0)
            page.Paragraph("What was archived has been folded into the memory too, so these two rows are about the same tokens.");
        page.Paragraph(tally.Archived > 0
            ? "A name or a number that comes back from far behind the window comes from the archive. The memory keeps the gist of the text."
            : tally.Compressed > 0
                ? "There is no archive: what left the window is in the memory as gist, and its exact words, names and numbers are gone."
                : tally.Dropped > 0 ? "There is neither a memory nor an archive: what left the window is gone."
                    : "Everything that was read is still kept exactly.");
        if (session.Rule is not null)
        {
            page.Section("The memory, layer by layer");
            page.Paragraph("Each cell is one head of one layer. The norm says how much its state holds; how strongly a token is written "
                + "and how long that lasts are means over the tokens in the window, which will be folded next.");
            page.Draw(MemoryFigure.Of(name, file.Model.Description, session).Panels);
        }
        page.Facts(facts);
        return page;
    }

    private static string Lead(string name, InspectReport report)
    {
        string what = report.Form switch
        {
            "base" => "a model without a memory",
            "merged" => "a model with its memory",
            "adapter" => "a memory alone, to go beside its model",
            "vocabulary" => "a vocabulary without weights",
            _ => "a file that this engine does not run",
        };
        string size = $"{name} is {what}: {ByteProgress.Size(report.Bytes)}"
            + (report.BaseParameters > 0 ? $", {ByteProgress.Count(report.BaseParameters)} parameters" : "") + ".";
        if (report.Modes.FirstOrDefault(mode => mode.Mode == MemoryMode.Full) is not { } full) return size;
        InspectReport.ModeBytes bounded = report.Modes[^1];
        return string.Create(CultureInfo.InvariantCulture, $"{size} A session takes {ByteProgress.Size(full.Exact)} with full attention at "
            + $"{full.Tokens:N0} tokens, and {ByteProgress.Size(bounded.Exact + bounded.Memory)} with {MemoryName.Of(bounded.Mode)}"
            + $"{(bounded.Tokens < full.Tokens ? ", whatever the length" : $" at {bounded.Tokens:N0} tokens")}.");
    }

    private static LineChart Sizes(InspectReport report, Network.ModelConfig config) => new()
    {
        Title = "Memory of a session by length of the text",
        Subtitle = string.Create(CultureInfo.InvariantCulture,
            $"window {report.Window:N0}, sinks {report.Sinks:N0}, keys and values {MemoryName.OptionOf(report.Session.Kv)}"),
        XLabel = "tokens read (logarithmic)",
        YLabel = "MB (logarithmic)",
        LogX = true,
        LogY = true,
        Series = [.. report.Modes.Select(mode => Line(Plan(report, config, mode.Mode)))],
        XMarkers = [.. PerplexityPlot.WindowEnds(report.Modes.Select(mode => Plan(report, config, mode.Mode)))],
    };

    private static ChartSeries Line(SessionPlan plan)
    {
        long last = Math.Min(Longest, plan.Mode == MemoryMode.Full ? plan.MaxExactTokens : Longest);
        IEnumerable<long> lengths = Enumerable.Range(0, Steps + 1).Select(i => (long)Math.Pow(2, 7 + i * 13.0 / Steps))
            .Where(tokens => tokens < last).Append(last);
        return new ChartSeries(MemoryName.Of(plan.Mode),
            [.. lengths.Select(tokens => new ChartPoint(tokens, plan.Bytes(tokens) / Megabyte))], PerplexityPlot.StyleOf(plan));
    }

    private static SessionPlan Plan(InspectReport report, Network.ModelConfig config, MemoryMode mode) =>
        new(config, report.Session with { Mode = mode }, report.ChunkTokens);

    private static IEnumerable<string> Parts(Tally tally)
    {
        yield return string.Create(CultureInfo.InvariantCulture, $"{tally.Exact:N0} of them are kept exactly");
        if (tally.Archived > 0) yield return string.Create(CultureInfo.InvariantCulture, $"{tally.Archived:N0} are kept in an archive");
        if (tally.Compressed > 0)
            yield return string.Create(CultureInfo.InvariantCulture, $"{tally.Compressed:N0} are folded into a memory of fixed size");
        if (tally.Dropped > 0) yield return string.Create(CultureInfo.InvariantCulture, $"{tally.Dropped:N0} are dropped");
    }

    private static string[] Row(string what, long tokens, long all) =>
    [
        what, MemoryWords.Number(tokens), all == 0 ? "–" : string.Create(CultureInfo.InvariantCulture, $"{100.0 * tokens / all:0.0} %"),
    ];
}
