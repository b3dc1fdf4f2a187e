using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using AhnSharp.Cli.Display;

namespace AhnSharp.Cli.Chat;

/// <summary>Draws a text that is being typed: its rows below each other, the cursor at its place, as many as the terminal has.</summary>
/// <remarks>Rows are broken here and not by the terminal, so that it is known where each character stands.</remarks>
internal sealed class LineScreen(TextWriter to, string prompt, Func<(int Columns, int Rows)> size)
{
    private const string Green = "\e[32m", Plain = "\e[0m", Further = ". ";
    private int _cursorRow;

    /// <summary>Forgets what was drawn: the next drawing begins on the line where the cursor is.</summary>
    internal void Begin() => _cursorRow = 0;

    internal void Draw(string text, int at)
    {
        (int columns, int rows) = size();
        (List<string> lines, int row, int column) = Rows(text, at, Math.Max(4, columns));
        int most = Math.Max(1, rows - 1), first = Math.Clamp(row - most + 1, 0, Math.Max(0, lines.Count - most));
        int last = Math.Min(lines.Count, first + most) - 1;
        StringBuilder all = new();
        if (_cursorRow > 0) all.Append(CultureInfo.InvariantCulture, $"\e[{_cursorRow}A");
        all.Append("\r\e[J");
        for (int i = first; i <= last; i++) all.Append(i == first ? "" : "\r\n").Append(lines[i]);
        if (last > row) all.Append(CultureInfo.InvariantCulture, $"\e[{last - row}A");
        all.Append('\r');
        if (column > 0) all.Append(CultureInfo.InvariantCulture, $"\e[{column}C");
        _cursorRow = row - first;
        to.Write(all.ToString());
    }

    /// <summary>Leaves the text where it stands, and the cursor below it.</summary>
    internal void End(string text)
    {
        Draw(text, text.Length);
        to.Write("\r\n");
        _cursorRow = 0;
    }

    private (List<string> Lines, int Row, int Column) Rows(string text, int at, int columns)
    {
        List<string> lines = [];
        StringBuilder line = new($"{Green}{prompt}{Plain}");
        int column = Cells.Of(prompt), cursorRow = 0, cursorColumn = column, i = 0;
        void NewLine(string start)
        {
            lines.Add(line.ToString());
            line.Clear().Append(start.Length > 0 ? $"{Green}{start}{Plain}" : "");
            column = start.Length;
        }

        foreach (Rune rune in text.EnumerateRunes())
        {
            int cells = Cells.Of(rune);
            if (rune.Value != '\n' && column + cells > columns - 1) NewLine("");
            if (i == at) (cursorRow, cursorColumn) = (lines.Count, column);
            if (rune.Value == '\n') NewLine(Further);
            else
            {
                line.Append(TerminalText.Line(rune.ToString()));
                column += cells;
            }
            i += rune.Utf16SequenceLength;
        }
        if (at >= text.Length) (cursorRow, cursorColumn) = (lines.Count, column);
        lines.Add(line.ToString());
        return (lines, cursorRow, cursorColumn);
    }
}
