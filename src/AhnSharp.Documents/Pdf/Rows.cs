using System;
using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Documents.Pdf;

/// <summary>Pieces → rows: baselines closer than 0.3 em are one line of writing (a raised A, a lowered E, another font).</summary>
internal static class Rows
{
    private const double Near = 0.3;

    /// <summary>From the top down. The baseline with most glyphs gathers those around it, so each is looked at a few times: n log
    /// n.</summary>
    public static List<Row> Of(IEnumerable<Piece> pieces)
    {
        Baseline[] baselines = [.. pieces.GroupBy(static piece => piece.LineY).Select(static group => new Baseline(group.Key, [.. group]))
            .OrderByDescending(static line => line.Y)];
        List<Row> rows = [];
        foreach (int center in Enumerable.Range(0, baselines.Length).OrderByDescending(i => baselines[i].Glyphs).ThenBy(static i => i))
        {
            if (baselines[center].Taken) continue;
            Baseline line = baselines[center];
            List<Piece> row = [.. line.Pieces];
            line.Taken = true;
            for (int side = -1; side <= 1; side += 2)
            {
                for (int i = center + side; i >= 0 && i < baselines.Length
                    && Math.Abs(baselines[i].Y - line.Y) <= Near * line.Em; i += side)
                {
                    if (baselines[i].Taken || Math.Abs(baselines[i].Y - line.Y) > Near * Math.Min(baselines[i].Em, line.Em)) continue;
                    row.AddRange(baselines[i].Pieces);
                    baselines[i].Taken = true;
                }
            }
            row.Sort(s_leftToRight);
            rows.Add(new Row(line.Y, row));
        }
        rows.Sort(static (a, b) => b.Y.CompareTo(a.Y));
        return rows;
    }

    // Of two that start at one place, to a point (a subscript under a superscript), the lower one is read first.
    private static readonly Comparer<Piece> s_leftToRight = Comparer<Piece>.Create(static (a, b) =>
        (Math.Round(a.X0), a.Y, a.X0, a.Order).CompareTo((Math.Round(b.X0), b.Y, b.X0, b.Order)));

    private sealed class Baseline(double y, List<Piece> pieces)
    {
        public double Y { get; } = y;

        public List<Piece> Pieces { get; } = pieces;

        public double Em { get; } = pieces.Max(static piece => piece.Em);

        public int Glyphs { get; } = pieces.Sum(static piece => piece.IsScript ? 0 : piece.Glyphs);

        public bool Taken { get; set; }
    }
}
