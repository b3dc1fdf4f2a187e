using System;
using System.Collections.Generic;
using System.Globalization;

namespace AhnSharp.Constraints;

/// <summary>
/// Reads the regular part of ECMAScript's and PCRE's expressions: classes, groups, alternatives, bounded repeats, anchors at the ends,
/// (?i) and (?s). What looks around or back is refused by its position.
/// </summary>
/// <remarks>Lazy quantifiers are read as others: which texts match is the same. Positions count UTF-16 units from 0.</remarks>
internal sealed class RegexParser
{
    private const int MaxDepth = 100;
    private const int MaxLength = 100_000;

    private readonly string _pattern;
    private readonly RegexCursor _cursor;
    private readonly RegexSets _sets;
    private int _depth;
    private bool _anyCase, _dotAll;

    private RegexParser(string pattern)
    {
        _pattern = pattern;
        _cursor = new RegexCursor(pattern);
        _sets = new RegexSets(_cursor);
    }

    /// <summary>The tree of a pattern, with its anchors in it.</summary>
    public static Node Parse(string pattern)
    {
        if (pattern.Length > MaxLength)
            throw new ConstraintException($"Expected a regular expression of at most {MaxLength} characters, found {pattern.Length}.");
        RegexParser parser = new(pattern);
        Node node = parser.Alternatives();
        if (parser._cursor.At < pattern.Length) throw parser.Error(parser._cursor.At, "expected an opened group before it", "found ')'");
        return node;
    }

    /// <summary>The texts that match as a whole.</summary>
    public static Node Whole(string pattern) => RegexAnchors.Whole(pattern, Parse(pattern));

    /// <summary>The texts in which the pattern is found.</summary>
    public static Node Found(string pattern) => RegexAnchors.Found(pattern, Parse(pattern));

    private Node Alternatives()
    {
        if (++_depth > MaxDepth) throw Error(_cursor.At, $"expected groups nested at most {MaxDepth} deep", "found more");
        (bool anyCase, bool dotAll) = (_anyCase, _dotAll);
        List<Node> alternatives = [];
        do alternatives.Add(Sequence());
        while (Take('|'));
        (_anyCase, _dotAll) = (anyCase, dotAll);
        _depth--;
        return Node.Any([.. alternatives]);
    }

    private Node Sequence()
    {
        List<Node> parts = [];
        while (_cursor.At < _pattern.Length && _pattern[_cursor.At] is not ('|' or ')'))
        {
            int start = _cursor.At;
            Node part = Atom();
            if (_cursor.At < _pattern.Length && Quantifier(out int min, out int? max))
            {
                if (part is Node.Anchor) throw Error(start, "expected something to repeat", "found an anchor");
                if (Take('+')) throw Error(_cursor.At - 1, "expected a greedy or a lazy quantifier", "found a possessive one");
                Take('?');
                if (_cursor.At < _pattern.Length && IsQuantifier()) throw Error(_cursor.At, "expected something to repeat",
                    $"found '{_pattern[_cursor.At]}'");
                part = Node.Many(part, min, max);
            }
            parts.Add(part);
        }
        return Node.All([.. parts]);
    }

    private bool IsQuantifier()
    {
        int at = _cursor.At;
        bool is_ = Quantifier(out _, out _);
        _cursor.At = at;
        return is_;
    }

    private bool Quantifier(out int min, out int? max)
    {
        (min, max) = (0, null);
        switch (_pattern[_cursor.At])
        {
            case '*':
                _cursor.At++;
                return true;
            case '+':
                _cursor.At++;
                min = 1;
                return true;
            case '?':
                _cursor.At++;
                max = 1;
                return true;
            case '{':
                return Bounds(out min, out max);
            default:
                return false;
        }
    }

