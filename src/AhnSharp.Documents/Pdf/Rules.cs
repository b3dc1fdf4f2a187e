using System;
using System.Collections.Generic;
using System.Linq;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Graphics;

namespace AhnSharp.Documents.Pdf;

/// <summary>The straight lines that are drawn on a page: rules between the rows and columns of a table, bars of fractions.</summary>
/// <remarks>Points from the lower left corner. A line or rectangle at most 3 points thick is one rule; the four sides of a larger drawn
/// rectangle are four.</remarks>
internal sealed class Rules
{
    private const double Thickest = 3;

    // Drawings (maps, plots) have lines without end; a table has some hundreds.
    private const int MaxRules = 20_000;

    private readonly List<(double X0, double X1, double Y)> _horizontal = [];
    private readonly List<(double X, double Y0, double Y1)> _vertical = [];

    public static Rules None { get; } = new();

    public static Rules Of(Page page)
    {
        Rules rules = new();
        foreach (PdfPath path in page.Paths)
        {
            if (!path.IsStroked && !path.IsFilled) continue;
            foreach (PdfSubpath part in path)
            {
                if (rules._horizontal.Count + rules._vertical.Count > MaxRules) return rules;
                if (part.Commands.Any(static command => command is PdfSubpath.CubicBezierCurve or PdfSubpath.QuadraticBezierCurve)
                    || part.Commands.Count > 6) continue;
                if (part.GetBoundingRectangle() is not { } box) continue;
                rules.Add(box, path.IsStroked);
            }
        }
        rules._horizontal.Sort(static (a, b) => a.Y.CompareTo(b.Y));
        rules._vertical.Sort(static (a, b) => a.X.CompareTo(b.X));
        return rules;
    }

    private void Add(PdfRectangle box, bool stroked)
    {
        if (box.Height <= Thickest && box.Width > Thickest)
        {
            _horizontal.Add((box.Left, box.Right, (box.Top + box.Bottom) / 2));
        }
        else if (box.Width <= Thickest && box.Height > Thickest)
        {
            _vertical.Add(((box.Left + box.Right) / 2, box.Bottom, box.Top));
        }
        else if (stroked && box.Width > Thickest && box.Height > Thickest)
        {
            _horizontal.Add((box.Left, box.Right, box.Bottom));
            _horizontal.Add((box.Left, box.Right, box.Top));
            _vertical.Add((box.Left, box.Bottom, box.Top));
            _vertical.Add((box.Right, box.Bottom, box.Top));
        }
    }

    /// <summary>Where a vertical rule stands in an interval of x at a height; null where none does.</summary>
    public double? Vertical(double x0, double x1, double y)
    {
        (int low, int high) = (0, _vertical.Count);
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_vertical[middle].X >= x0) high = middle;
            else low = middle + 1;
        }
        for (int i = low; i < _vertical.Count && _vertical[i].X <= x1; i++)
        {
            if (y >= _vertical[i].Y0 && y <= _vertical[i].Y1) return _vertical[i].X;
        }
        return null;
    }

    /// <summary>Two rules or more run across a gutter, between two heights.</summary>
    public bool Cross(Gutter gutter, double top, double bottom)
    {
        double last = double.NegativeInfinity;
        int crossing = 0;
        for (int i = FirstAbove(bottom); i < _horizontal.Count && _horizontal[i].Y <= top; i++)
        {
            (double x0, double x1, double y) = _horizontal[i];
            if (x0 > gutter.X0 || x1 < gutter.X1 || y - last < 4) continue;
            last = y;
            if (++crossing >= 2) return true;
        }
        return false;
    }

    /// <summary>The heights, from the top, of the rules between two heights that cover most of an interval of x, alone or
    /// together.</summary>
    public List<double> Between(double top, double bottom, double x0, double x1)
    {
        List<double> heights = [];
        double covered = 0, at = double.NegativeInfinity;
        for (int i = FirstAbove(bottom); i <= _horizontal.Count; i++)
        {
            bool end = i == _horizontal.Count || _horizontal[i].Y > top;
            if (end || _horizontal[i].Y - at > 2)
            {
                if (covered >= 0.6 * (x1 - x0)) heights.Add(at);
                if (end) break;
                (covered, at) = (0, _horizontal[i].Y);
            }
            covered += Math.Max(0, Math.Min(x1, _horizontal[i].X1) - Math.Max(x0, _horizontal[i].X0));
        }
        heights.Reverse();
        return heights;
    }

    private int FirstAbove(double y)
    {
        (int low, int high) = (0, _horizontal.Count);
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_horizontal[middle].Y >= y) high = middle;
            else low = middle + 1;
        }
        return low;
    }
}
