using System;
using System.Collections.Generic;
using System.Text;

namespace AhnSharp.Plots;

/// <summary>
/// How wide a text will be, without a font: the drawing must not depend on which fonts a machine has, so widths
/// are estimated, on the wide side.
/// </summary>
internal static class Lettering
{
    internal const double TitleSize = 17, PanelTitleSize = 14, SubtitleSize = 12, LabelSize = 12, TickSize = 11;

    /// <summary>Baseline to baseline, as a multiple of the size.</summary>
    internal const double Leading = 1.35;

    /// <summary>From a line's middle down to its baseline, as a multiple of the size.</summary>
    internal const double Middle = 0.35;

    // The widest bold faces that stand in for sans-serif (DejaVu Sans) measured a sixth wider than their plain ones.
    private const double Bold = 1.17;

    internal const string Cut = "…";

    /// <summary>Pixels of one line.</summary>
    internal static double Width(string text, double size, bool bold = false)
    {
        double ems = 0;
        foreach (Rune rune in text.EnumerateRunes()) ems += Ems(rune.Value);
        return ems * size * (bold ? Bold : 1);
    }

    /// <summary>The text, or as much of its beginning as fits with an ellipsis behind it.</summary>
    internal static string Fit(string text, double size, double width, bool bold = false)
    {
        if (Width(text, size, bold) <= width) return text;
        double ems = Ems(Cut[0]), most = width / size / (bold ? Bold : 1);
        int length = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            ems += Ems(rune.Value);
            if (ems > most) break;
            length += rune.Utf16SequenceLength;
        }
        return text[..length].TrimEnd() + Cut;
    }

    /// <summary>Cuts a text into at most <paramref name="lines"/> lines between words; what is left over ends in an ellipsis.</summary>
    internal static IReadOnlyList<string> Wrap(string text, double size, double width, int lines, bool bold = false)
    {
        var wrapped = new List<string>();
        string rest = text.Trim();
        while (rest.Length > 0)
        {
            if (wrapped.Count == lines - 1 || Width(rest, size, bold) <= width)
            {
                wrapped.Add(Fit(rest, size, width, bold));
                break;
            }
            int end = LastBreak(rest, size, width, bold);
            wrapped.Add(end > 0 ? rest[..end].TrimEnd() : Fit(rest, size, width, bold));
            if (end == 0) break;
            rest = rest[end..].TrimStart();
        }
        return wrapped;
    }

    private static int LastBreak(string text, double size, double width, bool bold)
    {
        int last = 0;
        for (int i = text.IndexOf(' ', StringComparison.Ordinal); i >= 0; i = text.IndexOf(' ', i + 1))
        {
            if (Width(text[..i], size, bold) > width) break;
            last = i;
        }
        return last;
    }

    // Classes of widths of common sans-serif fonts, rounded up.
    private static double Ems(int rune) => rune switch
    {
        'i' or 'j' or 'l' or 'I' or '.' or ',' or ':' or ';' or '\'' or '|' or '!' => 0.3,
        ' ' or 'f' or 'r' or 't' or '(' or ')' or '[' or ']' or '/' or '-' => 0.4,
        'm' or 'w' or 'M' or 'W' or '%' or '@' or '…' or '—' => 0.95,
        >= 'A' and <= 'Z' => 0.72,
        >= 0x1100 and not (>= 0x2000 and < 0x2E80) => 1.05,
        _ => 0.6,
    };
}
