using System;
using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Documents.Pdf;

/// <summary>Rows of a region with gutters between their cells.</summary>
/// <param name="First">The first row, an index into the region.</param>
/// <param name="End">One past the last row.</param>
/// <param name="Edges">The middles of the gutters, in points, from the left.</param>
internal sealed record Table(int First, int End, IReadOnlyList<double> Edges)
{
    /// <summary>A line for each row of the table, its cells with " | " between them. An empty cell is there: "Total |  | 26.00".</summary>
    public IEnumerable<TextLine> Lines(List<Row> rows, Rules rules, double usual)
    {
        List<double> ruled = RuledRows(rows, rules);
        List<string>? open = null;
        int last = First;
        double y = 0;
        for (int i = First; i < End; i++)
        {
            List<string> cells = Cells(rows[i]);
            bool goesOn = open is not null && (ruled.Count > 0
                ? !ruled.Exists(rule => rule < rows[i - 1].Y && rule > rows[i].Y)
                : GoesOn(rows, i, cells, open, usual));
            if (open is not null && !goesOn) yield return Line(open, rows[last], y);
            if (!goesOn) (open, last, y) = (cells, i, rows[i].Y);
            else open = [.. open!.Zip(cells, Joined)];
        }
        if (open is not null) yield return Line(open, rows[last], y);
    }

    private List<string> Cells(Row row)
    {
        List<List<Piece>> cells = [.. Enumerable.Range(0, Edges.Count + 1).Select(static _ => new List<Piece>())];
        foreach (Piece piece in row.Pieces)
        {
            int cell = 0;
            while (cell < Edges.Count && (piece.X0 + piece.X1) / 2 > Edges[cell]) cell++;
            cells[cell].Add(piece);
        }
        return [.. cells.Select(static cell => LineText.Of(cell))];
    }

    // Rules under most rows are the rows' own borders; the three of a table that is ruled at its head and ends only are not.
    private List<double> RuledRows(List<Row> rows, Rules rules)
    {
        List<double> heights = rules.Between(rows[First].Y, rows[End - 1].Y, rows.Skip(First).Take(End - First)
            .Min(static row => row.X0), rows.Skip(First).Take(End - First).Max(static row => row.X1));
        return heights.Count >= 2 && (End - First) <= 8 * (heights.Count + 1) ? heights : [];
    }

    // Without rules a line goes on with the row above where it stands close under it and has nothing in the first column, but in columns
    // that the row above has filled; and not only in columns of numbers, which don't wrap.
    private static bool GoesOn(List<Row> rows, int at, List<string> cells, List<string> open, double usual)
    {
        if (cells[0].Length > 0 || rows[at - 1].Y - rows[at].Y > 1.1 * usual) return false;
        bool text = false;
        for (int i = 1; i < cells.Count; i++)
        {
            if (cells[i].Length == 0) continue;
            if (open[i].Length == 0 || IsNumber(cells[i])) return false;
            text |= cells[i].Any(char.IsLetter);
        }
        return text && cells.Count(static cell => cell.Length > 0) < cells.Count - 1 + (cells.Count == 2 ? 1 : 0);
    }

    private static bool IsNumber(string cell) => cell.Any(char.IsDigit) && cell.Count(char.IsLetter) <= 3;

    private static string Joined(string above, string below) =>
        above.Length == 0 ? below : below.Length == 0 ? above : Hyphens.IsHyphenated(above, below) ? above + Hyphens.CellBreak + below
            : $"{above} {below}";

    private static TextLine Line(List<string> cells, Row row, double y) =>
        new() { Text = string.Join(" | ", cells).Trim(), Y = y, Em = row.Em, IsVerbatim = true };
}
