using System;
using System.Collections.Generic;
using System.Linq;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace AhnSharp.Cli.Display;

/// <summary>A table for a terminal that is too narrow for its columns: row by row, a line for each value with its heading.</summary>
internal static class NarrowTable
{
    // Far beyond every terminal: cells are measured unwrapped.
    private const int Unwrapped = 1 << 16;

    /// <summary>The lines; null where the table fits <paramref name="width"/>.</summary>
    internal static IEnumerable<string>? Of(Table table, int width)
    {
        (string[] headings, string[][] rows) = WordsOf(table);
        return rows.Length == 0 || NaturalWidth(table, headings, rows) <= width ? null : Lines(headings, rows);
    }

    /// <summary>Columns that it takes with no cell broken.</summary>
    internal static int NaturalWidth(Table table)
    {
        (string[] headings, string[][] rows) = WordsOf(table);
        return NaturalWidth(table, headings, rows);
    }

    private static (string[] Headings, string[][] Rows) WordsOf(Table table) =>
        ([.. table.Columns.Select(column => Words(column.Header))], [.. table.Rows.Select(row => row.Select(Words).ToArray())]);

    private static int NaturalWidth(Table table, string[] headings, string[][] rows)
    {
        int natural = headings.Length + 1;
        for (int i = 0; i < headings.Length; i++)
        {
            int widest = rows.Aggregate(headings[i].Length, (most, row) => i < row.Length ? Math.Max(most, row[i].Length) : most);
            natural += widest + (table.Columns[i].Padding?.Left ?? 1) + (table.Columns[i].Padding?.Right ?? 1);
        }
        return natural;
    }

    private static IEnumerable<string> Lines(string[] headings, string[][] rows)
    {
        foreach (string[] row in rows)
        {
            for (int i = 0; i < row.Length; i++)
            {
                if (row[i].Length > 0 || i == 0)
                    yield return $"{(i == 0 ? "" : "  ")}{headings[i]}{(headings[i].Length > 0 ? " " : "")}{row[i]}";
            }
        }
    }

    private static string Words(IRenderable cell) =>
        string.Concat(cell.Render(RenderOptions.Create(Terminal.Out), Unwrapped).Where(segment => !segment.IsControlCode).Select(
            segment => segment.Text.Trim('\n'))).Trim();
}
