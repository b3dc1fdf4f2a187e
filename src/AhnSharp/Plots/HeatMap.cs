using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace AhnSharp.Plots;

/// <summary>A table of numbers as colours, the first row on top, with a colour bar.</summary>
internal sealed record HeatMap : Panel
{
    private const double WidestCell = 48, LowestCell = 8, HighestCell = 22, LowestPlot = 96, BarWidth = 14, BarSpace = 26,
        WidestRowLabel = 150, WidestColumnLabel = 110;

    /// <summary>What the colours count, with its unit.</summary>
    public required string ValueLabel { get; init; }

    /// <summary>The names of the rows, from top to bottom; those for which there is no room are left out.</summary>
    public required IReadOnlyList<string> Rows { get; init; }

    /// <summary>The names of the columns, from left to right; those for which there is no room are left out.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>[rows, columns] values; NaN: there is none, shown in a colour of its own.</summary>
    public required float[,] Values { get; init; }

    /// <summary>Colours even in the logarithm: every value is above 0 or NaN.</summary>
    public bool LogValues { get; init; }

    /// <summary>What NaN means, for the legend.</summary>
    public string MissingLabel { get; init; } = "no value";

    /// <summary>
    /// Ends of the colour scale, so that several maps can share one; values beyond take the end's colour. null: by the values.
    /// </summary>
    public double? Minimum { get; init; }

    /// <summary>
    /// Ends of the colour scale, so that several maps can share one; values beyond take the end's colour. null: by the values.
    /// </summary>
    public double? Maximum { get; init; }

    private double CellHeight => Math.Clamp(400.0 / Rows.Count, LowestCell, HighestCell);

    private double PlotHeight => Rows.Count * CellHeight;

    internal override double HeightAt(double width) => HeadingHeight(width) + Math.Max(PlotHeight, LowestPlot) + BelowPlot;

    internal override void Check()
    {
        if (Rows.Count == 0 || Columns.Count == 0 || Values.GetLength(0) != Rows.Count || Values.GetLength(1) != Columns.Count)
        {
            throw new ArgumentException($"The heat map \"{Title}\": expected values [{Rows.Count}, {Columns.Count}] for its names, "
                + $"at least [1, 1], found [{Values.GetLength(0)}, {Values.GetLength(1)}].");
        }
        for (int r = 0; r < Rows.Count; r++)
        {
            for (int c = 0; c < Columns.Count; c++)
            {
                float value = Values[r, c];
                if (float.IsInfinity(value) || (LogValues && value <= 0))
                    throw new ArgumentException(string.Create(
                        CultureInfo.InvariantCulture,
                        $"The heat map \"{Title}\", row \"{Rows[r]}\", column \"{Columns[c]}\": "
                            + $"expected a finite value{(LogValues ? " above 0" : "")}, or NaN for none, found {value}."));
            }
        }
    }

    internal override void Draw(SvgWriter svg, Box box)
    {
        DrawHeading(svg, box);
        double top = box.Y + HeadingHeight(box.Width);
        Axis scale = Axis.Over(Values.Cast<float>().Select(value => (double)value), LogValues, Minimum, Maximum, 5, wholeSteps: false);
        double names = Math.Min(WidestRowLabel, Rows.Max(row => Lettering.Width(row, Lettering.TickSize)));
        double left = Lettering.LabelSize * 1.7 + names + TickLength + 4;
        double barLabels = scale.Ticks.Max(tick => Lettering.Width(tick.Label, Lettering.TickSize)) + TickLength + 4;
        double right = BarSpace + BarWidth + barLabels + Lettering.LabelSize * 1.6;
        double width = Math.Min(box.Width - left - right, Columns.Count * WidestCell);
        var plot = new Box(box.X + left, top, width, PlotHeight);

        bool missing = Values.Cast<float>().Any(float.IsNaN);
        DrawCells(svg, plot, scale);
        DrawNames(svg, plot);
        var bar = new Box(plot.Right + BarSpace, top, BarWidth, Math.Max(plot.Height, LowestPlot));
        ColorBar.Draw(svg, bar, scale);
        DrawTurned(
            svg, bar.Right + barLabels + Lettering.LabelSize, bar.Y, bar.Height, box.Bottom - bar.Y - (missing ? 20 : 0), ValueLabel);
        double end = missing ? DrawMissing(svg, box, bar) - Gap : box.Right - 24;
        DrawLabels(svg, box with { Width = end - box.X }, plot, TickHeight);
    }

    private void DrawCells(SvgWriter svg, Box plot, Axis scale)
    {
        double cell = plot.Width / Columns.Count;
        for (int r = 0; r < Rows.Count; r++)
        {
            // Neighbours of one colour are one rectangle: a map of gaps or zeros stays a small file.
            for (int c = 0; c < Columns.Count;)
            {
                string color = ColorOf(Values[r, c], scale);
                int end = c + 1;
                while (end < Columns.Count && ColorOf(Values[r, end], scale) == color) end++;
                svg.Rectangle(plot.X + c * cell, plot.Y + r * CellHeight, (end - c) * cell, CellHeight, color, crisp: true);
                c = end;
            }
        }
    }

    private static string ColorOf(float value, Axis scale) =>
        float.IsNaN(value) ? PlotColors.Missing : ColorScale.At(scale.Fraction(value));

    private void DrawNames(SvgWriter svg, Box plot)
    {
        int every = Math.Max(1, (int)Math.Ceiling(Lettering.TickSize * 1.25 / CellHeight));
        for (int r = 0; r < Rows.Count; r += every)
        {
            double y = plot.Y + (r + 0.5) * CellHeight;
            string name = Lettering.Fit(Rows[r], Lettering.TickSize, WidestRowLabel);
            svg.Line(plot.X - TickLength, y, plot.X, y, PlotColors.Frame);
            svg.Text(plot.X - TickLength - 3, y + Lettering.TickSize * Lettering.Middle, name, Lettering.TickSize, SvgAnchor.End,
                tip: name == Rows[r] ? null : Rows[r]);
        }
        double cell = plot.Width / Columns.Count;
        double widest = Math.Min(WidestColumnLabel, Columns.Max(column => Lettering.Width(column, Lettering.TickSize)));
        every = Math.Max(1, (int)Math.Ceiling((widest + 6) / cell));
        for (int c = 0; c < Columns.Count; c += every)
        {
            double x = plot.X + (c + 0.5) * cell;
            string name = Lettering.Fit(Columns[c], Lettering.TickSize, WidestColumnLabel);
            svg.Line(x, plot.Bottom, x, plot.Bottom + TickLength, PlotColors.Frame);
            svg.Text(x, plot.Bottom + TickLength + Lettering.TickSize * 1.1, name, Lettering.TickSize, SvgAnchor.Middle,
                tip: name == Columns[c] ? null : Columns[c]);
        }
    }

    /// <summary>The key of "no value", below the colour bar or as far left of there as it needs; returns where it begins.</summary>
    private double DrawMissing(SvgWriter svg, Box box, Box bar)
    {
        string label = Lettering.Fit(MissingLabel, Lettering.TickSize, 130);
        double x = Math.Min(bar.X, box.Right - 18 - Lettering.Width(label, Lettering.TickSize)), y = box.Bottom - 2;
        svg.Rectangle(x, y - 10, 12, 12, PlotColors.Missing);
        svg.Text(x + 18, y, label, Lettering.TickSize, tip: label == MissingLabel ? null : MissingLabel);
        return x;
    }
}
