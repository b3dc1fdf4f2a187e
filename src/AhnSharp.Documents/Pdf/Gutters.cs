using System;
using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Documents.Pdf;

/// <summary>A stripe without writing that runs down over neighbouring rows, with writing on both sides of it.</summary>
/// <param name="X0">Its left edge, in points.</param>
/// <param name="X1">Its right edge.</param>
/// <param name="First">The first row, an index.</param>
/// <param name="End">One past the last row.</param>
/// <param name="Left">Rows with writing left of it.</param>
/// <param name="Right">Rows with writing right of it.</param>
/// <param name="Both">Rows with writing on both sides.</param>
internal readonly record struct Gutter(double X0, double X1, int First, int End, int Left, int Right, int Both)
{
    public int Rows => End - First;

    public double Width => X1 - X0;
}

/// <summary>Finds the gutters of rows by one sweep from the top: each row narrows the gutters that are open, ends those that it crosses,
/// and opens one in each of its gaps.</summary>
internal static class Gutters
{
    // Open gutters that are followed at once. A page of eight columns has seven; the bound keeps hostile pages linear.
    private const int Followed = 24;

    /// <param name="rows">From the top down.</param>
    /// <param name="narrowest">The least width, in points.</param>
    /// <param name="least">The fewest rows on either side.</param>
    /// <param name="rules">Of the page.</param>
    public static List<Gutter> Of(List<Row> rows, double narrowest, int least, Rules rules)
    {
        List<Gutter> open = [], next = [], done = [];
        List<(double X0, double X1)> free = [];
        for (int i = 0; i < rows.Count; i++)
        {
            Free(rows[i], narrowest, rules, free);
            next.Clear();
            foreach (Gutter gutter in open)
            {
                if (!Narrow(gutter, rows[i], i, free, narrowest, next) && Qualifies(gutter)) done.Add(gutter);
            }
            (open, next) = (next, open);
            for (int f = 1; f < free.Count - 1 && open.Count < Followed; f++)
            {
                (double x0, double x1) = free[f];
                if (!Has(open, x0, x1)) open.Add(new Gutter(x0, x1, i, i + 1, 1, 1, 1));
            }
        }
        done.AddRange(open.Where(Qualifies));
        return done;

        bool Qualifies(Gutter gutter) => gutter.Left >= least && gutter.Right >= least;
    }

    // The gaps of a row: the one left of it, those of the least width between its pieces, the one right of it. A vertical rule makes any
    // gap as wide as
    // it must be.
    private static void Free(Row row, double narrowest, Rules rules, List<(double X0, double X1)> free)
    {
        free.Clear();
        free.Add((double.NegativeInfinity, row.X0));
        double edge = row.Pieces[0].X1;
        foreach (Piece piece in row.Pieces)
        {
            if (piece.X0 - edge < 2 * narrowest && piece.X0 > edge && rules.Vertical(edge, piece.X0, row.Y) is { } x)
            {
                free.Add((Math.Min(edge, x - (narrowest / 2)), Math.Max(piece.X0, x + (narrowest / 2))));
            }
            else if (piece.X0 - edge >= narrowest)
            {
                free.Add((edge, piece.X0));
            }
            edge = Math.Max(edge, piece.X1);
        }
        free.Add((edge, double.PositiveInfinity));
    }

    // A gutter may go on in several gaps of a row (beside the middle one of three columns there are two). Of equal ones the oldest stays.
    // False where none goes on.
    private static bool Narrow(in Gutter gutter, Row row, int index, List<(double X0, double X1)> free, double narrowest, List<Gutter> next)
    {
        bool goesOn = false;
        foreach ((double x0, double x1) in free)
        {
            double from = Math.Max(x0, gutter.X0), to = Math.Min(x1, gutter.X1);
            if (to - from < narrowest) continue;
            goesOn = true;
            if (next.Count >= Followed || Has(next, from, to)) continue;
            bool left = row.X0 < from, right = free[^1].X0 > to;
            next.Add(new Gutter(from, to, gutter.First, index + 1, gutter.Left + (left ? 1 : 0), gutter.Right + (right ? 1 : 0),
                gutter.Both + (left && right ? 1 : 0)));
        }
        return goesOn;
    }

    private static bool Has(List<Gutter> gutters, double x0, double x1) =>
        gutters.Exists(gutter => Math.Abs(gutter.X0 - x0) < 0.5 && Math.Abs(gutter.X1 - x1) < 0.5);
}
