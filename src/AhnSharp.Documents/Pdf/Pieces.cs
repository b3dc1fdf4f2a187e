using System;
using System.Collections.Generic;

namespace AhnSharp.Documents.Pdf;

/// <summary>Glyphs → pieces: baselines first, then the gaps between neighbours on one.</summary>
/// <remarks>
/// A gap is what lies between the advance of one glyph and the start of the next. It parts words from 0.1 em on: TeX shrinks its spaces to
/// 0.17 em, kerning within words stays below 0.06. Where the file has drawn a space, 0.03 em are enough (negative word spacing narrows it).
/// Scripts without spaces need 0.5 em, or a drawn space of 0.2. Sorting is all the work: n log n.
/// </remarks>
internal static class Pieces
{
    private const double WordGap = 0.1, DrawnSpaceGap = 0.03, WideScriptGap = 0.5, WideScriptSpaceGap = 0.2, SameBaseline = 0.04;

    public static List<Piece> Of(List<Glyph> glyphs)
    {
        glyphs.Sort(static (a, b) => a.Y != b.Y ? b.Y.CompareTo(a.Y) : a.Order.CompareTo(b.Order));
        List<Piece> pieces = [];
        for (int start = 0; start < glyphs.Count;)
        {
            int end = start + 1;
            while (end < glyphs.Count && glyphs[start].Y - glyphs[end].Y <= SameBaseline * glyphs[end].Em) end++;
            glyphs.Sort(start, end - start, s_leftToRight);
            int first = pieces.Count;
            Cut(glyphs, start, end, pieces);
            LetterSpacing.Join(pieces, first);
            start = end;
        }
        return pieces;
    }

    private static readonly Comparer<Glyph> s_leftToRight =
        Comparer<Glyph>.Create(static (a, b) => a.X0 != b.X0 ? a.X0.CompareTo(b.X0) : a.Order.CompareTo(b.Order));

    private static void Cut(List<Glyph> glyphs, int start, int end, List<Piece> pieces)
    {
        Piece? open = null;
        bool space = false;
        System.Text.StringBuilder text = new();
        Glyph last = default;
        for (int i = start; i < end; i++)
        {
            Glyph glyph = glyphs[i];
            if (glyph.IsSpace)
            {
                space = true;
                continue;
            }
            if (open is null || Parts(last, glyph, open.X1, space))
            {
                if (open is not null) open.Text = text.ToString();
                text.Clear();
                open = new Piece
                {
                    Text = "",
                    X0 = glyph.X0,
                    X1 = glyph.X1,
                    Y = glyphs[start].Y,
                    LineY = glyphs[start].Y,
                    Em = glyph.Em,
                    Mono = glyph.Mono,
                    Order = glyph.Order,
                    SpaceDrawn = space
                };
                pieces.Add(open);
            }
            text.Append(glyph.Text);
            open.Parts.Add((glyph.X0, glyph.X1, glyph.Text));
            open.X1 = Math.Max(open.X1, glyph.X1);
            open.Em = Math.Max(open.Em, glyph.Em);
            open.Glyphs++;
            (last, space) = (glyph, false);
        }
        if (open is not null) open.Text = text.ToString();
    }

    private static bool Parts(in Glyph before, in Glyph after, double edge, bool space)
    {
        double em = Math.Min(before.Em, after.Em), gap = (after.X0 - edge) / em;
        bool wide = CharacterForms.IsWithoutSpaces(before.Text) && CharacterForms.IsWithoutSpaces(after.Text);
        return wide ? gap >= (space ? WideScriptSpaceGap : WideScriptGap) : gap >= (space ? DrawnSpaceGap : WordGap);
    }
}
