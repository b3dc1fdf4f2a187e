using System;
using System.Collections.Generic;

namespace AhnSharp.Documents.Pdf;

/// <summary>Accents that are drawn as characters of their own over a letter, as TeX's old fonts do, become one character with it.</summary>
/// <remarks>
/// The accent is drawn just before or just after its letter, its middle over the letter's advance (± 0.1 em), its baseline at most 0.45 em
/// away (capitals raise it). So "Yucat", "´", "an" is Yucatán and "x^2" stays as it is: there the middle of ^ lies beside the x.
/// </remarks>
internal static class Accents
{
    private const double Slack = 0.1, Raised = 0.45;

    /// <param name="glyphs">In drawing order; changed in place.</param>
    public static void Compose(List<Glyph> glyphs)
    {
        HashSet<int>? gone = null;
        for (int i = 0; i < glyphs.Count; i++)
        {
            if (Combining(glyphs[i].Text) is not { } mark || gone?.Contains(i) == true) continue;
            // A combining mark of its own stands over the letter before it, where it is drawn back; over a space it is the plain accent, as
            // a quote mark.
            if (glyphs[i].Text is [>= '\u0300' and <= '\u036F'] && !IsOverAny(glyphs, i))
            {
                glyphs[i] = glyphs[i] with { Text = Spacing(glyphs[i].Text) };
                continue;
            }
            foreach (int at in (int[])[i + 1, i - 1, i + 2, i - 2])
            {
                if (at < 0 || at >= glyphs.Count || gone?.Contains(at) == true || !IsOver(glyphs[i], glyphs[at])) continue;
                string letter = glyphs[at].Text switch { "\u0131" => "i", "\u0237" => "j", { } other => other };
                glyphs[at] = glyphs[at] with { Text = Composition.Of(letter, mark) };
                (gone ??= []).Add(i);
                break;
            }
        }
        if (gone is null) return;
        int kept = 0;
        for (int i = 0; i < glyphs.Count; i++)
        {
            if (!gone.Contains(i)) glyphs[kept++] = glyphs[i];
        }
        glyphs.RemoveRange(kept, glyphs.Count - kept);
    }

    private static bool IsOverAny(List<Glyph> glyphs, int mark)
    {
        if (mark > 0 && IsOver(glyphs[mark], glyphs[mark - 1])) return true;
        // At the very start of the next letter it stands before it, not over it.
        return mark + 1 < glyphs.Count && IsOver(glyphs[mark], glyphs[mark + 1])
            && glyphs[mark].Middle > glyphs[mark + 1].X0 + (Slack * glyphs[mark + 1].Em);
    }

    private static string Spacing(string mark) =>
        mark switch { "\u0300" => "`", "\u0301" => "\u00B4", "\u0302" => "^", "\u0303" => "~", "\u0308" => "\u00A8", _ => mark };

    private static bool IsOver(in Glyph accent, in Glyph letter) =>
        letter.Text.Length > 0 && char.IsLetter(letter.Text[0]) && accent.Middle > letter.X0 - (Slack * letter.Em)
            && accent.Middle < letter.X1 + (Slack * letter.Em)
        && Math.Abs(accent.Y - letter.Y) <= Raised * letter.Em && Overlap(accent, letter) > 0;

    // Of an accent with an advance, half at least lies over the letter; of one without, its point.
    private static double Overlap(in Glyph accent, in Glyph letter)
    {
        double width = accent.X1 - accent.X0, slack = Slack * letter.Em;
        return width <= 0 ? 1 : Math.Min(accent.X1, letter.X1 + slack) - Math.Max(accent.X0, letter.X0 - slack) - (width / 2);
    }

    // The combining twin of a spacing accent, or of a mark that is drawn alone.
    private static string? Combining(string text) => text switch
    {
        "`" or "\u02CB" => "\u0300",
        "\u00B4" or "\u02CA" => "\u0301",
        "^" or "\u02C6" => "\u0302",
        "~" or "\u02DC" => "\u0303",
        "\u00AF" or "\u02C9" => "\u0304",
        "\u02D8" => "\u0306",
        "\u02D9" => "\u0307",
        "\u00A8" => "\u0308",
        "\u02DA" => "\u030A",
        "\u02DD" => "\u030B",
        "\u02C7" => "\u030C",
        "\u00B8" => "\u0327",
        "\u02DB" => "\u0328",
        [>= '\u0300' and <= '\u036F'] => text,
        _ => null,
    };
}
