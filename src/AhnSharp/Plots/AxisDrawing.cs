using System;

namespace AhnSharp.Plots;

/// <summary>The two axes of a plot: frame, ticks, labels that do not touch, grid.</summary>
internal static class AxisDrawing
{
    private const double TickLength = 4, Overhang = 18;

    internal static void Vertical(SvgWriter svg, Box plot, Axis axis, bool grid)
    {
        foreach (Tick tick in axis.Ticks)
        {
            double y = plot.Bottom - axis.Fraction(tick.Value) * plot.Height;
            if (grid) svg.Line(plot.X, y, plot.Right, y, PlotColors.Grid);
            svg.Line(plot.X - TickLength, y, plot.X, y, PlotColors.Frame);
            svg.Text(plot.X - TickLength - 3, y + Lettering.TickSize * Lettering.Middle, tick.Label, Lettering.TickSize, SvgAnchor.End);
        }
        svg.Line(plot.X, plot.Y, plot.X, plot.Bottom, PlotColors.Frame);
    }

    internal static void Horizontal(SvgWriter svg, Box plot, Axis axis)
    {
        double free = double.NegativeInfinity;
        foreach (Tick tick in axis.Ticks)
        {
            double x = plot.X + axis.Fraction(tick.Value) * plot.Width;
            svg.Line(x, plot.Y, x, plot.Bottom, PlotColors.Grid);
            svg.Line(x, plot.Bottom, x, plot.Bottom + TickLength, PlotColors.Frame);
            double half = Lettering.Width(tick.Label, Lettering.TickSize) / 2;
            // The last label may not leave the page.
            double middle = Math.Min(x, plot.Right + Overhang - half);
            if (middle - half < free) continue;
            free = middle + half + 6;
            svg.Text(middle, plot.Bottom + TickLength + Lettering.TickSize * 1.1, tick.Label, Lettering.TickSize, SvgAnchor.Middle);
        }
        svg.Line(plot.X, plot.Bottom, plot.Right, plot.Bottom, PlotColors.Frame);
    }
}
