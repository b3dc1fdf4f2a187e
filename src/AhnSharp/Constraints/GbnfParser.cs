using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace AhnSharp.Constraints;

/// <summary>Reads grammars in GBNF, the form of llama.cpp: rules of literals, classes, groups, alternatives and repeats.</summary>
/// <remarks>
/// A rule goes on over line ends inside parentheses and behind '|' and '::='. Literals and classes take \n \r \t \\ \" \[ \] and \xNN,
/// \uNNNN, \UNNNNNNNN. A dot is any character. Left recursion is refused when the grammar is compiled, by the name of the rule.
/// </remarks>
internal sealed class GbnfParser
{
    private const int MaxSource = 1 << 20, MaxDepth = 100, MaxRules = 20_000;

    private readonly string _text;
    private readonly Dictionary<string, Rule> _rules = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _firstUse = new(StringComparer.Ordinal);
    private readonly HashSet<string> _defined = new(StringComparer.Ordinal);
    private int _at, _depth;

    private GbnfParser(string text) => _text = text;

    public static Node Parse(string text, string root)
    {
        if (text.Length > MaxSource)
            throw new ConstraintException($"Expected a grammar of at most {MaxSource} characters, found {text.Length}.");
        GbnfParser parser = new(text);
        parser.Skip(lines: true);
        while (parser._at < text.Length) parser.Definition();
        foreach ((string name, int position) in parser._firstUse)
        {
            if (!parser._defined.Contains(name)) throw parser.Error(position, $"expected a rule {name} ::= …", "found none");
        }
        if (!parser._defined.Contains(root)) throw new ConstraintException($"Grammar: expected a rule {root} to begin with, found none.");
        return parser._rules[root].Call();
    }

    private void Definition()
    {
        int start = _at;
        string name = Name() ?? throw Error(start, "expected the name of a rule", $"found '{Shown()}'");
        Skip(lines: false);
        if (!Take("::=")) throw Error(_at, $"expected ::= behind {name}", $"found '{Shown()}'");
        Skip(lines: true);
        Rule rule = RuleOf(name);
        if (!_defined.Add(name)) throw Error(start, $"expected one definition of {name}", "found a second");
        rule.Body = Alternatives(inGroup: false);
        if (_at < _text.Length && _text[_at] is not ('\n' or '\r')) throw Error(_at, "expected the end of a rule", $"found '{Shown()}'");
        Skip(lines: true);
    }

    private Rule RuleOf(string name)
    {
        if (_rules.TryGetValue(name, out Rule? rule)) return rule;
        if (_rules.Count >= MaxRules) throw new ConstraintException($"Expected a grammar of at most {MaxRules} rules, found more.");
        _rules.Add(name, rule = new Rule(name));
        return rule;
    }

    private Node Alternatives(bool inGroup)
    {
        if (++_depth > MaxDepth) throw Error(_at, $"expected groups nested at most {MaxDepth} deep", "found more");
        List<Node> alternatives = [Sequence(inGroup)];
        while (Take("|"))
        {
            Skip(lines: true);
            alternatives.Add(Sequence(inGroup));
        }
        _depth--;
        return Node.Any([.. alternatives]);
    }

    private Node Sequence(bool inGroup)
    {
        List<Node> parts = [];
        while (_at < _text.Length)
        {
            int start = _at;
            Node? part = Part();
            if (part is null) break;
            Skip(inGroup);
            parts.Add(Repeated(part, start, inGroup));
        }
        return Node.All([.. parts]);
    }

    private Node? Part()
    {
        int start = _at;
        char c = _text[_at];
        if (c == '"') return Literal();
        if (c == '[') return new Node.Chars(Class(), CharCoding.Utf8);
        if (Take(".")) return new Node.Chars(CharSet.All, CharCoding.Utf8);
        if (Take("("))
        {
            Skip(lines: true);
            Node inner = Alternatives(inGroup: true);
            return Take(")") ? inner : throw Error(start, "expected a group that is closed", $"found '{Shown()}'");
        }
        if (Name() is not string name) return null;
        _firstUse.TryAdd(name, start);
        return RuleOf(name).Call();
    }

    private Node Repeated(Node part, int start, bool inGroup)
    {
        while (_at < _text.Length && _text[_at] is '*' or '+' or '?' or '{')
        {
            (int min, int? max) = _text[_at++] switch
            {
                '*' => (0, (int?)null),
                '+' => (1, null),
                '?' => (0, 1),
                _ => Bounds(),
            };
            if (max < min) throw Error(start, "expected bounds in order", $"found {{{min},{max}}}");
            part = Node.Many(part, min, max);
            Skip(inGroup);
        }
        return part;
    }

