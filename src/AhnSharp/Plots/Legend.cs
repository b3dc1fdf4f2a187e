using System.Collections.Generic;
using System.Collections.Immutable;

namespace AhnSharp.Plots;

/// <summary>What a series is called, and how it is drawn.</summary>
internal readonly record struct LegendEntry(string Name, string Color, LineMark Mark);

/// <summary>The key of a chart: its series side by side, in as many rows as they need.</summary>
internal sealed class Legend
{
    private const double Sample = 24, Space = 22, RowHeight = 18;
    private readonly List<(LegendEntry Entry, string Name, double X, int Row)> _placed = [];

    internal Legend(ImmutableArray<LegendEntry> entries, double width)
    {
        double x = 0;
        int row = 0;
        foreach (LegendEntry entry in entries)
        {
            string name = Lettering.Fit(entry.Name, Lettering.LabelSize, width - Sample - 6);
            double taken = Sample + 6 + Lettering.Width(name, Lettering.LabelSize);
            if (x > 0 && x + taken > width) (x, row) = (0, row + 1);
            _placed.Add((entry, name, x, row));
            x += taken + Space;
        }
        Height = _placed.Count == 0 ? 0 : (row + 1) * RowHeight + 8;
    }

    internal double Height { get; }

    internal void Draw(SvgWriter svg, double x, double y)
    {
        foreach ((LegendEntry entry, string name, double at, int row) in _placed)
        {
            double middle = y + (row + 0.5) * RowHeight;
            svg.Line(x + at, middle, x + at + Sample, middle, entry.Color, 1.8);
            entry.Mark.Draw(svg, x + at + Sample / 2, middle, entry.Color);
            svg.Text(
                x + at + Sample + 6, middle + Lettering.LabelSize * Lettering.Middle, name, Lettering.LabelSize,
                tip: name == entry.Name ? null : entry.Name);
        }
    }
}
