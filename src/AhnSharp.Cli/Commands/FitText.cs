using System.Globalization;
using AhnSharp.Cli.Display;
using AhnSharp.Planning;
using AhnSharp.Sessions;
using Spectre.Console;

namespace AhnSharp.Cli.Commands;

/// <summary>The report of <c>ahn fit</c> for people.</summary>
internal static class FitText
{
    public static void Print(FitReport report, bool assumed)
    {
        ModelPlan plan = report.Plan;
        FactSheet sheet = new();
        sheet.Section("Model");
        sheet.Fact("weights", $"{Size(plan.WeightBytes)} ({plan.Name}, {ByteProgress.Count(plan.ParameterCount)} parameters)");
        sheet.Fact("scratch", $"{Size(plan.ScratchBytes)}, at most, for {plan.ChunkTokens} tokens at a time");
        sheet.Fact("program", $"{Size(plan.OtherBytes)} with the tokenizer (an estimate)");
        sheet.Section(assumed ? "Memory, as given" : "Memory of this machine");
        string total = assumed ? "" : $" of {Size(report.Memory.TotalBytes)}";
        string limit = report.Memory.LimitBytes is null ? "" : " that this container may take";
        sheet.Fact("free", $"{Size(report.Memory.AvailableBytes)}{total}{limit}");
        sheet.Fact("usable", $"{Size(report.UsableBytes)}: a tenth is left for other programs");
        sheet.Print();
        PrintTable(report);
        PrintArchive(report);
        Terminal.Print(Verdict(report));
    }

    private static void PrintTable(FitReport report)
    {
        Table table = new Table { Border = TableBorder.Simple };
        foreach (string right in new[] { "window", "exact", "keys+values", "memory", "in all" })
            table.AddColumn(new TableColumn(right).RightAligned().NoWrap());
        table.AddColumn(new TableColumn("fits").NoWrap());
        foreach (FitReport.Row row in report.Rows)
        {
            SessionPlan session = row.Session;
            string window = session.Mode == MemoryMode.Full ? "everything" : Number(session.Window);
            string mark = row.IsChosen && report.Choice.Fits ? ", chosen" : row.IsFiles ? ", the file's" : "";
            table.AddRow(
                window, Number(session.MaxExactTokens), Size(session.MaxExactBytes), session.HasMemory ? Size(session.MemoryBytes) : "none",
                Size(row.TotalBytes), (row.Fits ? "yes" : "no") + mark);
        }
        Terminal.Print(table);
    }

    private static void PrintArchive(FitReport report)
    {
        if (report.Archives.Count == 0) return;
        Terminal.Print($"With --archive ({Number(report.ArchiveHeads)} heads), what left the window can be read as it was:");
        Table table = new Table { Border = TableBorder.Simple };
        foreach (string right in new[] { "text, tokens", "archive", "index, in memory", "full attention" })
            table.AddColumn(new TableColumn(right).RightAligned().NoWrap());
        foreach (FitReport.ArchiveRow row in report.Archives)
            table.AddRow(Number(row.Tokens), Size(row.ArchiveBytes), Size(row.IndexBytes), Size(row.FullBytes));
        Terminal.Print(table);
    }

    /// <summary>What to choose, or why nothing fits, in a sentence.</summary>
    internal static string Verdict(FitReport report)
    {
        WindowChoice choice = report.Choice;
        if (choice.Fits)
        {
            string keeps = choice.Options.Mode == MemoryMode.Full ? $"a context of {Number(choice.Options.ContextTokens!.Value)}"
                : $"a window of {Number(choice.Options.Window!.Value)}";
            return $"Choose {keeps} ({FitNote.OptionsOf(choice.Options)}), {Size(choice.Bytes)} in all: {choice.Reason}.";
        }
        string smaller = report.SmallerType is { } type
            ? $"a {type.Type} file of this model would take about {Size(type.Bytes)} and fit"
            : "no smaller type of this model would fit either: choose a smaller model";
        return $"Does not fit: {Size(choice.Bytes)} are needed with the smallest window, {Size(report.UsableBytes)} may be "
            + $"used; {smaller}.";
    }

    private static string Size(long bytes) => ByteProgress.Size(bytes);

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
