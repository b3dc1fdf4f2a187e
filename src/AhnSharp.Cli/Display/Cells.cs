using System.Globalization;
using System.Text;

namespace AhnSharp.Cli.Display;

/// <summary>How many columns of a terminal characters take.</summary>
internal static class Cells
{
    /// <summary>0 for marks that stand over others, 2 for characters of East Asia and pictures, else 1.</summary>
    internal static int Of(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark
        or UnicodeCategory.Format or UnicodeCategory.Control ? 0 : IsWide(rune.Value) ? 2 : 1;

    internal static int Of(string text)
    {
        int cells = 0;
        foreach (Rune rune in text.EnumerateRunes()) cells += Of(rune);
        return cells;
    }

    // East Asian Width W and F, by blocks (Unicode Annex 11).
    internal static bool IsWide(int value) => value is (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0xA4CF) or (>= 0xAC00 and <= 0xD7A3)
        or (>= 0xF900 and <= 0xFAFF) or (>= 0xFE30 and <= 0xFE6F) or (>= 0xFF00 and <= 0xFF60) or (>= 0xFFE0 and <= 0xFFE6)
        or (>= 0x1F300 and <= 0x1FAFF) or (>= 0x20000 and <= 0x3FFFD);
}
