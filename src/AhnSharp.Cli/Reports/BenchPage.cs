using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using AhnSharp.Cli.Bench;
using AhnSharp.Measurement;
using AhnSharp.Plots;

namespace AhnSharp.Cli.Reports;

/// <summary>The page of <c>ahn bench --report</c>: what was timed, beside what the machine can do at most.</summary>
internal static class BenchPage
{
    /// <summary>Prompts and generated tokens.</summary>
    internal static HtmlReport Of(BenchReport report)
    {
        BenchRecord[] records = [.. report.Records];
        string[] models = [.. records.Select(record => Path.GetFileName(record.ModelFilename)).Distinct()];
        HtmlReport page = new($"How fast {string.Join(" and ", models)} {(models.Length == 1 ? "is" : "are")} here", Lead(records));
        page.Draw(ByDepth(records));
        page.Section("The numbers");
        foreach (Roofs roofs in report.Roofs)
        {
            foreach (string line in BenchTable.RoofLines(roofs)) page.Paragraph(line);
        }
        foreach ((BenchRecord last, IReadOnlyList<Grid> grids) in report.Tables)
        {
            foreach (string line in BenchTable.ModelLines(last)) page.Paragraph(line.Trim());
            foreach (Grid grid in grids) page.Table(grid.Headings, grid.Rows);
        }
        page.Section("What it means");
        page.Paragraph("pp is a prompt that is read at once, tg are tokens that are written one by one, ask is a question to an archive; "
            + "the number behind it says how many tokens, and @ d how many the session had read before. Each was run once to warm up and "
            + "then as often as the command says; the table shows the median, the slowest and the fastest run.");
        page.Paragraph("A token that is written needs every weight once, so no program writes faster than the machine can read them: \"of "
            + "read limit\" is how near it came. A prompt is bound by how fast the processor multiplies: \"of peak\". The limits were "
            + "measured on this machine, those of reading again beside each test.");
        if (records.Any(record => record.Versus is not null))
        {
            page.Paragraph("The other program ran in turn with ours, one pair a run: the ratio is ours over theirs, so above 1 this "
                + "program was the faster. What else the machine did slowed both.");
        }
        page.Paragraph("Speed says nothing about how good the answers are.");
        return page;
    }

    /// <summary>Another measurement.</summary>
    internal static HtmlReport Of(BenchMode mode, ModeReport report)
    {
        HtmlReport page = new(report.Title, report.Lead ?? report.Lines[0]);
        page.Draw(report.Panels);
        page.Section("The numbers");
        foreach (string line in report.Lines.Skip(report.Lead is null ? 1 : 0)) page.Paragraph(line);
        foreach (Grid grid in report.Grids) page.Table(grid.Headings, grid.Rows);
        page.Section("What it means");
        page.Paragraph(MeaningOf(mode));
        return page;
    }

    private static string MeaningOf(BenchMode mode) => mode switch
    {
        BenchMode.Flat => "Two sessions of one program were stepped in turn, one behind a short text and one behind a long one. Full "
            + "attention would take longer for each token of the long one; with a window a token costs the same, so a ratio of 1 is what "
            + "is promised. With an archive the index of everything that was read is looked through for each token, which grows with the "
            + "text: the ratio says by how much.",
        BenchMode.MemoryCost => "The same steps with the memory and with the window alone, in turn: the share is the part of a step that "
            + "the memory takes. The floor is what the bytes that it must read and write take at the speed of this machine.",
        BenchMode.ArchiveCost => "The same prompts were read in turn by sessions with and without an archive, which writes keys and values "
            + "of what leaves the window to a file and makes an index of them. 1 means that it costs nothing; --read window leaves the "
            + "memory's read-out away while a text is read, and so makes up for some of it.",
        BenchMode.LongRun => "One session read a text of this length, and wrote a few tokens at each of many places. Time per token and "
            + "the state stay level where the window is full; the list of what was read grows by 4 bytes a token.",
        BenchMode.Claims => "Counted numbers follow from the shapes of the model, measured ones from runs at the end of the text; the "
            + "paper's numbers are for its own models and lengths.",
        BenchMode.Parallel => "Several texts share each reading of the weights, so together they are written faster than one alone, and "
            + "each by itself slower.",
        _ => "A server was asked from outside by several clients at once. What a person notices is the time to the first text, and between "
            + "texts; the last column is what the server does in all.",
    };

    private static string Lead(BenchRecord[] records)
    {
        List<string> parts = [];
        if (records.FirstOrDefault(record => record is { NPrompt: > 0 }) is { } read)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture,
                $"reads {read.NPrompt:N0} tokens at {BenchTable.Speed(read.MedianTs)} tokens/s{Behind(read)}"));
        }
        if (records.FirstOrDefault(record => record.NGen > 0) is { } written)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture,
                $"writes at {BenchTable.Speed(written.MedianTs)} tokens/s{Behind(written)}"));
        }
        return $"{Path.GetFileName(records[0].ModelFilename)} {string.Join(" and ", parts)}, on {records[0].CpuInfo}.";
    }

    private static string Behind(BenchRecord record) =>
        record.NDepth == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" behind {record.NDepth:N0} others");

    // Speed by what was read before, where a test was run at several depths.
    private static IEnumerable<LineChart> ByDepth(BenchRecord[] records)
    {
        foreach (IGrouping<bool, BenchRecord> kind in records.GroupBy(record => record.NGen > 0))
        {
            ChartSeries[] series =
            [
                .. from record in kind
                   group record by (Path.GetFileName(record.ModelFilename), record.NThreads, record.Test.Split(' ')[0]) into same
                   where same.Select(record => record.NDepth).Distinct().Count() > 1
                   select new ChartSeries(
                       string.Create(CultureInfo.InvariantCulture, $"{same.Key.Item1}, {same.Key.Item3}, {same.Key.NThreads} threads"),
                       [.. same.OrderBy(record => record.NDepth).Select(record => new ChartPoint(record.NDepth, record.MedianTs))]),
            ];
            if (series.Length == 0) continue;
            yield return new LineChart
            {
                Title = kind.Key ? "Writing" : "Reading",
                XLabel = "tokens read before",
                YLabel = "tokens/s",
                YMinimum = 0,
                Series = [.. series],
            };
        }
    }
}
