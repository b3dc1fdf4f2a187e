using System;
using System.Collections.Generic;
using System.Text;

namespace AhnSharp.Documents.Pdf;

/// <summary>The pieces of a row → its text.</summary>
internal static class LineText
{
    // Pieces of one baseline were parted by their gap. A script ends its word where less than 0.18 em lie between them; what follows a
    // script is a
    // word of its own from 0.12 em on.
    private const double BeforeScript = 0.18, AfterScript = 0.12;

    /// <summary>Words with one space between them, in reading order.</summary>
    public static string Of(IReadOnlyList<Piece> pieces)
    {
        StringBuilder text = new();
        Piece? before = null;
        foreach (Piece piece in pieces)
        {
            if (before is not null && IsApart(before, piece, before == pieces[0])) text.Append(' ');
            text.Append(piece.Text);
            before = piece;
        }
        return VisualOrder.ToReading(WithoutLeaders(text.ToString()));
    }

    private static bool IsApart(Piece before, Piece piece, bool first)
    {
        if (piece.Y == before.Y && !piece.IsSplit) return true;
        // The mark before a footnote is no part of its first word; a large initial is.
        if (first && !piece.IsScript && before.Y > piece.Y && before.Em < 0.9 * piece.Em) return true;
        return piece.X0 - before.X1 > (piece.IsScript ? BeforeScript : AfterScript) * Math.Max(piece.Em, before.Em);
    }

    /// <summary>Dots lead from a title to its page: four or more, in one piece or each its own.</summary>
    public static bool HasLeaders(IReadOnlyList<Piece> pieces)
    {
        int dots = 0;
        foreach (Piece piece in pieces)
        {
            int own = piece.Text.Length - piece.Text.TrimEnd('.').Length;
            dots = own == piece.Text.Length ? dots + own : own;
            if (dots >= 4) return true;
        }
        return false;
    }

    /// <summary>A line of a listing: each gap as many spaces as its characters would fill.</summary>
    /// <param name="row">Its pieces.</param>
    /// <param name="left">Where the listing's first column stands.</param>
    /// <param name="cell">The advance of its characters, in points.</param>
    public static string OfListing(Row row, double left, double cell)
    {
        StringBuilder text = new();
        double edge = left;
        foreach (Piece piece in row.Pieces)
        {
            int gap = (int)Math.Round(Math.Min((piece.X0 - edge) / cell, 200));
            bool apart = text.Length > 0 && piece.Y == row.Pieces[0].Y;
            text.Append(' ', Math.Max(gap, apart ? 1 : 0)).Append(piece.Text);
            edge = piece.X1;
        }
        return text.ToString().TrimEnd();
    }

    // "Scope . . . . . . . 12" of a table of contents: four dots or more become three, the page stays.
    private static string WithoutLeaders(string line)
    {
        int end = line.Length, start, dots;
        while (end > 0 && line[end - 1] != '.') end--;
        if (line.Length - end > 12) return line;
        for (start = end, dots = 0; start > 0 && line[start - 1] is '.' or ' '; start--) dots += line[start - 1] == '.' ? 1 : 0;
        return dots < 4 ? line : $"{line[..start]} ... {line[end..].TrimStart()}".Trim();
    }
}
