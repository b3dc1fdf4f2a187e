using System;
using System.Collections.Generic;

namespace AhnSharp.Constraints;

/// <summary>Reads what stands for one character in a regular expression: classes in brackets and escapes.</summary>
internal sealed class RegexSets(RegexCursor cursor)
{
    public CharSet Class(int start, bool anyCase)
    {
        bool negated = cursor.Take('^');
        if (cursor.At < cursor.Text.Length && cursor.Text[cursor.At] == ']') throw cursor.Error(start,
            "expected a class with characters (']' as \\])", "found none");
        List<(int, int)> ranges = [];
        while (true)
        {
            if (cursor.At >= cursor.Text.Length) throw cursor.Error(start, "expected a class that is closed", "found the end");
            if (cursor.Take(']')) break;
            int at = cursor.At;
            CharSet first = Item();
            bool isRange = cursor.At + 1 < cursor.Text.Length && cursor.Text[cursor.At] == '-' && cursor.Text[cursor.At + 1] != ']';
            if (!isRange)
            {
                ranges.AddRange(first.Ranges);
                continue;
            }
            cursor.At++;
            CharSet last = Item();
            if (Single(first) is not int low || Single(last) is not int high || low > high)
                throw cursor.Error(at, "expected a range of two characters in order", $"found '{cursor.Text[at..cursor.At]}'");
            ranges.Add((low, high));
        }
        CharSet set = CharSet.Of([.. ranges]);
        if (anyCase) set = CharClasses.BothCases(set);
        return negated ? set.Complement() : set;
    }

    private CharSet Item()
    {
        int start = cursor.At;
        return cursor.Take('\\') ? Escape(start, inClass: true) : CharSet.Of(cursor.Character());
    }

    private static int? Single(CharSet set) =>
        set.Ranges.Length == 1 && set.Ranges[0].First == set.Ranges[0].Last ? set.Ranges[0].First : null;

    public CharSet Escape(int start, bool inClass)
    {
        if (cursor.At >= cursor.Text.Length) throw cursor.Error(start, "expected a character behind '\\'", "found the end");
        char c = cursor.Text[cursor.At++];
        switch (c)
        {
            case 'd': return CharClasses.Digit;
            case 'D': return CharClasses.Digit.Complement();
            case 'w': return CharClasses.Word;
            case 'W': return CharClasses.Word.Complement();
            case 's': return CharClasses.Space;
            case 'S': return CharClasses.Space.Complement();
            case 't': return CharSet.Of(9);
            case 'n': return CharSet.Of(10);
            case 'v': return CharSet.Of(11);
            case 'f': return CharSet.Of(12);
            case 'r': return CharSet.Of(13);
            case 'b' when inClass: return CharSet.Of(8);
            case 'a' or 'e': throw cursor.Error(start, "expected \\x07 or \\x1b", $"found \\{c}");
            case '0' when cursor.At >= cursor.Text.Length || !char.IsAsciiDigit(cursor.Text[cursor.At]): return CharSet.Of(0);
            case 'x': return CharSet.Of(cursor.Hex(start, 2));
            case 'u': return CharSet.Of(Unicode(start));
            case 'p' or 'P': return Category(start, c == 'P');
            case 'c' when cursor.At < cursor.Text.Length && char.IsAsciiLetter(cursor.Text[cursor.At]):
                return CharSet.Of(cursor.Text[cursor.At++] % 32);
            case >= '0' and <= '9' or 'k': throw cursor.Error(start, "expected a regular part", "found a reference back");
        }
        if (char.IsAsciiLetter(c)) throw cursor.Error(start, "expected an escape that is known", $"found \\{c}");
        cursor.At--;
        return CharSet.Of(cursor.Character());
    }

    private int Unicode(int start)
    {
        if (cursor.Take('{'))
        {
            int close = cursor.Text.IndexOf('}', cursor.At);
            if (close < 0 || close - cursor.At is 0 or > 6) throw cursor.Error(start, "expected \\u{…} with 1 to 6 digits", "found others");
            int value = cursor.Hex(start, close - cursor.At);
            cursor.At++;
            return value <= CharSet.Largest ? value : throw cursor.Error(start, "expected a code point up to 10FFFF", $"found {value:X}");
        }
        int unit = cursor.Hex(start, 4);
        if (char.IsHighSurrogate((char)unit) && cursor.Text.AsSpan(cursor.At).StartsWith("\\u", StringComparison.Ordinal))
        {
            cursor.At += 2;
            int low = cursor.Hex(start, 4);
            if (char.IsLowSurrogate((char)low)) return char.ConvertToUtf32((char)unit, (char)low);
        }
        return !char.IsSurrogate((char)unit) ? unit : throw cursor.Error(start, "expected a whole character",
            $"found half a surrogate pair {unit:X4}");
    }

    private CharSet Category(int start, bool negated)
    {
        int close = cursor.Take('{') ? cursor.Text.IndexOf('}', cursor.At) : -1;
        if (close < 0) throw cursor.Error(start, "expected \\p{…}", "found no braces");
        string name = cursor.Text[cursor.At..close];
        cursor.At = close + 1;
        name = name.StartsWith("gc=", StringComparison.Ordinal) ? name[3..] : name;
        CharSet set = CharClasses.Category(name)
            ?? throw cursor.Error(start, "expected a general category of Unicode such as L, Lu or Nd", $"found \\p{{{name}}}");
        return negated ? set.Complement() : set;
    }
}
