using System;
using System.Collections.Generic;

namespace AhnSharp.Plots;

/// <summary>
/// One drawing with axes: a <see cref="LineChart"/> or a <see cref="HeatMap"/>; several of them make a <see cref="Figure"/>.
/// </summary>
internal abstract record Panel
{
    private protected const double TickLength = 4, Gap = 8, TickHeight = TickLength + Lettering.TickSize * 1.3,
        BelowPlot = TickHeight + Lettering.LabelSize * 2;

    /// <summary>What is shown.</summary>
    public required string Title { get; init; }

    /// <summary>How it was made: model, text, options; null: none.</summary>
    public string? Subtitle { get; init; }

    /// <summary>What the horizontal axis counts, with its unit.</summary>
    public required string XLabel { get; init; }

    /// <summary>What the vertical axis counts, with its unit.</summary>
    public required string YLabel { get; init; }

    /// <summary>The panel alone, as a whole SVG document.</summary>
    public string ToSvg() => new Figure { Panels = [this] }.ToSvg();

    /// <summary>Pixels that the panel wants at a width.</summary>
    internal abstract double HeightAt(double width);

    /// <summary>Draws inside <paramref name="box"/>, whose height is <see cref="HeightAt"/>.</summary>
    internal abstract void Draw(SvgWriter svg, Box box);

    /// <summary>What is wrong with the values is thrown here, before anything is drawn.</summary>
    internal abstract void Check();

    private protected double HeadingHeight(double width)
    {
        double height = Lettering.PanelTitleSize * Lettering.Leading * TitleLines(width).Count;
        return height + Lettering.SubtitleSize * Lettering.Leading * SubtitleLines(width).Count + Gap;
    }

    private protected void DrawHeading(SvgWriter svg, Box box)
    {
        double y = box.Y + Lettering.PanelTitleSize;
        foreach (string line in TitleLines(box.Width))
        {
            svg.Text(box.X, y, line, Lettering.PanelTitleSize, bold: true,
                tip: line.EndsWith(Lettering.Cut, StringComparison.Ordinal) ? Title : null);
            y += Lettering.PanelTitleSize * Lettering.Leading;
        }
        foreach (string line in SubtitleLines(box.Width))
        {
            svg.Text(box.X, y, line, Lettering.SubtitleSize, fill: PlotColors.Faint);
            y += Lettering.SubtitleSize * Lettering.Leading;
        }
    }

    /// <summary>The two axis labels around the plot, whose tick labels take <paramref name="tickHeight"/> below it.</summary>
    private protected void DrawLabels(SvgWriter svg, Box box, Box plot, double tickHeight)
    {
        double y = plot.Bottom + tickHeight + Lettering.LabelSize * 1.5;
        // A label longer than a narrow plot is wide starts where the plot starts.
        bool narrow = Lettering.Width(XLabel, Lettering.LabelSize) > plot.Width;
        string cut = Lettering.Fit(XLabel, Lettering.LabelSize, box.Right - plot.X);
        svg.Text(narrow ? plot.X : plot.MiddleX, y, cut, Lettering.LabelSize, narrow ? SvgAnchor.Start : SvgAnchor.Middle,
            tip: cut == XLabel ? null : XLabel);
        DrawTurned(svg, box.X + Lettering.LabelSize, plot.Y, plot.Height, box.Bottom - plot.Y, YLabel);
    }

    /// <summary>A label from bottom to top beside a part of <paramref name="height"/>; a longer one may use the room below it.</summary>
    private protected static void DrawTurned(SvgWriter svg, double x, double top, double height, double room, string text)
    {
        string cut = Lettering.Fit(text, Lettering.LabelSize, room);
        double middle = Math.Max(height, Math.Min(room, Lettering.Width(cut, Lettering.LabelSize))) / 2;
        svg.Text(x, top + middle, cut, Lettering.LabelSize, SvgAnchor.Middle, turned: true, tip: cut == text ? null : text);
    }

    private IReadOnlyList<string> TitleLines(double width) => Lettering.Wrap(Title, Lettering.PanelTitleSize, width, 3, bold: true);

    private IReadOnlyList<string> SubtitleLines(double width) =>
        Subtitle is null ? [] : Lettering.Wrap(Subtitle, Lettering.SubtitleSize, width, 4);
}
