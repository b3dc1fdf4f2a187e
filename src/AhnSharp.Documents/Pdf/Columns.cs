using System;
using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Documents.Pdf;

/// <summary>Rows of a page → regions in reading order: what stands over columns, each column, what stands under them.</summary>
/// <remarks>
/// Columns of text lie on both sides of a gutter of 0.7 em or more over three rows or more, and read like text: their lines are 7 em of
/// writing long on average and fill half of the column's width (a third of it over twenty rows). The cells of a table do not; where they
/// do, rules across the gutter tell. The columns of an index may be shorter: 3 em over six rows or more, half of their lines ending in a
/// number; so may columns whose lines mostly stand on other baselines than their neighbours'. Each region is cut again, 8 deep at most.
/// </remarks>
internal static class Columns
{
    private const double NarrowestGutter = 0.7, TextLength = 7, TextFill = 0.5, TallFill = 0.33, ListLength = 3;
    private const int LeastRows = 3, ListRows = 6, TallRows = 20, Deepest = 8, Tried = 12;

    public static List<List<Row>> Of(List<Row> rows, Rules rules)
    {
        List<List<Row>> regions = [];
        Cut(rows, rules, 0, regions);
        return regions;
    }

    private static void Cut(List<Row> rows, Rules rules, int depth, List<List<Row>> regions)
    {
        if (rows.Count == 0) return;
        if (depth >= Deepest || Cut(rows, rules) is not { } cut)
        {
            regions.Add(rows);
            return;
        }
        Cut(rows[..cut.First], rules, depth + 1, regions);
        List<double> edges = [double.NegativeInfinity, .. cut.Edges, double.PositiveInfinity];
        for (int i = 0; i + 1 < edges.Count; i++)
        {
            // Columns of right-to-left text are read from the right.
            int column = cut.RightToLeft ? edges.Count - 2 - i : i;
            List<Row> inside = [];
            for (int r = cut.First; r < cut.End; r++)
            {
                if (rows[r].Between(edges[column], edges[column + 1]) is { } part) inside.Add(part);
            }
            // The lines of a column stand on its own baselines, not on those of the rows over the whole width.
            Cut(Rows.Of(inside.SelectMany(static row => row.Pieces)), rules, depth + 1, regions);
        }
        Cut(rows[cut.End..], rules, depth + 1, regions);
    }

    private static (int First, int End, List<double> Edges, bool RightToLeft)? Cut(List<Row> rows, Rules rules)
    {
        double em = MedianEm(rows);
        List<Gutter> gutters = Gutters.Of(rows, NarrowestGutter * em, LeastRows, rules);
        foreach (Gutter gutter in gutters.OrderByDescending(static gutter => gutter.Rows).ThenByDescending(static gutter => gutter.Width)
            .Take(Tried))
        {
            List<Gutter> group = Beside(gutter, gutters);
            int first = group.Max(static beside => beside.First), end = group.Min(static beside => beside.End);
            while (group.Count > 0)
            {
                int weakest = Weakest(rows, first, end, group, em);
                if (weakest < 0 && rules.Cross(group[0], rows[first].Y + em, rows[end - 1].Y - em)) break;
                if (weakest < 0) return Trimmed(rows, first, end, group, em);
                // It goes to the neighbour that it is closer to.
                group.RemoveAt(weakest == 0 ? 0 : weakest == group.Count || group[weakest - 1].Width < group[weakest].Width ? weakest - 1
                    : weakest);
            }
        }
        return null;
    }

    private static List<Gutter> Beside(Gutter gutter, List<Gutter> gutters)
    {
        List<Gutter> group = [gutter];
        foreach (Gutter other in gutters.OrderByDescending(static other => other.Width))
        {
            int common = Math.Min(gutter.End, other.End) - Math.Max(gutter.First, other.First);
            if (common >= 0.8 * gutter.Rows && group.TrueForAll(beside => other.X1 <= beside.X0 || other.X0 >= beside.X1)) group.Add(other);
        }
        group.Sort(static (a, b) => a.X0.CompareTo(b.X0));
        return group;
    }

