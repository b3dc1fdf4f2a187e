using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using AhnSharp.Cli.Display;
using Spectre.Console;

namespace AhnSharp.Cli.Bench;

/// <summary>
/// Rows of short cells, the first aligned left and the others right: a table on a terminal, aligned columns elsewhere, or Markdown.
/// </summary>
internal sealed class Grid(params string[] headings)
{
    private readonly List<string[]> _rows = [];

    internal IReadOnlyList<string> Headings => headings;

    internal IReadOnlyList<string[]> Rows => _rows;

    internal void Add(params string[] cells) => _rows.Add(cells);

    internal void Print()
    {
        if (Console.IsOutputRedirected)
        {
            Display.Columns columns = new([headings[0], .. headings.Skip(1).Select(heading => ">" + heading)]);
            foreach (string[] row in _rows) columns.Add(row);
            columns.Print();
            return;
        }
        Table table = new() { Border = TableBorder.Simple };
        for (int i = 0; i < headings.Length; i++)
        {
            table.AddColumn(
                new TableColumn(Terminal.Cell(headings[i])) { Alignment = i == 0 ? Justify.Left : Justify.Right, NoWrap = true });
        }
        foreach (string[] row in _rows) table.AddRow(row.Select(cell => Terminal.Cell(cell)));
        Terminal.Print(table);
    }

    internal string ToMarkdown()
    {
        StringBuilder text = new();
        Line(headings);
        text.Append("|---|").Append(string.Concat(headings.Skip(1).Select(_ => "---:|"))).Append('\n');
        foreach (string[] row in _rows) Line(row);
        return text.ToString();

        void Line(string[] cells) =>
            text.Append("| ").AppendJoin(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
    }
}
