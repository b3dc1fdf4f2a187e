using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

namespace AhnSharp.Plots;

/// <summary>Dashed lines across a plot; their labels stand inside it on a pale ground and step down where they would touch.</summary>
internal static class MarkerDrawing
{
    private const string Dash = "5 4";
    private const double Row = 16;

    internal static void Vertical(SvgWriter svg, Box plot, Axis axis, ImmutableArray<ChartMarker> markers)
    {
        var taken = new List<(double From, double To, int Row)>();
        foreach (ChartMarker marker in markers.Where(marker => IsInside(axis, marker.Value)).OrderBy(marker => marker.Value))
        {
            double x = plot.X + axis.Fraction(marker.Value) * plot.Width;
            svg.Line(x, plot.Y, x, plot.Bottom, PlotColors.Faint, 1.2, Dash);
            string label = Lettering.Fit(marker.Label, Lettering.TickSize, plot.Width / 2);
            double width = Lettering.Width(label, Lettering.TickSize);
            bool toTheLeft = x + 6 + width > plot.Right;
            (double from, double to) = toTheLeft ? (x - 6 - width, x) : (x, x + 6 + width);
            int row = 0;
            while (taken.Any(other => other.Row == row && other.From < to && from < other.To)) row++;
            taken.Add((from, to, row));
            Label(svg, toTheLeft ? x - 5 : x + 5, plot.Y + 12 + row * Row, label, marker.Label, width, toTheLeft);
        }
    }

    internal static void Horizontal(SvgWriter svg, Box plot, Axis axis, ImmutableArray<ChartMarker> markers)
    {
        foreach (ChartMarker marker in markers.Where(marker => IsInside(axis, marker.Value)))
        {
            double y = plot.Bottom - axis.Fraction(marker.Value) * plot.Height;
            svg.Line(plot.X, y, plot.Right, y, PlotColors.Faint, 1.2, Dash);
            string label = Lettering.Fit(marker.Label, Lettering.TickSize, plot.Width / 2);
            bool below = y - Row < plot.Y;
            Label(svg, plot.Right - 4, below ? y + 13 : y - 5, label, marker.Label, Lettering.Width(label, Lettering.TickSize),
                toTheLeft: true);
        }
    }

    private static bool IsInside(Axis axis, double value) => double.IsFinite(value) && value >= axis.Minimum && value <= axis.Maximum;

    private static void Label(SvgWriter svg, double x, double baseline, string label, string whole, double width, bool toTheLeft)
    {
        svg.Rectangle(
            (toTheLeft ? x - width : x) - 2, baseline - Lettering.TickSize, width + 4, Lettering.TickSize + 4, PlotColors.Background);
        svg.Text(x, baseline, label, Lettering.TickSize, toTheLeft ? SvgAnchor.End : SvgAnchor.Start, PlotColors.Faint,
            tip: label == whole ? null : whole);
    }
}
