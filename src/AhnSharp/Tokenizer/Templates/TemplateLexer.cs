using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using AhnSharp.Gguf;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>Template source → tokens, white space already trimmed as transformers' settings ask (trim_blocks, lstrip_blocks).</summary>
/// <remarks>
/// A block or comment swallows one line end after it and the indentation before it on its line; <c>-</c> swallows all white space on its
/// side, <c>+</c>
/// nothing. One line end at the end of the source is dropped; \r\n and \r are \n. Source: the Jinja documentation, "Whitespace Control".
/// </remarks>
internal sealed class TemplateLexer
{
    // Longest first.
    private static readonly string[] Operators =
        ["==", "!=", ">=", "<=", "//", "**", "+", "-", "*", "/", "%", "~", "<", ">", "=", "(", ")", "[", "]", "{", "}", ".", ":", "|",
            ",", ";"];

    private readonly string _source;
    private readonly List<TemplateToken> _tokens = [];
    private int _position;
    private int _line = 1;
    private int _countedTo; // line ends before this offset are in _line

    private TemplateLexer(string source) => _source = source;

    public static List<TemplateToken> Read(string source)
    {
        source = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        if (source.EndsWith('\n')) source = source[..^1];
        TemplateLexer lexer = new(source);
        lexer.ReadAll();
        return lexer._tokens;
    }

    private void ReadAll()
    {
        while (_position < _source.Length)
        {
            int start = NextOpening();
            char kind = start < _source.Length ? _source[start + 1] : '\0';
            char sign = start + 2 < _source.Length ? _source[start + 2] : '\0';
            string data = _source[_position..start];
            if (kind != '\0' && sign == '-') data = PythonText.TrimEnd(data);
            else if (kind is '%' or '#' && sign != '+') data = WithoutIndentation(data);
            if (data.Length > 0) Add(TemplateTokenKind.Data, data, _position);
            _position = start;
            if (kind == '#') SkipComment();
            else if (kind == '%' && RawLength() is > 0 and int raw) ReadRaw(raw);
            else if (kind != '\0') ReadCode(kind == '%', sign is '-' or '+');
        }
        Add(TemplateTokenKind.End, "", _position);
    }

    /// <summary>Where the next {{, {% or {# is; the length of the source where there is none.</summary>
    private int NextOpening()
    {
        for (int i = _position; i + 1 < _source.Length; i++)
        {
            int brace = _source.AsSpan(i).IndexOf('{');
            if (brace < 0) break;
            i += brace;
            if (i + 1 < _source.Length && _source[i + 1] is '{' or '%' or '#') return i;
        }
        return _source.Length;
    }

    /// <summary>Data without the white space between the beginning of its last line and the tag that follows.</summary>
    private string WithoutIndentation(string data)
    {
        int lineStart = data.LastIndexOf('\n') + 1;
        bool atLineStart = lineStart > 0 || _position == 0 || _source[_position - 1] == '\n';
        return atLineStart && PythonText.TrimEnd(data[lineStart..]).Length == 0 ? data[..lineStart] : data;
    }

    private void SkipComment()
    {
        int end = _source.IndexOf("#}", _position + 2, StringComparison.Ordinal);
        if (end < 0) throw new ChatTemplateException(LineAt(_position), "found a comment {# that never ends with #}.");
        char sign = end > _position + 2 ? _source[end - 1] : '\0';
        _position = end + 2;
        SkipAfter(sign, block: true);
    }

    /// <summary>Length of the tag <c>{% raw %}</c> where one stands here; else 0.</summary>
    private int RawLength() => TagLength(_position, "raw", out _, out _);

    private int TagLength(int start, string name, out char before, out char after)
    {
        (before, after) = ('\0', '\0');
        int at = start + 2;
        if (at < _source.Length && _source[at] is '-' or '+') before = _source[at++];
        while (at < _source.Length && PythonText.IsSpace(_source[at])) at++;
        if (string.CompareOrdinal(_source, at, name, 0, name.Length) != 0) return 0;
        at += name.Length;
        while (at < _source.Length && PythonText.IsSpace(_source[at])) at++;
        if (at < _source.Length && _source[at] is '-' or '+') after = _source[at++];
        return string.CompareOrdinal(_source, at, "%}", 0, 2) == 0 ? at + 2 - start : 0;
    }

