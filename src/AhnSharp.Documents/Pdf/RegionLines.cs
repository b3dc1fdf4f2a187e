using System;
using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Documents.Pdf;

/// <summary>The rows of a region → lines in blocks: tables, listings, and paragraphs that end where the distance to the next line
/// grows.</summary>
internal static class RegionLines
{
    // The distance between baselines within a paragraph is the region's usual one; 1.25 times that is a new block. 1.25 times the size
    // tells a heading.
    private const double BlockGap = 1.25, OtherSize = 1.15;

    public static void Append(List<Row> rows, Rules rules, List<TextLine> lines)
    {
        double em = Columns.MedianEm(rows), usual = UsualDistance(rows);
        List<Table> tables = Tables.Of(rows, em, rules);
        int table = 0;
        bool opens = true;
        for (int i = 0; i < rows.Count;)
        {
            if (table < tables.Count && tables[table].First == i)
            {
                Add(tables[table].Lines(rows, rules, usual));
                i = tables[table++].End;
                opens = true;
                continue;
            }
            int limit = table < tables.Count ? tables[table].First : rows.Count, end = i + 1;
            while (end < limit && rows[end].IsMono == rows[i].IsMono) end++;
            if (i > 0) opens |= IsApart(rows, i, usual);
            Add(rows[i].IsMono ? Listing(rows, i, end, usual) : Paragraphs(rows, i, end, usual));
            opens = false;
            i = end;
        }

        void Add(IEnumerable<TextLine> block)
        {
            foreach (TextLine line in block)
            {
                line.StartsBlock |= opens;
                opens = false;
                if (line.Text.Length > 0) lines.Add(line);
            }
        }
    }

    private static IEnumerable<TextLine> Paragraphs(List<Row> rows, int start, int end, double usual)
    {
        for (int i = start; i < end; i++)
        {
            bool apart = i > start && IsApart(rows, i, usual);
            yield return new TextLine { Text = LineText.Of(rows[i].Pieces), Y = rows[i].Y, Em = rows[i].Em, StartsBlock = apart };
        }
    }

    private static IEnumerable<TextLine> Listing(List<Row> rows, int start, int end, double usual)
    {
        double left = rows.Skip(start).Take(end - start).Min(static row => row.X0);
        (double width, int glyphs) = (0, 0);
        foreach (Piece piece in rows.Skip(start).Take(end - start).SelectMany(static row => row.Pieces).Where(static piece => piece.Mono))
        {
            width += piece.X1 - piece.X0;
            glyphs += piece.Glyphs;
        }
        double cell = glyphs > 0 && width > 0 ? width / glyphs : rows[start].Em / 2;
        for (int i = start; i < end; i++)
        {
            yield return new TextLine
            {
                Text = LineText.OfListing(rows[i], left, cell),
                Y = rows[i].Y,
                Em = rows[i].Em,
                StartsBlock = i > start && IsApart(rows, i, usual),
                IsVerbatim = true
            };
        }
    }

    private static bool IsApart(List<Row> rows, int at, double usual)
    {
        double distance = rows[at - 1].Y - rows[at].Y, size = rows[at].Em / rows[at - 1].Em;
        return distance > BlockGap * usual || size > OtherSize || size < 1 / OtherSize;
    }

    /// <summary>The median distance of neighbouring baselines, in points; distances of more than two lines are no evidence.</summary>
    private static double UsualDistance(List<Row> rows)
    {
        List<double> distances = [];
        for (int i = 1; i < rows.Count; i++)
        {
            double distance = rows[i - 1].Y - rows[i].Y;
            if (distance <= 2.2 * Math.Max(rows[i].Em, rows[i - 1].Em)) distances.Add(distance);
        }
        if (distances.Count == 0) return rows.Count == 0 ? 0 : 1.3 * rows[0].Em;
        distances.Sort();
        return distances[distances.Count / 2];
    }
}
