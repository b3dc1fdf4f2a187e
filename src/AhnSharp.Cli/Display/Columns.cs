using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Cli.Display;

/// <summary>
/// Rows in aligned columns, one line each whatever the width of the terminal: to be read, searched and cut by other programs.
/// </summary>
internal sealed class Columns
{
    private readonly List<string[]> _rows = [];
    private readonly bool[] _alignRight;

    /// <param name="headings">A heading a column; one that begins with '>' aligns its column to the right.</param>
    internal Columns(params string[] headings)
    {
        _alignRight = [.. headings.Select(heading => heading.StartsWith('>'))];
        Add([.. headings.Select(heading => heading.TrimStart('>'))]);
    }

    // Aligned as they are printed: what is no text to look at stands there by its number.
    internal void Add(params string[] cells) => _rows.Add([.. cells.Select(TerminalText.Line)]);

    internal void Print()
    {
        int[] widths = [.. Enumerable.Range(0, _alignRight.Length).Select(i => _rows.Max(row => row[i].Length))];
        foreach (string[] row in _rows)
        {
            Terminal.PrintWhole(
                string.Join("  ", row.Select((cell, i) => _alignRight[i] ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]))).TrimEnd());
        }
    }
}
