using System;
using System.Collections.Generic;

namespace AhnSharp.Documents.Folders;

/// <summary>A bracket expression of a pattern: [a-z], [!0-9], [[:alpha:]_].</summary>
internal sealed class CharacterSet
{
    private readonly List<(char First, char Last)> _ranges = [];
    private readonly List<Func<char, bool>> _classes = [];
    private bool _negated;

    public bool Contains(char c)
    {
        bool found = false;
        foreach ((char first, char last) in _ranges) found |= c >= first && c <= last;
        foreach (Func<char, bool> member in _classes) found |= member(c);
        return found != _negated;
    }

    /// <summary>Reads the expression whose [ stands at <paramref name="at"/>, and moves behind its ]; null where it is broken.</summary>
    public static CharacterSet? Parse(string text, ref int at)
    {
        CharacterSet set = new();
        int i = at + 1;
        if (i < text.Length && text[i] is '!' or '^')
        {
            set._negated = true;
            i++;
        }
        for (int first = i; ; i++)
        {
            if (i >= text.Length) return null;
            if (text[i] == ']' && i > first) break;
            if (text[i] == '[' && i + 1 < text.Length && text[i + 1] == ':')
            {
                int end = text.IndexOf(']', i + 2);
                if (end < 0) return null;
                if (end > i + 2 && text[end - 1] == ':')
                {
                    if (Class(text[(i + 2)..(end - 1)]) is not { } members) return null;
                    set._classes.Add(members);
                    i = end;
                    continue;
                }
            }
            if (!Character(text, ref i, out char low)) return null;
            char high = low;
            // A - that nothing follows but the ] stands for itself.
            if (i + 2 < text.Length && text[i + 1] == '-' && text[i + 2] != ']')
            {
                i += 2;
                if (!Character(text, ref i, out high)) return null;
            }
            set._ranges.Add((low, high));
        }
        at = i + 1;
        return set;
    }

    private static bool Character(string text, ref int i, out char c)
    {
        if (text[i] == '\\') i++;
        c = i < text.Length ? text[i] : '\0';
        return i < text.Length;
    }

    private static Func<char, bool>? Class(string name) => name switch
    {
        "alnum" => char.IsAsciiLetterOrDigit,
        "alpha" => char.IsAsciiLetter,
        "blank" => static c => c is ' ' or '\t',
        "cntrl" => static c => c < ' ' || c == 127,
        "digit" => char.IsAsciiDigit,
        "graph" => static c => c is > ' ' and < (char)127,
        "lower" => char.IsAsciiLetterLower,
        "print" => static c => c is >= ' ' and < (char)127,
        "punct" => static c => c is > ' ' and < (char)127 && !char.IsAsciiLetterOrDigit(c),
        "space" => static c => c is ' ' or (>= '\t' and <= '\r'),
        "upper" => char.IsAsciiLetterUpper,
        "xdigit" => char.IsAsciiHexDigit,
        _ => null,
    };
}