    private (int Min, int? Max) Bounds()
    {
        Skip(lines: false);
        int? min = Number();
        Skip(lines: false);
        int? max = min;
        if (Take(","))
        {
            Skip(lines: false);
            max = Number();
            Skip(lines: false);
        }
        else if (min is null) throw Error(_at, "expected a number", $"found '{Shown()}'");
        return Take("}") ? (min ?? 0, max) : throw Error(_at, "expected '}'", $"found '{Shown()}'");
    }

    private int? Number()
    {
        int start = _at;
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at])) _at++;
        if (start == _at) return null;
        return int.TryParse(_text.AsSpan(start, _at - start), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw Error(start, $"expected a number of at most {int.MaxValue}", $"found {_text[start.._at]}");
    }

    private Node.Bytes Literal()
    {
        int start = _at++;
        List<byte> bytes = [];
        Span<byte> utf8 = stackalloc byte[4];
        while (!Take("\""))
        {
            if (_at >= _text.Length || _text[_at] is '\n') throw Error(start, "expected a literal that is closed",
                "found the end of the line");
            Rune rune = Character();
            bytes.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
        }
        return new Node.Bytes([.. bytes]);
    }

    private CharSet Class()
    {
        int start = _at++;
        bool negated = Take("^");
        List<(int, int)> ranges = [];
        while (!Take("]"))
        {
            if (_at >= _text.Length) throw Error(start, "expected a class that is closed", "found the end");
            int first = Character().Value, last = first;
            if (_at + 1 < _text.Length && _text[_at] == '-' && _text[_at + 1] != ']')
            {
                _at++;
                last = Character().Value;
            }
            if (last < first) throw Error(start, "expected ranges in order", $"found U+{first:X4} to U+{last:X4}");
            ranges.Add((first, last));
        }
        CharSet set = CharSet.Of([.. ranges]);
        return negated ? set.Complement() : set;
    }

    private Rune Character()
    {
        int start = _at;
        if (_text[_at] != '\\')
        {
            if (Rune.DecodeFromUtf16(_text.AsSpan(_at), out Rune rune, out int used) != System.Buffers.OperationStatus.Done)
                throw Error(start, "expected whole characters", "found half a surrogate pair");
            _at += used;
            return rune;
        }
        if (++_at >= _text.Length) throw Error(start, "expected a character behind '\\'", "found the end");
        char escape = _text[_at++];
        switch (escape)
        {
            case 'n': return new Rune('\n');
            case 'r': return new Rune('\r');
            case 't': return new Rune('\t');
            case '\\' or '"' or '[' or ']' or '-' or '^': return new Rune(escape);
        }
        int digits = escape switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits == 0) throw Error(start, "expected \\n, \\r, \\t, \\\\, \\\", \\[, \\], \\x, \\u or \\U", $"found \\{escape}");
        if (_at + digits > _text.Length
            || !uint.TryParse(_text.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value)
            || !Rune.TryCreate(value, out Rune numbered)) throw Error(start, $"expected {digits} hex digits of a character",
                "found others");
        _at += digits;
        return numbered;
    }

    private string? Name()
    {
        int start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '-' or '_')) _at++;
        return start == _at ? null : _text[start.._at];
    }

    // White space and comments; line ends where a rule may go on.
    private void Skip(bool lines)
    {
        while (_at < _text.Length)
        {
            if (_text[_at] == '#') _at = _text.IndexOf('\n', _at) is >= 0 and int end ? end : _text.Length;
            else if (_text[_at] is ' ' or '\t' || (lines && _text[_at] is '\r' or '\n')) _at++;
            else return;
        }
    }

    private bool Take(string token)
    {
        if (!_text.AsSpan(_at).StartsWith(token, StringComparison.Ordinal)) return false;
        _at += token.Length;
        return true;
    }

    private string Shown() => _at >= _text.Length ? "the end" : new string([.. _text.Skip(_at).Take(12).TakeWhile(c => c != '\n')]);

    private ConstraintException Error(int position, string expected, string found)
    {
        int line = 1 + _text.AsSpan(0, Math.Min(position, _text.Length)).Count('\n');
        int column = position - (position == 0 ? -1 : _text.LastIndexOf('\n', position - 1));
        return new ConstraintException($"Grammar, line {line}, column {column}: {expected}, {found}.");
    }
}
