using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

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
    private int _at, _depth;
    private bool _anyCase, _dotAll;

    private RegexParser(string pattern) => _pattern = pattern;

    /// <summary>The tree of a pattern, with its anchors in it.</summary>
    public static Node Parse(string pattern)
    {
        if (pattern.Length > MaxLength)
            throw new ConstraintException($"Expected a regular expression of at most {MaxLength} characters, found {pattern.Length}.");
        RegexParser parser = new(pattern);
        Node node = parser.Alternatives();
        if (parser._at < pattern.Length) throw parser.Error(parser._at, "expected an opened group before it", "found ')'");
        return node;
    }

    /// <summary>The texts that match as a whole.</summary>
    public static Node Whole(string pattern) => RegexAnchors.Whole(pattern, Parse(pattern));

    /// <summary>The texts in which the pattern is found.</summary>
    public static Node Found(string pattern) => RegexAnchors.Found(pattern, Parse(pattern));

    private Node Alternatives()
    {
        if (++_depth > MaxDepth) throw Error(_at, $"expected groups nested at most {MaxDepth} deep", "found more");
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
        while (_at < _pattern.Length && _pattern[_at] is not ('|' or ')'))
        {
            int start = _at;
            Node part = Atom();
            if (_at < _pattern.Length && Quantifier(out int min, out int? max))
            {
                if (part is Node.Anchor) throw Error(start, "expected something to repeat", "found an anchor");
                if (Take('+')) throw Error(_at - 1, "expected a greedy or a lazy quantifier", "found a possessive one");
                Take('?');
                if (_at < _pattern.Length && IsQuantifier()) throw Error(_at, "expected something to repeat", $"found '{_pattern[_at]}'");
                part = Node.Many(part, min, max);
            }
            parts.Add(part);
        }
        return Node.All([.. parts]);
    }

    private bool IsQuantifier()
    {
        int at = _at;
        bool is_ = Quantifier(out _, out _);
        _at = at;
        return is_;
    }

    private bool Quantifier(out int min, out int? max)
    {
        (min, max) = (0, null);
        switch (_pattern[_at])
        {
            case '*':
                _at++;
                return true;
            case '+':
                _at++;
                min = 1;
                return true;
            case '?':
                _at++;
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
        int close = _pattern.IndexOf('}', _at);
        string[] parts = close < 0 ? [] : _pattern[(_at + 1)..close].Split(',');
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
        if (max < min) throw Error(_at, "expected bounds in order", $"found {_pattern[_at..(close + 1)]}");
        _at = close + 1;
        return true;
    }

    private int Number(string digits) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw Error(_at, $"expected bounds of at most {int.MaxValue}", $"found {digits}");

    private Node Atom()
    {
        int start = _at;
        char c = _pattern[_at++];
        switch (c)
        {
            case '(':
                return Group(start);
            case '[':
                return Chars(Class(start));
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
                _at--;
                return Chars(Cased(CharSet.Of(Character())));
        }
    }

    private Node Escaped(int start)
    {
        if (_at < _pattern.Length && _pattern[_at] is 'A' or 'z' or 'Z')
            throw Error(start, "expected ^ or $", $"found \\{_pattern[_at]}");
        if (_at < _pattern.Length && _pattern[_at] is 'b' or 'B') throw Error(start, "expected a regular part", "found a word boundary");
        return Chars(Cased(Escape(start, inClass: false)));
    }

    private Node Group(int start)
    {
        bool anyCase = _anyCase, dotAll = _dotAll;
        if (Take('?'))
        {
            string rest = _pattern[_at..];
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
        int close = _pattern.IndexOf('>', _at);
        if (close < 0) throw Error(start, "expected a name that ends with '>'", "found none");
        _at = close + 1;
    }

    // (?i) holds to the end of the group around it, (?i:…) for its own; true: it was the former.
    private bool Flags(int start)
    {
        bool on = true;
        while (_at < _pattern.Length)
        {
            switch (_pattern[_at++])
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
                    throw Error(start, "expected (?:…), (?<name>…), (?i) or (?s)", $"found '{_pattern[start.._at]}'");
            }
        }
        throw Error(start, "expected a group that is closed", "found the end");
    }

    private CharSet Class(int start)
    {
        bool negated = Take('^');
        if (_at < _pattern.Length && _pattern[_at] == ']') throw Error(start, "expected a class with characters (']' as \\])", "found none");
        List<(int, int)> ranges = [];
        while (true)
        {
            if (_at >= _pattern.Length) throw Error(start, "expected a class that is closed", "found the end");
            if (Take(']')) break;
            int at = _at;
            CharSet first = Item();
            bool isRange = _at + 1 < _pattern.Length && _pattern[_at] == '-' && _pattern[_at + 1] != ']';
            if (!isRange)
            {
                ranges.AddRange(first.Ranges);
                continue;
            }
            _at++;
            CharSet last = Item();
            if (Single(first) is not int low || Single(last) is not int high || low > high)
                throw Error(at, "expected a range of two characters in order", $"found '{_pattern[at.._at]}'");
            ranges.Add((low, high));
        }
        CharSet set = Cased(CharSet.Of([.. ranges]));
        return negated ? set.Complement() : set;
    }

    private CharSet Item()
    {
        int start = _at;
        return Take('\\') ? Escape(start, inClass: true) : CharSet.Of(Character());
    }

    private static int? Single(CharSet set) =>
        set.Ranges.Length == 1 && set.Ranges[0].First == set.Ranges[0].Last ? set.Ranges[0].First : null;

    private CharSet Escape(int start, bool inClass)
    {
        if (_at >= _pattern.Length) throw Error(start, "expected a character behind '\\'", "found the end");
        char c = _pattern[_at++];
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
            case 'a' or 'e': throw Error(start, "expected \\x07 or \\x1b", $"found \\{c}");
            case '0' when _at >= _pattern.Length || !char.IsAsciiDigit(_pattern[_at]): return CharSet.Of(0);
            case 'x': return CharSet.Of(Hex(start, 2));
            case 'u': return CharSet.Of(Unicode(start));
            case 'p' or 'P': return Category(start, c == 'P');
            case 'c' when _at < _pattern.Length && char.IsAsciiLetter(_pattern[_at]): return CharSet.Of(_pattern[_at++] % 32);
            case >= '0' and <= '9' or 'k': throw Error(start, "expected a regular part", "found a reference back");
        }
        if (char.IsAsciiLetter(c)) throw Error(start, "expected an escape that is known", $"found \\{c}");
        _at--;
        return CharSet.Of(Character());
    }

    private int Unicode(int start)
    {
        if (Take('{'))
        {
            int close = _pattern.IndexOf('}', _at);
            if (close < 0 || close - _at is 0 or > 6) throw Error(start, "expected \\u{…} with 1 to 6 digits", "found others");
            int value = Hex(start, close - _at);
            _at++;
            return value <= CharSet.Largest ? value : throw Error(start, "expected a code point up to 10FFFF", $"found {value:X}");
        }
        int unit = Hex(start, 4);
        if (char.IsHighSurrogate((char)unit) && _pattern.AsSpan(_at).StartsWith("\\u", StringComparison.Ordinal))
        {
            _at += 2;
            int low = Hex(start, 4);
            if (char.IsLowSurrogate((char)low)) return char.ConvertToUtf32((char)unit, (char)low);
        }
        return !char.IsSurrogate((char)unit) ? unit : throw Error(start, "expected a whole character", $"found half a surrogate pair {unit:X4}");
    }

    private int Hex(int start, int digits)
    {
        int value = 0;
        for (int i = 0; i < digits; i++, _at++)
        {
            if (_at >= _pattern.Length || !char.IsAsciiHexDigit(_pattern[_at])) throw Error(start, $"expected {digits} hex digits", "found others");
            value = value * 16 + Convert.ToInt32(_pattern[_at].ToString(), 16);
        }
        return value;
    }

    private CharSet Category(int start, bool negated)
    {
        int close = Take('{') ? _pattern.IndexOf('}', _at) : -1;
        if (close < 0) throw Error(start, "expected \\p{…}", "found no braces");
        string name = _pattern[_at..close];
        _at = close + 1;
        name = name.StartsWith("gc=", StringComparison.Ordinal) ? name[3..] : name;
        CharSet set = CharClasses.Category(name)
            ?? throw Error(start, "expected a general category of Unicode such as L, Lu or Nd", $"found \\p{{{name}}}");
        return negated ? set.Complement() : set;
    }

    private int Character()
    {
        if (Rune.DecodeFromUtf16(_pattern.AsSpan(_at), out Rune rune, out int used) != System.Buffers.OperationStatus.Done)
            throw Error(_at, "expected whole characters", "found half a surrogate pair");
        _at += used;
        return rune.Value;
    }

    private CharSet Cased(CharSet set) => _anyCase ? CharClasses.BothCases(set) : set;

    private static Node Chars(CharSet set) => new Node.Chars(set, CharCoding.Utf8);

    private bool Take(char c)
    {
        if (_at >= _pattern.Length || _pattern[_at] != c) return false;
        _at++;
        return true;
    }

    private ConstraintException Error(int position, string expected, string found)
    {
        string shown = _pattern.Length <= 80 ? _pattern : _pattern[..77] + "...";
        return new ConstraintException($"Regular expression '{shown}' at {position}: {expected}, {found}.");
    }
}
