using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

namespace AhnSharp.Plots;

/// <summary>One SVG document: panels below each other under a common title.</summary>
internal sealed record Figure
{
    private const double Margin = 20, Between = 26;

    /// <summary>Stands above the panels; null: none.</summary>
    public string? Title { get; init; }

    /// <summary>Stands below the title; null: none.</summary>
    public string? Subtitle { get; init; }

    /// <summary>From top to bottom, at least one.</summary>
    public required ImmutableArray<Panel> Panels { get; init; }

    /// <summary>Pixels, 320 or more; the height follows from the panels.</summary>
    public double Width { get; init; } = 860;

    /// <summary>Draws everything.</summary>
    /// <exception cref="ArgumentException">A panel's numbers cannot be drawn; the message names panel, series
    /// or cell, and value.</exception>
    public string ToSvg()
    {
        if (Panels.IsDefaultOrEmpty) throw new ArgumentException("A figure needs at least one panel, found none.");
        if (!(Width >= 320)) throw new ArgumentException($"A figure is at least 320 pixels wide, found {Width}.");
        foreach (Panel panel in Panels) panel.Check();

        double inner = Width - 2 * Margin;
        IReadOnlyList<string> title = Title is null ? [] : Lettering.Wrap(Title, Lettering.TitleSize, inner, 3, bold: true);
        IReadOnlyList<string> subtitle = Subtitle is null ? [] : Lettering.Wrap(Subtitle, Lettering.SubtitleSize, inner, 4);
        double heading =
            title.Count * Lettering.TitleSize * Lettering.Leading + subtitle.Count * Lettering.SubtitleSize * Lettering.Leading;
        if (heading > 0) heading += Between / 2;
        double height = 2 * Margin + heading + Panels.Sum(panel => panel.HeightAt(inner)) + (Panels.Length - 1) * Between;

        var svg = new SvgWriter(Width, Math.Ceiling(height), Title ?? Panels[0].Title);
        double y = Margin;
        foreach (string line in title)
        {
            svg.Text(Margin, y + Lettering.TitleSize, line, Lettering.TitleSize, bold: true);
            y += Lettering.TitleSize * Lettering.Leading;
        }
        foreach (string line in subtitle)
        {
            svg.Text(Margin, y + Lettering.SubtitleSize, line, Lettering.SubtitleSize, fill: PlotColors.Faint);
            y += Lettering.SubtitleSize * Lettering.Leading;
        }
        y = Margin + heading;
        foreach (Panel panel in Panels)
        {
            var box = new Box(Margin, y, inner, panel.HeightAt(inner));
            panel.Draw(svg, box);
            y += box.Height + Between;
        }
        return svg.Finish();
    }
}
