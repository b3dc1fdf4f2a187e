namespace AhnSharp.Plots;

/// <summary>The key of a heat map: its colours from bottom to top, with ticks.</summary>
internal static class ColorBar
{
    private const int Steps = 64;

    internal static void Draw(SvgWriter svg, Box bar, Axis scale)
    {
        double step = bar.Height / Steps;
        for (int i = 0; i < Steps; i++)
            svg.Rectangle(bar.X, bar.Bottom - (i + 1) * step, bar.Width, step, ColorScale.At((i + 0.5) / Steps), crisp: true);
        foreach (Tick tick in scale.Ticks)
        {
            double y = bar.Bottom - scale.Fraction(tick.Value) * bar.Height;
            svg.Line(bar.Right, y, bar.Right + 4, y, PlotColors.Frame);
            svg.Text(bar.Right + 7, y + Lettering.TickSize * Lettering.Middle, tick.Label, Lettering.TickSize);
        }
    }
}
