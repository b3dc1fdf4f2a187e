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
        string[] headings = [.. table.Columns.Select(column => Words(column.Header))];
        string[][] rows = [.. table.Rows.Select(row => row.Select(Words).ToArray())];
        if (rows.Length == 0) return null;
        int columns = headings.Length, natural = columns + 1;
        for (int i = 0; i < columns; i++)
        {
            int widest = Math.Max(headings[i].Length, rows.Max(row => i < row.Length ? row[i].Length : 0));
            natural += widest + (table.Columns[i].Padding?.Left ?? 1) + (table.Columns[i].Padding?.Right ?? 1);
        }
        return natural <= width ? null : Lines(headings, rows);
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
