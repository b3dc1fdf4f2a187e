using System;
using System.Globalization;
using System.Text;

namespace AhnSharp.Documents;

/// <summary>Names and titles that come out of files, as they may be shown: a stranger chose them.</summary>
internal static class PlainName
{
    private const int Longest = 200;

    /// <summary>
    /// The name with every control, line end, direction mark and half character written as its number, cut in
    /// the middle where it is very long.
    /// </summary>
    public static string Of(string name, int longest = Longest)
    {
        string whole =
            name.Length <= longest ? name : string.Concat(name.AsSpan(0, longest / 2), "\u2026", name.AsSpan(name.Length - (longest / 2)));
        StringBuilder? plain = null;
        for (int i = 0; i < whole.Length; i++)
        {
            bool isRune = Rune.TryGetRuneAt(whole, i, out Rune rune);
            bool shows = isRune
                && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                    or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
            if (shows) plain?.Append(rune.ToString());
            else
            {
                plain ??= new StringBuilder(whole, 0, i, whole.Length + 16);
                plain.Append(CultureInfo.InvariantCulture, $"\\u{{{(isRune ? rune.Value : whole[i]):X}}}");
            }
            if (isRune && rune.Utf16SequenceLength == 2) i++;
        }
        return plain?.ToString() ?? whole;
    }

    /// <summary>A title or an author in one line, as <see cref="Of"/>; null where nothing is left.</summary>
    public static string? Line(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        return Of(string.Join(
            ' ', text.Replace("\u00AD", "", StringComparison.Ordinal).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
    }
}
