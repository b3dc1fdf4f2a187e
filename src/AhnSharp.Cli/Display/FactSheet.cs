using System.Collections.Generic;
using System.Linq;
using Spectre.Console;

namespace AhnSharp.Cli.Display;

/// <summary>Facts in sections, a label and a value each: a table on a terminal, aligned lines where the output is redirected.</summary>
internal sealed class FactSheet
{
    private const int Borders = 7, NarrowestValue = 20;
    private readonly List<(string Section, List<(string Label, string Value)> Facts)> _sections = [];

    internal void Section(string name) => _sections.Add((name, []));

    internal void Fact(string label, string value) => _sections[^1].Facts.Add((label, value));

    internal void Print()
    {
        int label = _sections.SelectMany(section => section.Facts).Max(fact => fact.Label.Length);
        if (Terminal.Width is not { } width) PrintLines(label);
        else if (width < label + Borders + NarrowestValue) PrintNarrow();
        else PrintTable();
    }

    // Labels beside values would leave no place for these: each value follows its label, and the terminal breaks the line.
    private void PrintNarrow()
    {
        foreach ((string section, List<(string Label, string Value)> facts) in _sections)
        {
            Terminal.Print(section);
            foreach ((string label, string value) in facts) Terminal.Print($" {label}: {value}");
        }
    }

    private void PrintLines(int width)
    {
        foreach ((string section, List<(string Label, string Value)> facts) in _sections)
        {
            Terminal.Print(section);
            foreach ((string label, string value) in facts) Terminal.Print($"  {label.PadRight(width)}  {value}");
        }
    }

    private void PrintTable()
    {
        Table table = new Table().Border(TableBorder.Rounded).HideHeaders().AddColumn(new TableColumn("label").NoWrap()).AddColumn("value");
        foreach ((string section, List<(string Label, string Value)> facts) in _sections)
        {
            if (table.Rows.Count > 0) table.AddEmptyRow();
            table.AddRow(Terminal.Cell(section, new Style(decoration: Decoration.Bold)), Text.Empty);
            foreach ((string label, string value) in facts) table.AddRow(Terminal.Cell(label, new Style(Color.Grey)), Terminal.Cell(value));
        }
        Terminal.Out.Write(table);
    }
}
