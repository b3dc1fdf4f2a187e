using System;
using System.Collections.Generic;
using System.Linq;
using Spectre.Console;

namespace AhnSharp.Cli.Display;

/// <summary>Facts in sections, a label and a value each: a table on a terminal, aligned lines where the output is redirected.</summary>
internal sealed class FactSheet
{
    private readonly List<(string Section, List<(string Label, string Value)> Facts)> _sections = [];

    internal void Section(string name) => _sections.Add((name, []));

    internal void Fact(string label, string value) => _sections[^1].Facts.Add((label, value));

    internal void Print()
    {
        if (Console.IsOutputRedirected) PrintLines();
        else PrintTable();
    }

    // Values may come from a file: control characters must not reach a terminal.
    private static string Clean(string value) => string.Concat(value.Select(c => char.IsControl(c) ? ' ' : c));

    private void PrintLines()
    {
        int width = _sections.SelectMany(section => section.Facts).Max(fact => fact.Label.Length);
        foreach ((string section, List<(string Label, string Value)> facts) in _sections)
        {
            Console.WriteLine(section);
            foreach ((string label, string value) in facts) Console.WriteLine($"  {label.PadRight(width)}  {Clean(value)}");
        }
    }

    private void PrintTable()
    {
        Table table = new Table().Border(TableBorder.Rounded).HideHeaders().AddColumn(new TableColumn("label").NoWrap()).AddColumn("value");
        foreach ((string section, List<(string Label, string Value)> facts) in _sections)
        {
            if (table.Rows.Count > 0) table.AddEmptyRow();
            table.AddRow(new Text(section, new Style(decoration: Decoration.Bold)), Text.Empty);
            foreach ((string label, string value) in facts) table.AddRow(new Text(label, new Style(Color.Grey)), new Text(Clean(value)));
        }
        Terminal.Out.Write(table);
    }
}
