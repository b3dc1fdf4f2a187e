using System;
using System.Globalization;
using System.Text;

namespace AhnSharp.Gguf;

/// <summary>Words of a file in a sentence: quoted, shortened, and with nothing in them that a terminal would obey.</summary>
internal static class GgufText
{
    private const int Longest = 80, LongestSentence = 1000;

    public static string Quote(string text)
    {
        StringBuilder quoted = new("'");
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (quoted.Length > Longest)
            {
                quoted.Append('…');
                break;
            }
            if (IsPlain(rune)) quoted.Append(rune);
            else quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
        }
        return quoted.Append('\'').ToString();
    }

    /// <summary>The beginning of what may be as long as the file that it comes from, so that a sentence stays one.</summary>
    public static string Shortened(string text, int longest = 200) =>
        text.Length <= longest ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest), "…");

    /// <summary>
    /// A sentence that has words of a file somewhere in it: its beginning and its end where it is longer than a sentence, on one line, and
    /// nothing that a terminal would obey.
    /// </summary>
    public static string Sentence(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        StringBuilder plain = new();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.Value is '\r' or '\n') plain.Append(' ');
            else if (IsPlain(rune)) plain.Append(rune);
            else plain.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
        }
        if (plain.Length <= LongestSentence) return plain.ToString();
        int left = plain.Length - LongestSentence;
        int from = LongestSentence * 3 / 4;
        // Not in the middle of a pair.
        if (char.IsHighSurrogate(plain[from - 1])) from--;
        int to = from + left;
        if (char.IsLowSurrogate(plain[to])) to++;
        return plain.Remove(from, to - from).Insert(from, " … ").ToString();
    }

    /// <summary>A shape as the sentences of this engine write it: <c>[2048, 11008]</c>, fastest dimension first.</summary>
    public static string Shape(ReadOnlySpan<long> shape)
    {
        StringBuilder text = new("[");
        foreach (long size in shape) text.Append(text.Length > 1 ? ", " : "").Append(size);
        return text.Append(']').ToString();
    }

    // Separators, control and formatting characters (line ends, escapes, right-to-left marks) would forge the sentence.
    private static bool IsPlain(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned);
}
