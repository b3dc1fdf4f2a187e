using System;
using System.Collections.Generic;

namespace AhnSharp.Documents.Pdf;

/// <summary>Superscripts and subscripts are put on the line of the word that they touch: km², H₂O, the mark of a footnote.</summary>
/// <remarks>
/// A script is smaller than its word (at most 0.9 of its size), stands at most 0.8 em above or 0.5 em below its baseline (em of the word),
/// and touches it: at most 0.25 em between them, on either side, and at most 0.5 em into it, but for a raised letter or two within it
/// (LaTeX's A). It reads as plain characters in the line ("km2"), as other tools copy it. Pieces lie sorted by baseline, so each script
/// looks at the baselines around its own, 64 at most.
/// </remarks>
internal static class Scripts
{
    private const double Smaller = 0.9, Above = 0.8, Below = 0.5, Touch = 0.25, Into = 0.5;
    private const int Baselines = 64;

    /// <param name="pieces">By baseline from the top, on each from left to right.</param>
    public static void Attach(List<Piece> pieces)
    {
        List<(int Start, int End)> rows = [];
        double largest = 0;
        for (int start = 0, i = 1; i <= pieces.Count; i++)
        {
            largest = Math.Max(largest, pieces[i - 1].Em);
            if (i < pieces.Count && pieces[i].Y == pieces[start].Y) continue;
            rows.Add((start, i));
            start = i;
        }
        List<Piece> split = [];
        for (int row = 0; row < rows.Count; row++)
        {
            for (int i = rows[row].Start; i < rows[row].End; i++)
            {
                if (pieces[i].Em > Smaller * largest) continue;
                Piece? before = i > rows[row].Start ? pieces[i - 1] : null;
                // The further words of a script of several.
                if (before is { IsScript: true } && before.Em == pieces[i].Em
                    && pieces[i].X0 - before.X1 <= 0.5 * before.Em) pieces[i].LineY = before.LineY;
                else if (Base(pieces, rows, row, pieces[i]) is { } word)
                {
                    pieces[i].LineY = word.Y;
                    // The raised A of LaTeX stands within the word: L, A, T.
                    if (pieces[i].X0 > word.X0 && (pieces[i].X0 + pieces[i].X1) / 2 < word.X1
                        && word.SplitAt((pieces[i].X0 + pieces[i].X1) / 2) is { } rest) split.Add(rest);
                }
            }
        }
        pieces.AddRange(split);
    }

    // The touching word whose baseline is nearest.
    private static Piece? Base(List<Piece> pieces, List<(int Start, int End)> rows, int row, Piece script)
    {
        Piece? best = null;
        for (int side = -1; side <= 1; side += 2)
        {
            for (int at = row + side, looked = 0; at >= 0 && at < rows.Count && looked < Baselines; at += side, looked++)
            {
                double rise = script.Y - pieces[rows[at].Start].Y;
                if (Math.Abs(rise) > script.Em / 0.4) break;
                // The first piece that starts right of the script's start, and the one before it, are all that can touch it, and one after
                // for wide scripts.
                int next = FirstAfter(pieces, rows[at], script.X0);
                for (int i = Math.Max(rows[at].Start, next - 1); i < rows[at].End && i <= next + 1; i++)
                {
                    Piece word = pieces[i];
                    double gap = Math.Max(script.X0 - word.X1, word.X0 - script.X1) / word.Em, up = rise / word.Em;
                    bool inside = script.Glyphs <= 2 && script.X0 > word.X0 && script.X1 < word.X1 && Math.Abs(up) <= Into;
                    if (script.Em <= Smaller * word.Em && gap <= Touch && (gap >= -Into || inside) && up <= Above && up >= -Below
                        && (best is null || Math.Abs(script.Y - best.Y) > Math.Abs(rise))) best = word;
                }
            }
        }
        return best;
    }

    private static int FirstAfter(List<Piece> pieces, (int Start, int End) row, double x)
    {
        (int low, int high) = row;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (pieces[middle].X0 > x) high = middle;
            else low = middle + 1;
        }
        return low;
    }
}
