using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;
using AhnSharp.Evaluation;
using AhnSharp.Sessions;
using Spectre.Console;

namespace AhnSharp.Cli.Display;

/// <summary>The totals of a recall run, as a table for people or members of a JSON object.</summary>
internal static class RecallTable
{
    internal static string Note(RecallTotals totals) => string.Create(
        CultureInfo.InvariantCulture,
        $"{totals.All.Chats:N0} chats · {totals.All.Hits:N0} of {totals.All.Digits:N0} digits ({100 * totals.All.Share:N1} %)");

    internal static void Show(RecallTotals totals, SessionPlan plan, double seconds)
    {
        Table table = new Table { Border = TableBorder.Simple }
            .AddColumn(new TableColumn("tokens").RightAligned())
            .AddColumn(new TableColumn("chats").RightAligned())
            .AddColumn(new TableColumn("digits").RightAligned())
            .AddColumn(new TableColumn("right").RightAligned())
            .AddColumn(new TableColumn("%").RightAligned());
        foreach ((int length, RecallTotal total) in totals.ByLength)
            AddRow(table, length.ToString("N0", CultureInfo.InvariantCulture), total);
        if (totals.ByLength.Count > 1) AddRow(table, "all", totals.All);
        Terminal.Print(table);
        Terminal.Print(string.Create(CultureInfo.InvariantCulture, $"{MemoryName.Of(plan)} · {seconds:N1} s · chance is 10 % of digits"));
    }

    internal static void Write(Utf8JsonWriter json, RecallTotals totals, SessionPlan plan, double seconds)
    {
        json.WriteStartObject("by_length");
        foreach ((int length, RecallTotal total) in totals.ByLength)
        {
            json.WriteStartObject(length.ToString(CultureInfo.InvariantCulture));
            json.WriteNumber("digits", total.Digits);
            json.WriteNumber("hits", total.Hits);
            json.WriteNumber("chats", total.Chats);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        MemoryName.Write(json, plan);
        json.WriteNumber("seconds", seconds);
    }

    /// <summary>Several memories over the same chats, by memory.</summary>
    internal static void Write(Utf8JsonWriter json, IEnumerable<(SessionPlan Plan, RecallTotals Totals, double Seconds)> readings)
    {
        json.WriteStartObject("by_memory");
        foreach ((SessionPlan plan, RecallTotals totals, double seconds) in readings)
        {
            json.WriteStartObject(MemoryName.OptionOf(plan.Mode));
            Write(json, totals, plan, seconds);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void AddRow(Table table, string length, RecallTotal total) => table.AddRow(
        length, total.Chats.ToString(CultureInfo.InvariantCulture), total.Digits.ToString(CultureInfo.InvariantCulture),
        total.Hits.ToString(CultureInfo.InvariantCulture),
        (100 * total.Share).ToString("N1", CultureInfo.InvariantCulture));
}
