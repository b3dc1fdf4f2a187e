using System;
using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Documents.Pdf;

/// <summary>Finds the tables of a region: rows that a gutter of 0.8 em or more, or a vertical rule, parts into cells.</summary>
/// <remarks>
/// Half of the rows of the sparser side have something on the other: columns of text beside each other mostly have not. Two rows with three
/// cells, or three with two, are the least. Bullets and numbers before the items of a list are no column, and a listing in a font of one
/// width keeps its own spacing; a table of contents has dots and reads as lines. The gutter with most filled rows makes the table; others
/// that run along most of it part its further columns.
/// </remarks>
internal static class Tables
{
    private const double NarrowestGutter = 0.8, WideGutter = 1.5, LeastFilled = 0.35, WidestRow = 3.5;
    private const int Tried = 40;

    public static List<Table> Of(List<Row> rows, double em, Rules rules)
    {
        List<Table> tables = [];
        for (int start = 0, end = 1; start < rows.Count; start = end++)
        {
            while (end < rows.Count && rows[end - 1].Y - rows[end].Y <= WidestRow * em) end++;
            foreach (Table table in OfRun(rows[start..end], em, rules)) tables.Add(table with
            {
                First = table.First + start,
                End = table.End + start
            });
        }
        return tables;
    }

    // Rows without a gap between them of more than three lines.
    private static List<Table> OfRun(List<Row> rows, double em, Rules rules)
    {
        List<Table> tables = [];
        List<Gutter> gutters = [.. Gutters.Of(rows, NarrowestGutter * em, 2, rules)
            .Where(static gutter => gutter.Both >= 2 && gutter.Both * 2 >= Math.Min(gutter.Left, gutter.Right))];
        foreach (Gutter gutter in gutters.OrderByDescending(static gutter => gutter.Both).ThenByDescending(static gutter => gutter.Width)
            .Take(Tried))
        {
            (int first, int end) = Trimmed(rows, gutter);
            if (tables.Exists(table => table.First < end && first < table.End)) continue;
            List<Gutter> beside = [gutter];
            foreach (Gutter other in gutters.OrderByDescending(static other => other.Both))
            {
                int common = Math.Min(end, other.End) - Math.Max(first, other.First);
                if (common >= 0.7 * (end - first) && beside.TrueForAll(one => other.X1 <= one.X0 || other.X0 >= one.X1)) beside.Add(other);
            }
            foreach (Gutter other in beside) (first, end) = (Math.Max(first, other.First), Math.Min(end, other.End));
            beside.Sort(static (a, b) => a.X0.CompareTo(b.X0));
            beside.RemoveAll(one => IsLabels(rows, first, end, one.X0));
            if (beside.Count == 0 || !IsTable(rows, first, end, beside, em)) continue;
            tables.Add(new Table(first, end, [.. beside.Select(static one => (one.X0 + one.X1) / 2)]));
        }
        tables.Sort(static (a, b) => a.First.CompareTo(b.First));
        return tables;
    }

    // A table begins and ends with rows that have something on either side; single ones between them are its empty cells.
    private static (int First, int End) Trimmed(List<Row> rows, Gutter gutter)
    {
        (int first, int end) = (gutter.First, gutter.End);
        while (first < end && !HasBoth(rows[first], gutter)) first++;
        int last = end;
        while (last > first && !HasBoth(rows[last - 1], gutter)) last--;
        // The last row's cells go on in lines that stand close under it.
        while (last > first && last < end && rows[last - 1].Y - rows[last].Y <= 1.35 * rows[last].Em) last++;
        return (first, last);
    }

    private static bool HasBoth(Row row, Gutter gutter) => row.X0 < gutter.X0 && row.X1 > gutter.X1;

    private static bool IsTable(List<Row> rows, int first, int end, List<Gutter> gutters, double em)
    {
        int filled = 0, listing = 0, leaders = 0, cells = 0;
        for (int i = first; i < end; i++)
        {
            if (gutters.TrueForAll(gutter => HasBoth(rows[i], gutter))) filled++;
            cells += rows[i].Pieces.Select(piece => gutters.Count(gutter => gutter.X1 <= piece.X0 + 1)).Distinct().Count();
            if (rows[i].IsMono) listing++;
            if (LineText.HasLeaders(rows[i].Pieces)) leaders++;
        }
        // The words of a drawing (a map, a circuit) have gutters between them, and hardly a cell of them is filled.
        if (cells < LeastFilled * (gutters.Count + 1) * (end - first)) return false;
        // Two justified lines may have wide spaces over each other by chance.
        if (filled < 3 && gutters.Exists(gutter => gutter.Width < WideGutter * em)) return false;
        return filled >= (gutters.Count >= 2 ? 2 : 3) && listing * 2 < end - first && leaders * 4 < end - first;
    }

    // Everything left of x is a bullet or the number of an item: "•", "–", "3.", "(a)", "iv)", "1.2".
    private static bool IsLabels(List<Row> rows, int first, int end, double x)
    {
        for (int i = first; i < end; i++)
        {
            string label = string.Concat(rows[i].Pieces.Where(piece => piece.X0 < x).Select(static piece => piece.Text));
            if (label.Length == 0) continue;
            if (label.Length > 8) return false;
            bool bullet = label.Length == 1 && !char.IsLetterOrDigit(label[0]);
            bool number = label.TrimEnd('.', ')', ':', ']') is var bare && bare.Length < label.Length && bare.TrimStart('(', '[')
                .All(static c => char.IsLetterOrDigit(c) || c == '.');
            bool section = label.All(static c => char.IsAsciiDigit(c) || c == '.') && label.Contains('.', StringComparison.Ordinal);
            if (!bullet && !number && !section) return false;
        }
        return true;
    }
}
