using System;

namespace AhnSharp.Plots;

/// <summary>The mark of a series at its points: disc, square, triangle, diamond.</summary>
internal readonly record struct LineMark(int Shape)
{
    private const double Radius = 3.4;
    private static readonly (double X, double Y)[][] Outlines =
    [
        [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
        [(0, -1.2), (1.1, 0.85), (-1.1, 0.85)],
        [(0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)],
    ];

    internal static LineMark Of(int series) => new(series % (Outlines.Length + 1));

    internal void Draw(SvgWriter svg, double x, double y, string color)
    {
        if (Shape == 0)
        {
            svg.Disc(x, y, Radius, color);
            return;
        }
        svg.Polygon(Array.ConvertAll(Outlines[Shape - 1], corner => (x + corner.X * Radius, y + corner.Y * Radius)), color);
    }
}
