using System;
using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Documents.Pdf;

/// <summary>Words that are set with space between their letters (S P A C E D) are one word again.</summary>
/// <remarks>
/// A run is four single letters or more whose gaps are alike (within 0.06 em of the first) and narrower than those around the run. Gaps of
/// a space's width may be spaces, so there the letters must not be an alphabet (A B C D, as indexes have it); where spaces were drawn, five
/// letters are asked for.
/// </remarks>
internal static class LetterSpacing
{
    private const double Alike = 0.06, Widest = 0.8;

    /// <param name="pieces">Those from <paramref name="first"/> on are one baseline, from left to right.</param>
    /// <param name="first">Where the baseline begins.</param>
    public static void Join(List<Piece> pieces, int first)
    {
        // Beside a word that is spaced, shorter ones of the same spacing are spaced too.
        if (Join(pieces, first, null) is { } spacing) Join(pieces, first, spacing);
    }

    private static double? Join(List<Piece> pieces, int first, double? known)
    {
        double? spacing = null;
        for (int start = first; start < pieces.Count; start++)
        {
            if (!IsLetter(pieces[start])) continue;
            int end = start + 1;
            double gap = 0;
            for (; end < pieces.Count && IsLetter(pieces[end]); end++)
            {
                double next = Gap(pieces, end);
                if (end == start + 1) gap = next;
                if (next > Widest || Math.Abs(next - gap) > Alike) break;
            }
            int letters = end - start;
            bool drawn = pieces.Skip(start + 1).Take(letters - 1).Any(static piece => piece.SpaceDrawn);
            if (letters >= (known is not null ? 2 : drawn ? 5 : 4) && (known is null || Math.Abs(gap - known.Value) <= Alike)
                && !IsAlphabet(pieces, start, end) && IsWider(pieces, first, start, gap) && IsWider(pieces, first, end, gap))
            {
                Piece word = pieces[start];
                word.Text = string.Concat(pieces.Skip(start).Take(letters).Select(static piece => piece.Text));
                for (int i = start + 1; i < end; i++) word.Parts.AddRange(pieces[i].Parts);
                word.X1 = pieces[end - 1].X1;
                word.Glyphs = letters;
                spacing = gap;
                pieces.RemoveRange(start + 1, letters - 1);
            }
            else
            {
                start = Math.Max(start, end - 2);
            }
        }
        return spacing;
    }

    private static bool IsLetter(Piece piece) => piece.Glyphs == 1 && char.IsLetter(piece.Text[0])
        && !CharacterForms.IsWithoutSpaces(piece.Text);

    private static double Gap(List<Piece> pieces, int at) => (pieces[at].X0 - pieces[at - 1].X1) / Math
        .Max(pieces[at].Em, pieces[at - 1].Em);

    private static bool IsWider(List<Piece> pieces, int first, int at, double gap) => at <= first || at >= pieces.Count
        || Gap(pieces, at) > gap + 0.03;

    private static bool IsAlphabet(List<Piece> pieces, int start, int end)
    {
        int steps = 0;
        for (int i = start + 1; i < end; i++) steps += pieces[i].Text[0] - pieces[i - 1].Text[0] is 1 or 2 ? 1 : 0;
        return steps * 2 >= end - start - 1;
    }
}
