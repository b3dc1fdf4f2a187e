using System;
using System.Globalization;
using System.Text;

namespace AhnSharp.Cli.Display;

/// <summary>
/// What becomes of characters that are no text to look at: they could move the cursor, rename the window, forge a line or
/// turn the order of what follows.
/// </summary>
internal static class TerminalText
{
    private const int Delete = 0x7F, PictureOfNull = 0x2400, PictureOfDelete = 0x2421;
    private const int NonJoiner = 0x200C, Joiner = 0x200D, LeftToRightMark = 0x200E, RightToLeftMark = 0x200F, ArabicMark = 0x061C;

    /// <summary>
    /// A name or a sentence on one line: every control, line end, direction mark and half of a pair stands there by its number, \u{1B}.
    /// </summary>
    internal static string Line(string text) =>
        Escaped(text, static (ref StringBuilder into, Rune rune) => into.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X}}}"),
            IsSafeInLine);

    /// <summary>
    /// A piece of an answer for a terminal: line ends, tabs and the marks of right-to-left scripts stay,
    /// controls become their pictures (␛).
    /// </summary>
    internal static string Answer(string piece) => Escaped(piece, Picture,
        static rune => rune.Value is '\n' or '\t' or LeftToRightMark or RightToLeftMark or ArabicMark || IsSafeInLine(rune));

    /// <summary>JSON as it is written by a serializer, where such characters stand in strings alone: they become escapes of JSON.</summary>
    internal static string Json(string json) => Escaped(json, static (ref StringBuilder into, Rune rune) =>
    {
        foreach (char c in rune.ToString()) into.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
    }, static rune => rune.Value is '\n' or '\r' or '\t' || IsSafeInLine(rune));

    private delegate void Escape(ref StringBuilder into, Rune rune);

    private static string Escaped(string text, Escape escape, Predicate<Rune> isSafe)
    {
        StringBuilder? changed = null;
        for (int i = 0; i < text.Length;)
        {
            bool isWhole = Rune.TryGetRuneAt(text, i, out Rune rune);
            int length = isWhole ? rune.Utf16SequenceLength : 1;
            if (isWhole && isSafe(rune))
            {
                changed?.Append(text, i, length);
            }
            else
            {
                changed ??= new StringBuilder(text, 0, i, text.Length + 16);
                // Half of a pair has no code point of its own; the console would write U+FFFD.
                if (isWhole) escape(ref changed, rune);
                else changed.Append('\uFFFD');
            }
            i += length;
        }
        return changed?.ToString() ?? text;
    }

    private static void Picture(ref StringBuilder into, Rune rune)
    {
        if (rune.Value == '\r') return; // a line end of two characters
        if (rune.Value < ' ') into.Append((char)(PictureOfNull + rune.Value));
        else if (rune.Value == Delete) into.Append((char)PictureOfDelete);
        else into.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X}}}");
    }

    // Joiners are letters' own in Persian, Hindi and emoji, and turn nothing.
    private static bool IsSafeInLine(Rune rune) => rune.Value is NonJoiner or Joiner || Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.Surrogate);
}