    /// <summary>Text up to <c>{% endraw %}</c>, as it stands.</summary>
    private void ReadRaw(int length)
    {
        int begin = _position;
        TagLength(_position, "raw", out _, out char sign);
        _position += length;
        // Of what follows a raw tag only '-' takes white space away, not its line end.
        SkipAfter(sign, block: false);
        int start = _position;
        for (int end = start; (end = _source.IndexOf("{%", end, StringComparison.Ordinal)) >= 0; end += 2)
        {
            int closing = TagLength(end, "endraw", out char before, out char after);
            if (closing == 0) continue;
            string data = _source[start..end];
            if (before == '-') data = PythonText.TrimEnd(data);
            else if (before != '+') data = WithoutIndentation(data);
            if (data.Length > 0) Add(TemplateTokenKind.Data, data, start);
            _position = end + closing;
            SkipAfter(after, block: true);
            return;
        }
        throw new ChatTemplateException(LineAt(begin), "the tag 'raw' is not closed by 'endraw'.");
    }

    private void ReadCode(bool block, bool signed)
    {
        int begin = _position;
        Add(block ? TemplateTokenKind.TagBegin : TemplateTokenKind.PrintBegin, block ? "{%" : "{{", begin);
        _position += signed ? 3 : 2;
        string close = block ? "%}" : "}}";
        Stack<char> open = new();
        while (true)
        {
            while (_position < _source.Length && PythonText.IsSpace(_source[_position])) _position++;
            if (_position == _source.Length) throw new ChatTemplateException(LineAt(begin),
                $"found {(block ? "{%" : "{{")} that never ends with {close}.");
            char sign = _source[_position] is '-' or '+' ? _source[_position] : '\0';
            if (!block && sign == '+') sign = '\0';
            int closeAt = sign == '\0' ? _position : _position + 1;
            if (open.Count == 0 && string.CompareOrdinal(_source, closeAt, close, 0, 2) == 0)
            {
                Add(block ? TemplateTokenKind.TagEnd : TemplateTokenKind.PrintEnd, close, _position);
                _position = closeAt + 2;
                SkipAfter(sign, block);
                return;
            }
            ReadExpressionToken(open);
        }
    }

    private void SkipAfter(char sign, bool block)
    {
        if (sign == '-')
        {
            while (_position < _source.Length && PythonText.IsSpace(_source[_position])) _position++;
        }
        else if (block && sign != '+' && _position < _source.Length && _source[_position] == '\n')
        {
            _position++;
        }
    }

    private void ReadExpressionToken(Stack<char> open)
    {
        int start = _position;
        char first = _source[start];
        if (first is '\'' or '"')
        {
            ReadString(first);
        }
        else if (char.IsAsciiDigit(first))
        {
            ReadNumber();
        }
        else if (char.IsAsciiLetter(first) || first == '_')
        {
            while (_position < _source.Length && (char.IsAsciiLetterOrDigit(_source[_position]) || _source[_position] == '_')) _position++;
            Add(TemplateTokenKind.Name, _source[start.._position], start);
        }
        else
        {
            string? symbol = Array.Find(Operators, o => string.CompareOrdinal(_source, start, o, 0, o.Length) == 0);
            if (symbol is null) throw new ChatTemplateException(LineAt(start),
                $"the character {GgufText.Quote(first.ToString())} is not part of the template language.");
            Balance(symbol[0], open, start);
            _position += symbol.Length;
            Add(TemplateTokenKind.Operator, symbol, start);
        }
    }

    private void Balance(char symbol, Stack<char> open, int at)
    {
        if (symbol is '(' or '[' or '{') open.Push(symbol == '(' ? ')' : symbol == '[' ? ']' : '}');
        else if (symbol is ')' or ']' or '}' && (open.Count == 0 || open.Pop() != symbol))
            throw new ChatTemplateException(LineAt(at), $"found '{symbol}' that closes nothing.");
    }

    private void ReadNumber()
    {
        int start = _position;
        bool isFloat = false;
        if (_source[start] == '0' && start + 1 < _source.Length && _source[start + 1] is 'x' or 'X' or 'o' or 'O' or 'b' or 'B')
        {
            _position += 2;
            while (_position < _source.Length && (char.IsAsciiHexDigit(_source[_position]) || _source[_position] == '_')) _position++;
            Add(TemplateTokenKind.Integer, _source[start.._position], start);
            return;
        }
        SkipDigits();
        if (_position + 1 < _source.Length && _source[_position] == '.' && char.IsAsciiDigit(_source[_position + 1]))
        {
            isFloat = true;
            _position++;
            SkipDigits();
        }
        if (_position < _source.Length && _source[_position] is 'e' or 'E')
        {
            int digits = _position + 1;
            if (digits < _source.Length && _source[digits] is '+' or '-') digits++;
            if (digits < _source.Length && char.IsAsciiDigit(_source[digits]))
            {
                isFloat = true;
                _position = digits;
                SkipDigits();
            }
        }
        Add(isFloat ? TemplateTokenKind.Float : TemplateTokenKind.Integer,
            _source[start.._position].Replace("_", "", StringComparison.Ordinal), start);
    }

    private void SkipDigits()
    {
        while (_position < _source.Length && (char.IsAsciiDigit(_source[_position]) || _source[_position] == '_')) _position++;
    }

    private void ReadString(char quote)
    {
        int start = _position++;
        StringBuilder value = new();
        while (true)
        {
            if (_position == _source.Length) throw new ChatTemplateException(LineAt(start), "found a string that never ends.");
            char character = _source[_position++];
            if (character == quote) break;
            if (character == '\\' && _position < _source.Length) ReadEscape(value);
            else value.Append(character);
        }
        Add(TemplateTokenKind.String, value.ToString(), start);
    }

    /// <summary>Escapes as in Python's strings; an unknown one stands for itself with its backslash.</summary>
    private void ReadEscape(StringBuilder value)
    {
        char escape = _source[_position++];
        switch (escape)
        {
            case '\n': break;
            case '\\' or '\'' or '"': value.Append(escape); break;
            case 'n': value.Append('\n'); break;
            case 't': value.Append('\t'); break;
            case 'r': value.Append('\r'); break;
            case 'a': value.Append('\a'); break;
            case 'b': value.Append('\b'); break;
            case 'f': value.Append('\f'); break;
            case 'v': value.Append('\v'); break;
            case 'x': ReadHex(value, 2); break;
            case 'u': ReadHex(value, 4); break;
            case 'U': ReadHex(value, 8); break;
            case >= '0' and <= '7': ReadOctal(value, escape - '0'); break;
            case 'N':
                throw new ChatTemplateException(LineAt(_position),
                "the escape \\N in a string is not supported; write the character.");
            default: value.Append('\\').Append(escape); break;
        }
    }

    private void ReadHex(StringBuilder value, int digits)
    {
        if (_position + digits > _source.Length
            || !uint.TryParse(_source.AsSpan(_position, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
                out uint code)
            || code > 0x10FFFF)
            throw new ChatTemplateException(LineAt(_position),
                $"expected {digits} hexadecimal digits of a code point after the escape in a string.");
        _position += digits;
        if (code > 0xFFFF) value.Append(char.ConvertFromUtf32((int)code));
        else value.Append((char)code);
    }

    private void ReadOctal(StringBuilder value, int code)
    {
        for (int i = 0; i < 2 && _position < _source.Length
            && _source[_position] is >= '0' and <= '7'; i++) code = code * 8 + _source[_position++] - '0';
        value.Append((char)code);
    }

    private void Add(TemplateTokenKind kind, string text, int offset) => _tokens.Add(new TemplateToken(kind, text, LineAt(offset)));

    private int LineAt(int offset)
    {
        // Asked in ascending order but for errors, so that the whole source is counted once.
        if (offset < _countedTo) return 1 + _source.AsSpan(0, offset).Count('\n');
        _line += _source.AsSpan(_countedTo, offset - _countedTo).Count('\n');
        _countedTo = offset;
        return _line;
    }
}
