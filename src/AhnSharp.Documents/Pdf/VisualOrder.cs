using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace AhnSharp.Documents.Pdf;

/// <summary>A line of right-to-left text lies on the page as it is seen; this puts it into the order in which it is read.</summary>
/// <remarks>
/// A line whose letters are mostly Hebrew or Arabic is turned round as a whole, and its numbers and its words of other scripts are turned
/// back; in other lines only the stretches of right-to-left words are turned. Brackets that are turned are mirrored: on the page they look
/// as they would from the left.
/// </remarks>
internal static class VisualOrder
{
    public static bool IsRightToLeft(string text) => text.Any(IsRightToLeft);

    private static bool IsRightToLeft(char c) =>
        c is >= '\u0590' and <= '\u08FF' and not (>= '\u0660' and <= '\u0669' or >= '\u06F0' and <= '\u06F9')
            or >= '\uFB1D' and <= '\uFDFF' or >= '\uFE70' and <= '\uFEFC';

    private static bool IsLeftToRight(char c) => char.IsLetterOrDigit(c) && !IsRightToLeft(c);

    public static string ToReading(string line)
    {
        int right = line.Count(IsRightToLeft);
        if (right == 0) return line;
        string[] letters = Letters(line);
        bool whole = right >= line.Count(static c => char.IsLetter(c) && IsLeftToRight(c));
        if (whole) Turn(letters, 0, letters.Length);
        // Stretches of the other direction, from a letter of it to the last before one of the main direction.
        for (int start = 0; start < letters.Length; start++)
        {
            if (!Opens(letters[start])) continue;
            int end = start + 1;
            for (int i = end; i < letters.Length && !Closes(letters[i]); i++)
            {
                if (Opens(letters[i])) end = i + 1;
            }
            Turn(letters, start, end);
            start = end - 1;
        }
        return string.Concat(letters);

        bool Opens(string letter) => whole ? letter.Any(IsLeftToRight) : letter.Any(IsRightToLeft);
        bool Closes(string letter) => whole ? letter.Any(IsRightToLeft) : letter.Any(IsLeftToRight);
    }

    private static string[] Letters(string line)
    {
        List<string> letters = [];
        TextElementEnumerator elements = StringInfo.GetTextElementEnumerator(line);
        while (elements.MoveNext()) letters.Add(elements.GetTextElement());
        return [.. letters];
    }

    private static void Turn(string[] letters, int start, int end)
    {
        Array.Reverse(letters, start, end - start);
        for (int i = start; i < end; i++)
        {
            letters[i] = letters[i] switch
            {
                "(" => ")",
                ")" => "(",
                "[" => "]",
                "]" => "[",
                "{" => "}",
                "}" => "{",
                "<" => ">",
                ">" =>
                "<",
                "«" => "»",
                "»" => "«", { } other => other
            };
        }
    }
}