    private bool Bounds(out int min, out int? max)
    {
        (min, max) = (0, null);
        int close = _pattern.IndexOf('}', _cursor.At);
        string[] parts = close < 0 ? [] : _pattern[(_cursor.At + 1)..close].Split(',');
        if (parts.Length is not (1 or 2) || parts[0].Length == 0) return false;
        foreach (string part in parts)
        {
            foreach (char digit in part)
            {
                if (!char.IsAsciiDigit(digit)) return false;
            }
        }
        min = Number(parts[0]);
        max = parts.Length == 1 ? min : parts[1].Length == 0 ? null : Number(parts[1]);
        if (max < min) throw Error(_cursor.At, "expected bounds in order", $"found {_pattern[_cursor.At..(close + 1)]}");
        _cursor.At = close + 1;
        return true;
    }

    private int Number(string digits) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw Error(_cursor.At, $"expected bounds of at most {int.MaxValue}", $"found {digits}");

    private Node Atom()
    {
        int start = _cursor.At;
        char c = _pattern[_cursor.At++];
        switch (c)
        {
            case '(':
                return Group(start);
            case '[':
                return Chars(_sets.Class(start, _anyCase));
            case '.':
                return Chars(_dotAll ? CharSet.All : CharClasses.Dot);
            case '^':
                return new Node.Anchor(false, start);
            case '$':
                return new Node.Anchor(true, start);
            case '\\':
                return Escaped(start);
            case '*' or '+' or '?':
                throw Error(start, "expected something to repeat", $"found '{c}'");
            default:
                _cursor.At--;
                return Chars(Cased(CharSet.Of(_cursor.Character())));
        }
    }

    private Node.Chars Escaped(int start)
    {
        if (_cursor.At < _pattern.Length && _pattern[_cursor.At] is 'A' or 'z' or 'Z')
            throw Error(start, "expected ^ or $", $"found \\{_pattern[_cursor.At]}");
        if (_cursor.At < _pattern.Length && _pattern[_cursor.At] is 'b' or 'B') throw Error(start, "expected a regular part",
            "found a word boundary");
        return Chars(Cased(_sets.Escape(start, inClass: false)));
    }

    private Node Group(int start)
    {
        bool anyCase = _anyCase, dotAll = _dotAll;
        if (Take('?'))
        {
            string rest = _pattern[_cursor.At..];
            if (rest.StartsWith('=') || rest.StartsWith('!') || rest.StartsWith("<=", StringComparison.Ordinal)
                || rest.StartsWith("<!", StringComparison.Ordinal)) throw Error(start, "expected a regular part", "found a look-around");
            if (rest.StartsWith('>')) throw Error(start, "expected a regular part", "found an atomic group");
            if (rest.StartsWith('<') || rest.StartsWith("P<", StringComparison.Ordinal)) SkipName(start);
            else if (Flags(start)) return Node.Empty;
        }
        Node inner = Alternatives();
        if (!Take(')')) throw Error(start, "expected a group that is closed", "found the end");
        (_anyCase, _dotAll) = (anyCase, dotAll);
        return inner;
    }

    private void SkipName(int start)
    {
        int close = _pattern.IndexOf('>', _cursor.At);
        if (close < 0) throw Error(start, "expected a name that ends with '>'", "found none");
        _cursor.At = close + 1;
    }

    // (?i) holds to the end of the group around it, (?i:…) for its own; true: it was the former.
    private bool Flags(int start)
    {
        bool on = true;
        while (_cursor.At < _pattern.Length)
        {
            switch (_pattern[_cursor.At++])
            {
                case ':':
                    return false;
                case ')':
                    return true;
                case '-':
                    on = false;
                    break;
                case 'i':
                    _anyCase = on;
                    break;
                case 's':
                    _dotAll = on;
                    break;
                default:
                    throw Error(start, "expected (?:…), (?<name>…), (?i) or (?s)", $"found '{_pattern[start.._cursor.At]}'");
            }
        }
        throw Error(start, "expected a group that is closed", "found the end");
    }

    private CharSet Cased(CharSet set) => _anyCase ? CharClasses.BothCases(set) : set;

    private static Node.Chars Chars(CharSet set) => new Node.Chars(set, CharCoding.Utf8);

    private bool Take(char c) => _cursor.Take(c);

    private ConstraintException Error(int position, string expected, string found) => _cursor.Error(position, expected, found);
}
