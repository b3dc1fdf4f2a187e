using System.Collections.Generic;
using System.Linq;
using System.Text;
using AhnSharp.Cli.Display;
using AhnSharp.Plots;

namespace AhnSharp.Cli.Bench;

/// <summary>What a mode of <c>ahn bench</c> found: sentences and tables for people, and JSON.</summary>
/// <param name="Title">The default heading of its section in a file of results.</param>
/// <param name="Lines">Before the tables.</param>
/// <param name="Grids">The tables.</param>
/// <param name="Json">One JSON object.</param>
internal sealed record ModeReport(string Title, IReadOnlyList<string> Lines, IReadOnlyList<Grid> Grids, string Json)
{
    /// <summary>What was found, in a plain sentence; null: the first of the lines says it.</summary>
    internal string? Lead { get; init; }

    /// <summary>Drawings for a page; none where the numbers say it all.</summary>
    internal IReadOnlyList<Panel> Panels { get; init; } = [];

    internal void Print()
    {
        foreach (string line in Lines) Terminal.Print(line);
        foreach (Grid grid in Grids) grid.Print();
    }

    internal string ToMarkdown(string heading)
    {
        StringBuilder text = new(heading);
        text.AppendJoin('\n', Lines.Select(line => line + "\n"));
        foreach (Grid grid in Grids) text.Append('\n').Append(grid.ToMarkdown());
        return text.ToString();
    }
}
