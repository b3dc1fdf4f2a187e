using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Evaluation;
using AhnSharp.Sessions;
using Spectre.Console;

namespace AhnSharp.Cli.Display;

/// <summary>
/// The demo as a person sees it: what is read, the three readings with their streamed answers, the table, and what it shows.
/// </summary>
internal static class DemoScreen
{
    // Name, distance, an answer and what is right of it.
    private const int RowWidth = 72;

    internal static void Introduce(RecallDialogue dialogue, string title, ulong seed, int readings)
    {
        RecallFact first = dialogue.Facts[dialogue.SentencePositions.IndexOf(dialogue.SentencePositions.Min())];
        Terminal.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"A chat of {dialogue.Chat.Length:N0} tokens: an excerpt of {title} with {dialogue.Facts.Length} sentences hidden in it, "
                + $"such as \"{first.Sentence}\" "
            + $"Each code is asked for at the end: \"{first.Question}\" "
            + $"The chat is read {(readings == 3 ? "three" : "four")} times (seed {seed})."));
    }

    /// <summary>Reads and asks, with a bar while it reads and the answers as they come.</summary>
    internal static async Task<RecallInterviewResult> ShowAsync(
        RecallInterview interview, RecallDialogue dialogue, SessionPlan plan, CancellationToken cancellationToken)
    {
        Terminal.Print();
        Styled(Title(plan), new Style(decoration: Decoration.Bold));
        Terminal.Print();
        await Progress.ShowAsync("reading", async bar =>
        {
            await interview.ReadAsync(new ReadingBar(bar), cancellationToken);
            return true;
        });
        RecallInterviewResult read = interview.Result;
        Terminal.Print(string.Create(
            CultureInfo.InvariantCulture, $"read in {read.ReadSeconds:N1} s ({read.TokensPerSecond:N0} tokens/s): {Kept(read)}, "
                + $"{Megabytes(read.PeakStateBytes)} MB of state"));

        for (int i = 0; i < dialogue.Facts.Length; i++)
        {
            int back = dialogue.Reading.Length - dialogue.SentencePositions[i];
            // On a narrow terminal the answer has a line of its own.
            string gap = Terminal.Width < RowWidth ? "\n    " : "  ";
            Terminal.PrintStart(string.Create(CultureInfo.InvariantCulture, $"  {dialogue.Facts[i].Name,-10}{back,7:N0} tokens ago"));
            Terminal.PrintGap(gap);
            await foreach (string piece in interview.AskNextAsync(cancellationToken)) Terminal.PrintStart(piece.ReplaceLineEndings(" "));
            RecallAnswer answer = interview.Result.Answers[i];
            if (answer.DigitsRight == RecallFact.Digits) Styled("  right", new Style(Color.Green));
            else
            {
                Styled($"  {answer.DigitsRight} of {RecallFact.Digits} ({answer.Fact.Code})", new Style(
                    answer.DigitsRight > 0 ? Color.Yellow : Color.Red));
            }
            Terminal.Print();
        }
        return interview.Result;
    }

    internal static void Conclude(IReadOnlyList<RecallInterviewResult> results, SessionPlan memory, bool isDemoModel)
    {
        Table table = new Table { Border = TableBorder.Simple }.AddColumn("");
        foreach (string column in (string[])["digits right", "codes right", "time", "peak state"])
            table.AddColumn(new TableColumn(column).RightAligned().NoWrap());
        foreach (RecallInterviewResult result in results)
        {
            table.AddRow(
                result.Tally.Archived > 0 ? "+ archive" : MemoryName.Of(result.Mode),
                string.Create(CultureInfo.InvariantCulture,
                    $"{result.DigitsRight} of {result.Digits} ({100.0 * result.DigitsRight / result.Digits:N0} %)"),
                string.Create(CultureInfo.InvariantCulture, $"{result.CodesRight} of {result.Answers.Length}"),
                string.Create(CultureInfo.InvariantCulture, $"{result.ReadSeconds + result.AnswerSeconds:N1} s"),
                Megabytes(result.PeakStateBytes) + " MB");
        }
        table.AddRow("chance", "10 %", "", "", "");
        Terminal.Print();
        Terminal.Print(table);
        Terminal.Out.WriteLine(Sentence(results, memory, isDemoModel));
    }

    /// <summary>What the numbers show, and what they do not.</summary>
    internal static string Sentence(IReadOnlyList<RecallInterviewResult> results, SessionPlan memory, bool isDemoModel)
    {
        RecallInterviewResult full = results.First(result => result.Mode == MemoryMode.Full);
        RecallInterviewResult window = results.First(result => result.Mode == MemoryMode.Window);
        RecallInterviewResult ahn = results.First(result => result.Mode == MemoryMode.Ahn);
        RecallInterviewResult? archive = results.FirstOrDefault(result => result.Tally.Archived > 0);
        string exact = archive is null ? "" : string.Create(CultureInfo.InvariantCulture,
            $" With an archive, which keeps what left in a file of {Megabytes(archive.ArchiveBytes)} MB and finds the passages that a "
                + $"question needs by an index of {Megabytes(archive.PeakStateBytes - ahn.PeakStateBytes)} MB in memory, "
                + $"it was {archive.DigitsRight}.");
        string trained = isDemoModel
            ? "this small memory was trained to recall such codes"
            : "the demo's own memory was trained to recall such codes";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"With {Megabytes(memory.MemoryBytes)} MB of memory beside a window of {memory.Window + memory.Sinks:N0} tokens the model "
                + $"brought back {ahn.DigitsRight} of {ahn.Digits} digits, "
            + $"where the window alone brought back {window.DigitsRight} and full attention {full.DigitsRight}; "
            + $"{trained}, whereas the published memories for Qwen2.5 3B to 14B were not: they help with the gist of a long text, "
            + $"not with exact facts that left the window.{exact}");
    }

    private static string Title(SessionPlan plan) => plan.Mode switch
    {
        MemoryMode.Full => $"{MemoryName.Of(plan.Mode)}: every token is kept exactly; state and time grow with the text",
        MemoryMode.Window => string.Create(
            CultureInfo.InvariantCulture,
            $"{MemoryName.Of(plan.Mode)}: the first {plan.Sinks:N0} and last {plan.Window:N0} tokens are kept, the others are gone"),
        _ when plan.Archive is not null =>
            $"{MemoryName.Of(plan.Mode)} + archive: what leaves is kept too ({MemoryName.OptionOf(plan.Archive.Type)}), and looked through "
                + "for every question",
        _ => $"{MemoryName.Of(plan.Mode)}: the same window, and what leaves it is folded into {Megabytes(plan.MemoryBytes)} MB",
    };

    private static string Kept(RecallInterviewResult result)
    {
        Tally tally = result.Tally;
        string kept = string.Create(CultureInfo.InvariantCulture, $"{tally.Exact:N0} exact");
        if (tally.Archived > 0) kept += string.Create(CultureInfo.InvariantCulture, $", {tally.Archived:N0} archived");
        if (tally.Compressed > 0) kept += string.Create(CultureInfo.InvariantCulture, $", {tally.Compressed:N0} compressed");
        if (tally.Dropped > 0) kept += string.Create(CultureInfo.InvariantCulture, $", {tally.Dropped:N0} dropped");
        return kept;
    }

    private static string Megabytes(long bytes) => (bytes / 1e6).ToString("N1", CultureInfo.InvariantCulture);

    // Standard output, so that it stays in order with the answers between these pieces.
    private static void Styled(string text, Style style) => Terminal.Out.Write(Terminal.Cell(text, style));
}
