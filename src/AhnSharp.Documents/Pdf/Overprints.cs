using System;
using System.Collections.Generic;

namespace AhnSharp.Documents.Pdf;

/// <summary>Text that is drawn twice, a little apart, to look bold or to cast a shadow, is read once.</summary>
internal static class Overprints
{
    // Bold by a second stroke is some 0.03 em off, a shadow up to 0.1; the narrowest doubled letters (ll, ii) are 0.22 em apart.
    private const double Apart = 0.12;

    /// <summary>Takes out each glyph that repeats one of the same text and size closer than 0.12 em. Cells of a grid make it one look-up of
    /// nine.</summary>
    public static void Remove(List<Glyph> glyphs)
    {
        Dictionary<(string Text, long X, long Y), int> cells = [];
        int kept = 0;
        for (int i = 0; i < glyphs.Count; i++)
        {
            Glyph glyph = glyphs[i];
            double cell = Apart * glyph.Em;
            long x = (long)Math.Floor(glyph.X0 / cell), y = (long)Math.Floor(glyph.Y / cell);
            if (!glyph.IsSpace && IsThere(x, y, glyph)) continue;
            cells[(glyph.Text, x, y)] = kept;
            glyphs[kept++] = glyph;
        }
        glyphs.RemoveRange(kept, glyphs.Count - kept);

        bool IsThere(long x, long y, in Glyph glyph)
        {
            for (long dy = -1; dy <= 1; dy++)
            {
                for (long dx = -1; dx <= 1; dx++)
                {
                    if (!cells.TryGetValue((glyph.Text, x + dx, y + dy), out int at)) continue;
                    Glyph other = glyphs[at];
                    if (Math.Abs(other.X0 - glyph.X0) < Apart * glyph.Em && Math.Abs(other.Y - glyph.Y) < Apart * glyph.Em
                        && Math.Abs(other.Em - glyph.Em) < 0.05 * glyph.Em) return true;
                }
            }
            return false;
        }
    }
}
