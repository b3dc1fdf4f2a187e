using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;

namespace AhnSharp.Plots;

/// <summary>Lines over a common horizontal axis, with a legend, optional bands around them, and marked places.</summary>
internal sealed record LineChart : Panel
{
    private const double PlotHeight = 250, PixelsPerXTick = 80, PixelsPerYTick = 44;

    // Up to so many points a line carries marks: they tell the lines apart without colours.
    private const int MaxMarked = 40;

    /// <summary>In the order of the legend; none, or none with a point, is drawn as an empty plot that says so.</summary>
    public required ImmutableArray<ChartSeries> Series { get; init; }

    /// <summary>Logarithmic horizontal axis: every X is above 0.</summary>
    public bool LogX { get; init; }

    /// <summary>Logarithmic vertical axis: every Y is above 0 or NaN.</summary>
    public bool LogY { get; init; }

    /// <summary>Ends of the vertical axis; null: by the points.</summary>
    public double? YMinimum { get; init; }

    /// <summary>Ends of the vertical axis; null: by the points.</summary>
    public double? YMaximum { get; init; }

    /// <summary>
    /// Marked places of the horizontal axis, such as the end of a window; those outside its range are left out of the drawing.
    /// </summary>
    public ImmutableArray<ChartMarker> XMarkers { get; init; } = [];

    /// <summary>Marked places of the vertical axis, such as chance; those outside its range are left out of the drawing.</summary>
    public ImmutableArray<ChartMarker> YMarkers { get; init; } = [];

    internal override double HeightAt(double width) => HeadingHeight(width) + Key(width).Height + PlotHeight + BelowPlot;

    internal override void Check()
    {
        foreach (ChartSeries series in Series)
        {
            double before = double.NegativeInfinity;
            foreach (ChartPoint point in series.Points)
            {
                if (!double.IsFinite(point.X) || point.X < before) Throw(series, point.X, "finite X in ascending order");
                if (LogX && point.X <= 0) Throw(series, point.X, "X above 0 on a logarithmic axis");
                foreach (double y in Ys(point))
                {
                    if (double.IsInfinity(y)) Throw(series, y, "a finite Y, or NaN for a gap");
                    if (LogY && y <= 0) Throw(series, y, "Y above 0 on a logarithmic axis");
                }
                before = point.X;
            }
        }
    }

    internal override void Draw(SvgWriter svg, Box box)
    {
        DrawHeading(svg, box);
        double top = box.Y + HeadingHeight(box.Width);
        Legend key = Key(box.Width);
        key.Draw(svg, box.X, top);

        Axis y = Axis.Over(Series.SelectMany(series => series.Points).SelectMany(Ys), LogY, YMinimum, YMaximum,
            (int)(PlotHeight / PixelsPerYTick), wholeSteps: true);
        double left = Lettering.LabelSize * 1.7 + y.Ticks.Max(tick => Lettering.Width(tick.Label, Lettering.TickSize)) + TickLength + 4;
        var plot = new Box(box.X + left, top + key.Height, box.Width - left - Gap, PlotHeight);
        Axis x = Axis.Over(Series.SelectMany(series => series.Points).Select(point => point.X), LogX, null, null,
            (int)(plot.Width / PixelsPerXTick), wholeSteps: false);

        AxisDrawing.Vertical(svg, plot, y, grid: true);
        AxisDrawing.Horizontal(svg, plot, x);
        svg.BeginClip(plot.X - 4, plot.Y - 4, plot.Width + 8, plot.Height + 8);
        for (int i = 0; i < Series.Length; i++) DrawBand(svg, plot, x, y, Series[i], PlotColors.Line(StyleOf(i)));
        svg.EndClip();
        // Their labels may lie on a band, never on a line.
        MarkerDrawing.Vertical(svg, plot, x, XMarkers);
        MarkerDrawing.Horizontal(svg, plot, y, YMarkers);
        svg.BeginClip(plot.X - 4, plot.Y - 4, plot.Width + 8, plot.Height + 8);
        for (int i = 0; i < Series.Length; i++) DrawLine(svg, plot, x, y, Series[i], StyleOf(i));
        svg.EndClip();
        if (!Series.SelectMany(series => series.Points).Any(point => double.IsFinite(point.Y)))
            svg.Text(plot.MiddleX, plot.MiddleY, "no values", Lettering.LabelSize, SvgAnchor.Middle, PlotColors.Faint);
        DrawLabels(svg, box, plot, TickHeight);
    }

    private Legend Key(double width) =>
        new([.. Series.Select((series, i) => new LegendEntry(series.Name, PlotColors.Line(StyleOf(i)), LineMark.Of(StyleOf(i))))], width);

    private int StyleOf(int index) => Series[index].Style ?? index;

    private static void DrawBand(SvgWriter svg, Box plot, Axis x, Axis y, ChartSeries series, string color)
    {
        foreach (IReadOnlyList<ChartPoint> run in Runs(
            series.Points, point => point.Low is { } low && point.High is { } high && double.IsFinite(low) && double.IsFinite(high)))
        {
            if (run.Count < 2) continue;
            var outline = new (double X, double Y)[2 * run.Count];
            for (int i = 0; i < run.Count; i++)
            {
                outline[i] = Place(plot, x, y, run[i].X, run[i].High!.Value);
                outline[^(i + 1)] = Place(plot, x, y, run[i].X, run[i].Low!.Value);
            }
            svg.Polygon(outline, color, 0.18);
        }
    }

    private static void DrawLine(SvgWriter svg, Box plot, Axis x, Axis y, ChartSeries series, int style)
    {
        string color = PlotColors.Line(style);
        foreach (IReadOnlyList<ChartPoint> run in Runs(series.Points, point => double.IsFinite(point.Y)))
        {
            (double X, double Y)[] places = [.. run.Select(point => Place(plot, x, y, point.X, point.Y))];
            if (places.Length > 1) svg.Polyline(places, color, 1.8);
            // A point between two gaps is a line of no length: it always has a mark.
            if (places.Length > 1 && series.Points.Count > MaxMarked) continue;
            foreach ((double px, double py) in places) LineMark.Of(style).Draw(svg, px, py, color);
        }
    }

    /// <summary>Neighbours that all are drawn, in order.</summary>
    private static IEnumerable<IReadOnlyList<ChartPoint>> Runs(IReadOnlyList<ChartPoint> points, Func<ChartPoint, bool> isDrawn)
    {
        var run = new List<ChartPoint>();
        foreach (ChartPoint point in points)
        {
            if (isDrawn(point))
            {
                run.Add(point);
                continue;
            }
            if (run.Count > 0) yield return run;
            run = [];
        }
        if (run.Count > 0) yield return run;
    }

    private static (double X, double Y) Place(Box plot, Axis x, Axis y, double valueX, double valueY) =>
        (plot.X + x.Fraction(valueX) * plot.Width, plot.Bottom - y.Fraction(valueY) * plot.Height);

    private static IEnumerable<double> Ys(ChartPoint point)
    {
        yield return point.Y;
        if (point.Low is { } low) yield return low;
        if (point.High is { } high) yield return high;
    }

    private void Throw(ChartSeries series, double found, string expected) => throw new ArgumentException(
        string.Create(
            CultureInfo.InvariantCulture, $"The chart \"{Title}\", series \"{series.Name}\": expected {expected}, found {found}."));
}
