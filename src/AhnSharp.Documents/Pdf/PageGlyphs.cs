using System;
using System.Collections.Generic;
using System.Linq;
using UglyToad.PdfPig.Content;

namespace AhnSharp.Documents.Pdf;

/// <summary>The letters of a page as glyphs, one list for each direction of reading.</summary>
internal static class PageGlyphs
{
    // No font is set smaller than this, in points; a stated size below it is a Type 3 font's own unit or a broken matrix.
    private const double SmallestEm = 0.5;

    /// <summary>The glyphs of each direction, the direction with the most of them first. Letters outside of the page's visible box are not
    /// among them.</summary>
    public static List<List<Glyph>> Of(Page page)
    {
        IReadOnlyList<Letter> letters = page.Letters;
        HashSet<string> mono = FixedPitch(letters);
        Dictionary<int, List<Glyph>> directions = [];
        int degrees = 0;
        for (int i = 0; i < letters.Count; i++)
        {
            Letter letter = letters[i];
            (double x0, double y0, double x1, double y1) =
                (letter.StartBaseLine.X, letter.StartBaseLine.Y, letter.EndBaseLine.X, letter.EndBaseLine.Y);
            string text = CharacterForms.Plain(letter.Value ?? "");
            if (text.Length == 0 || !IsOn(page, x0, y0, x1, y1)) continue;
            double advance = Math.Sqrt(((x1 - x0) * (x1 - x0)) + ((y1 - y0) * (y1 - y0)));
            // A mark without advance has no direction of its own: it has its neighbour's.
            if (advance > 1e-3) degrees = (int)Math.Round(Math.Atan2(y1 - y0, x1 - x0) * 180 / Math.PI);
            int direction = Math.Abs(degrees) <= 2 ? 0 : degrees == -180 ? 180 : degrees;
            (double sin, double cos) = Math.SinCos(direction * Math.PI / 180);
            double start = (x0 * cos) + (y0 * sin), end = (x1 * cos) + (y1 * sin);
            // Of a mark without advance, what is drawn lies left of where it stands.
            if (direction == 0 && advance <= 1e-3 && text is [>= '\u0300' and <= '\u036F'] && letter.BoundingBox.Width > 0) (start, end) =
                (letter.BoundingBox.Left, letter.BoundingBox.Right);
            if (!directions.TryGetValue(direction, out List<Glyph>? glyphs)) directions.Add(direction, glyphs = []);
            glyphs.Add(new Glyph(text, start, Math.Max(start, end), (y0 * cos) - (x0 * sin), Em(letter, advance), i,
                mono.Contains(letter.FontName ?? "")));
        }
        return [.. directions.OrderByDescending(static group => group.Value.Count(static glyph => !glyph.IsSpace))
            .Select(static group => group.Value)];
    }

    // A letter that the edge cuts is still seen. NaN and infinities are on no page.
    private static bool IsOn(Page page, double x0, double y0, double x1, double y1) =>
        Math.Max(x0, x1) >= 0 && Math.Max(y0, y1) >= 0 && Math.Min(x0, x1) <= page.Width && Math.Min(y0, y1) <= page.Height;

    // The stated size, unless it cannot be: a letter is 0.15 to 3 em wide.
    private static double Em(Letter letter, double advance)
    {
        double em = Math.Abs(letter.PointSize);
        if (!double.IsFinite(em) || em < SmallestEm || (advance > 0 && em < advance / 3)) em = Math
            .Max(letter.BoundingBox.Height * 1.2, advance * 1.5);
        return double.IsFinite(em) && em > SmallestEm ? em : SmallestEm;
    }

    // Fonts whose narrow and wide letters have one advance. Three letters of which one is narrow and one wide are the least evidence.
    private static HashSet<string> FixedPitch(IReadOnlyList<Letter> letters)
    {
        Dictionary<string, (double Least, double Most, int Seen)> fonts = [];
        foreach (Letter letter in letters)
        {
            if (letter.Value is not [var c] || c is <= ' ' or > '~' || letter.PointSize == 0) continue;
            double width = letter.Width / letter.PointSize;
            (double least, double most, int seen) = fonts.GetValueOrDefault(letter.FontName ?? "", (width, width, 0));
            fonts[letter.FontName ?? ""] = (Math.Min(least, width), Math
                .Max(most, width), seen | (c is 'i' or 'l' or 't' or '.' or ',' or 'r' ? 1
                : c is 'm' or 'w' or 'o' or 'e' or 'n' or 'a' or '0' ? 2 : 4));
        }
        return [.. fonts.Where(static font => (font.Value.Seen & 3) == 3 && font.Value.Most - font.Value.Least < 0.02 * font.Value.Most)
            .Select(static font => font.Key)];
    }
}