    // The column that reads least like text; −1 where all do.
    private static int Weakest(List<Row> rows, int first, int end, List<Gutter> group, double em)
    {
        int columns = group.Count + 1;
        double[] length = new double[columns], left = [.. Enumerable.Repeat(double.MaxValue, columns)],
            right = [.. Enumerable.Repeat(double.MinValue, columns)];
        int[] lines = new int[columns], entries = new int[columns], shared = new int[columns];
        for (int r = first; r < end; r++)
        {
            int last = -1;
            Piece? before = null;
            foreach (Piece piece in rows[r].Pieces)
            {
                int column = 0;
                while (column < group.Count && (piece.X0 + piece.X1) / 2 > group[column].X0) column++;
                if (column != last)
                {
                    lines[column]++;
                    if (last >= 0 && IsEnd(before!)) entries[last]++;
                    if (last == column - 1 && last >= 0) shared[last]++;
                }
                (last, before) = (column, piece);
                length[column] += Math.Min(piece.X1 - piece.X0, 60 * em);
                left[column] = Math.Min(left[column], piece.X0);
                right[column] = Math.Max(right[column], piece.X1);
            }
            if (last >= 0 && IsEnd(before!)) entries[last]++;
        }
        if (Enumerable.Range(0, columns)
            .All(i => lines[i] >= ListRows && length[i] / lines[i] >= ListLength * em && entries[i] * 2 >= lines[i])) return -1;
        int weakest = -1;
        double least = double.MaxValue;
        for (int i = 0; i < columns; i++)
        {
            double average = lines[i] == 0 ? 0 : length[i] / lines[i];
            bool text = lines[i] >= LeastRows && average >= TextLength * em
                && average >= (lines[i] >= TallRows ? TallFill : TextFill) * (right[i] - left[i]);
            // Lines of neighbours that stand on other baselines are no rows of a table, however short.
            text |= lines[i] >= ListRows && average >= ListLength * em && ((i > 0 && IsApart(i - 1)) || (i + 1 < columns && IsApart(i)));
            if (!text && average < least) (weakest, least) = (i, average);
        }
        return weakest;

        bool IsApart(int i) => Math.Min(lines[i], lines[i + 1]) >= ListRows && shared[i] * 3 <= Math.Min(lines[i], lines[i + 1]);
    }

    // An entry of an index ends in the number of a page; its number alone is no entry, but a cell.
    private static bool IsEnd(Piece piece) => char.IsAsciiDigit(piece.Text[^1]);

    // Rows close above that lie within the columns are theirs: the columns' first lines need not stand on one baseline. A first column that
    // goes on under the others is theirs only as far as it goes on without a gap.
    private static (int First, int End, List<double> Edges, bool RightToLeft) Trimmed(List<Row> rows, int first, int end,
        List<Gutter> group, double em)
    {
        while (first > 0 && rows[first - 1].Y - rows[first].Y <= 1.8 * em
            && rows[first - 1].Pieces.TrueForAll(piece =>
            group.TrueForAll(gutter => piece.X1 <= gutter.X0 || piece.X0 >= gutter.X1))) first--;
        int last = end;
        while (last > first + 1 && rows[last - 1].X1 < group[0].X1) last--;
        while (last < end && rows[last - 1].Y - rows[last].Y <= 1.8 * em) last++;
        int rightToLeft = 0;
        for (int r = first; r < last; r++) rightToLeft += rows[r].Pieces
            .Sum(static piece => VisualOrder.IsRightToLeft(piece.Text) ? 1 : -1);
        return (first, last, [.. group.Select(static gutter => (gutter.X0 + gutter.X1) / 2)], rightToLeft > 0);
    }

    /// <summary>The size that most of the glyphs have at least half of: the median.</summary>
    public static double MedianEm(List<Row> rows)
    {
        List<(double Em, int Glyphs)> sizes = [.. rows.SelectMany(static row => row.Pieces)
            .Select(static piece => (piece.Em, piece.Glyphs)).OrderBy(static size => size.Em)];
        long half = sizes.Sum(static size => (long)size.Glyphs) / 2, seen = 0;
        foreach ((double em, int glyphs) in sizes)
        {
            seen += glyphs;
            if (seen >= half) return em;
        }
        return 1;
    }
}
