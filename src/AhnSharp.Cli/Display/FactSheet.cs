using System.Collections.Generic;
using System.Linq;
using Spectre.Console;

namespace AhnSharp.Cli.Display;

/// <summary>Facts in sections, a label and a value each: a table on a terminal, aligned lines where the output is redirected.</summary>
internal sealed class FactSheet
{
    private const int Borders = 7, NarrowestValue = 20;
    private readonly List<(string Section, List<(string Label, string Value)> Facts)> _sections = [];

    /// <summary>What a page shows of it.</summary>
    internal IEnumerable<(string Section, IReadOnlyList<(string Label, string Value)> Facts)> Sections =>
        _sections.Select(section => (section.Section, (IReadOnlyList<(string Label, string Value)>)section.Facts));

    internal void Section(string name) => _sections.Add((name, []));

    internal void Fact(string label, string value) => _sections[^1].Facts.Add((label, value));

    internal void Print()
    {
        int label = _sections.SelectMany(section => section.Facts).Max(fact => fact.Label.Length);
        if (Terminal.Width is not { } width) PrintLines(label);
        else if (width < label + Borders + NarrowestValue) PrintNarrow();
        else PrintTables(label);
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

    // The heading of a section stands above its facts: in the column of labels, a long one would leave no place for values.
    private void PrintTables(int label)
    {
        foreach ((string section, List<(string Label, string Value)> facts) in _sections)
        {
            Terminal.Out.Write(Terminal.Cell(section, new Style(decoration: Decoration.Bold)));
            Terminal.Print();
            Table table = new Table().Border(TableBorder.Rounded)
                .HideHeaders().AddColumn(new TableColumn("label").NoWrap().Width(label)).AddColumn("value");
            foreach ((string name, string value) in facts) table.AddRow(Terminal.Cell(name, new Style(Color.Grey)), Terminal.Cell(value));
            Terminal.Out.Write(table);
        }
    }
}
