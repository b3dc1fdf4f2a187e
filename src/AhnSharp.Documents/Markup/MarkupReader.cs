using System;
using System.Collections.Frozen;
using System.Collections.Generic;

namespace AhnSharp.Documents.Markup;

/// <summary>Reads HTML, XHTML and XML tag by tag, as written: the one place for markup that is not quite what it should be.</summary>
/// <remarks>
/// Nothing is refused: a stray &amp; or &lt; is text, text before the declaration is skipped by whoever asks for elements, an end without a
/// beginning is told as it stands. Names are in lower case. One pass forward, and no more than the markup itself, a tag's places and one
/// text is held: time and memory grow with the length and with nothing else, whatever is nested in what. Nothing outside the markup is ever
/// opened. Source: HTML standard, "Tokenization"; XML 1.0.
/// </remarks>
internal sealed class MarkupReader(string markup, MarkupKind kind)
{
    // More names than any vocabulary has; beyond, each is a string of its own.
    private const int MaxNames = 1024;
    private static readonly FrozenSet<string> s_raw = FrozenSet.ToFrozenSet(["script", "style", "xmp", "iframe", "noembed", "noframes"]);
    private readonly HashSet<string> _names = [];
    private readonly List<Place> _attributes = [];
    private MarkupEntities? _entities;
    private string? _rawUntil;
    private bool _isRaw;
    private int _at;
    private (int Start, int End) _text;
    private bool _isLiteral;

    /// <summary>What is read.</summary>
    public MarkupToken Token { get; private set; }

    /// <summary>The element's name, in lower case; in XML without its prefix.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Whether the tag closes itself.</summary>
    public bool IsEmpty { get; private set; }

    /// <summary>Whether the tag has attributes.</summary>
    public bool HasAttributes => _attributes.Count > 0;

    /// <summary>The text, with its entities resolved.</summary>
    public ReadOnlySpan<char> Text
    {
        get
        {
            ReadOnlySpan<char> text = markup.AsSpan(_text.Start, _text.End - _text.Start);
            return _isLiteral || !text.Contains('&') ? text : Entities.Resolve(text, isAttribute: false);
        }
    }

    /// <summary>The markup behind what was read.</summary>
    public ReadOnlySpan<char> Rest => markup.AsSpan(_at);

    private MarkupEntities Entities => _entities ??= new MarkupEntities(isHtml: kind == MarkupKind.Html);

    /// <summary>The value of an attribute of the tag; null where it is absent. In XML without its prefix.</summary>
    public string? Attribute(string name)
    {
        foreach (Place place in _attributes)
        {
            if (!LocalName(markup.AsSpan(place.NameStart, place.NameLength)).Equals(name, StringComparison.OrdinalIgnoreCase)) continue;
            ReadOnlySpan<char> value = markup.AsSpan(place.ValueStart, place.ValueLength);
            return value.Contains('&') ? Entities.Resolve(value, isAttribute: true).ToString() : value.ToString();
        }
        return null;
    }

    /// <summary>Goes to the next tag or text; false at the end.</summary>
    public bool Read()
    {
        if (_rawUntil is not null && ReadRaw()) return true;
        while (_at < markup.Length)
        {
            int open = TagFrom(_at);
            if (open > _at) return SetText(_at, open, literal: false, next: open);
            if (ReadTag()) return true;
        }
        Token = MarkupToken.End;
        return false;
    }

    // The next < that begins a tag, a comment, a declaration; any other is text.
    private int TagFrom(int start)
    {
        for (int at = start; ; at++)
        {
            int found = markup.AsSpan(at).IndexOf('<');
            if (found < 0) return markup.Length;
            at += found;
            if (at + 1 < markup.Length && (char.IsAsciiLetter(markup[at + 1]) || markup[at + 1] is '/' or '!' or '?'
                || (kind == MarkupKind.Xml && IsNameStart(markup[at + 1])))) return at;
        }
    }

    // At a <. False where it was nothing that is told: a comment, a declaration, an instruction.
    private bool ReadTag()
    {
        char next = markup[_at + 1];
        if (next == '!') return ReadDeclaration();
        if (next == '?')
        {
            _at = After(kind == MarkupKind.Html ? ">" : "?>", _at + 2);
            return false;
        }
        bool closes = next == '/';
        int start = _at + (closes ? 2 : 1);
        if (start >= markup.Length || !(char.IsAsciiLetter(markup[start]) || (kind == MarkupKind.Xml && IsNameStart(markup[start]))))
        {
            _at = After(">", start);
            return false;
        }
        int end = start;
        while (end < markup.Length && !IsSpace(markup[end]) && markup[end] is not ('/' or '>')) end++;
        string name = NameOf(markup.AsSpan(start, end - start));
        if (!ReadAttributes(end)) return false;
        (Token, Name) = (closes ? MarkupToken.Close : MarkupToken.Open, name);
        if (closes) _attributes.Clear();
        else if (!(IsEmpty && kind != MarkupKind.Html)) SetRaw(name);
        return true;
    }

    // From the end of a name to behind the >; false where none comes, and with it the end.
    private bool ReadAttributes(int at)
    {
        _attributes.Clear();
        IsEmpty = false;
        while (at < markup.Length)
        {
            char c = markup[at];
            if (c == '>')
            {
                _at = at + 1;
                return true;
            }
            if (IsSpace(c) || c == '/')
            {
                IsEmpty = c == '/' && at + 1 < markup.Length && markup[at + 1] == '>';
                at++;
                continue;
            }
            int name = at++;
            while (at < markup.Length && !IsSpace(markup[at]) && markup[at] is not ('/' or '>' or '=')) at++;
            int nameEnd = at;
            while (at < markup.Length && IsSpace(markup[at])) at++;
            if (at >= markup.Length || markup[at] != '=')
            {
                _attributes.Add(new Place(name, nameEnd - name, 0, 0));
                continue;
            }
            at++;
            while (at < markup.Length && IsSpace(markup[at])) at++;
            if (at >= markup.Length) break;
            int value = at, valueEnd;
            if (markup[at] is '"' or '\'')
            {
                int close = markup.IndexOf(markup[at], at + 1);
                if (close < 0) break;
                (value, valueEnd, at) = (at + 1, close, close + 1);
            }
            else
            {
                while (at < markup.Length && !IsSpace(markup[at]) && markup[at] != '>') at++;
                valueEnd = at;
                // <a href=x/> of XML that lost its quotes.
                if (kind != MarkupKind.Html && at < markup.Length && markup[at] == '>' && valueEnd > value && markup[valueEnd - 1] == '/')
                    (valueEnd, IsEmpty) = (valueEnd - 1, true);
            }
            _attributes.Add(new Place(name, nameEnd - name, value, valueEnd - value));
        }
        _at = markup.Length;
        return false;
    }

    private bool ReadDeclaration()
    {
        ReadOnlySpan<char> rest = markup.AsSpan(_at);
        if (rest.StartsWith("<!--"))
        {
            ReadOnlySpan<char> inside = rest[4..];
            _at = inside.StartsWith(">") ? _at + 5 : inside.StartsWith("->") ? _at + 6 : CommentEnd(_at + 4);
            return false;
        }
        if (rest.StartsWith("<![CDATA[") && kind != MarkupKind.Html)
        {
            int start = _at + 9, end = markup.IndexOf("]]>", start, StringComparison.Ordinal);
            return SetText(start, end < 0 ? markup.Length : end, literal: true, next: end < 0 ? markup.Length : end + 3);
        }
        if (kind == MarkupKind.Html || !rest.StartsWith("<!doctype", StringComparison.OrdinalIgnoreCase)) _at = After(">", _at + 2);
        else _at = Entities.ReadDocumentType(markup, _at + 9);
        return false;
    }

    private int CommentEnd(int from)
    {
        int plain = markup.IndexOf("--", from, StringComparison.Ordinal);
        while (plain >= 0)
        {
            int end = plain + 2;
            if (end < markup.Length && markup[end] == '>') return end + 1;
            if (kind == MarkupKind.Html && end + 1 < markup.Length && markup[end] == '!' && markup[end + 1] == '>') return end + 2;
            plain = markup.IndexOf("--", plain + 1, StringComparison.Ordinal);
        }
        return markup.Length;
    }

    private void SetRaw(string name)
    {
        if (kind == MarkupKind.Xml) return;
        bool text = kind == MarkupKind.Html && name is "title" or "textarea";
        _isRaw = kind == MarkupKind.Html ? s_raw.Contains(name) : name is "script" or "style";
        if (kind == MarkupKind.Xhtml) text = false;
        if (_isRaw || text) _rawUntil = name;
        else if (kind == MarkupKind.Html && name == "plaintext") (_rawUntil, _isRaw) = ("\0", true);
    }

    private bool ReadRaw()
    {
        string name = _rawUntil!;
        _rawUntil = null;
        for (int at = _at; (at = markup.IndexOf("</", at, StringComparison.Ordinal)) >= 0; at += 2)
        {
            int end = at + 2 + name.Length;
            if (end > markup.Length || !markup.AsSpan(at + 2, name.Length).Equals(name, StringComparison.OrdinalIgnoreCase)) continue;
            if (end < markup.Length && !IsSpace(markup[end]) && markup[end] is not ('/' or '>')) continue;
            return at > _at && SetText(_at, at, literal: _isRaw, next: at);
        }
        return markup.Length > _at && SetText(_at, markup.Length, literal: _isRaw, next: markup.Length);
    }

    private bool SetText(int start, int end, bool literal, int next)
    {
        (Token, _text, _isLiteral, _at) = (MarkupToken.Text, (start, end), literal, next);
        return true;
    }

    private int After(string mark, int from)
    {
        int found = from >= markup.Length ? -1 : markup.IndexOf(mark, from, StringComparison.Ordinal);
        return found < 0 ? markup.Length : found + mark.Length;
    }

    private string NameOf(ReadOnlySpan<char> written)
    {
        ReadOnlySpan<char> local = LocalName(written);
        Span<char> lower = local.Length <= 64 ? stackalloc char[local.Length] : new char[local.Length];
        local.ToLowerInvariant(lower);
        HashSet<string>.AlternateLookup<ReadOnlySpan<char>> names = _names.GetAlternateLookup<ReadOnlySpan<char>>();
        if (names.TryGetValue(lower, out string? known)) return known;
        string name = lower.ToString();
        if (_names.Count < MaxNames) _names.Add(name);
        return name;
    }

    private ReadOnlySpan<char> LocalName(ReadOnlySpan<char> name) => kind == MarkupKind.Html ? name : name[(name.LastIndexOf(':') + 1)..];

    private static bool IsNameStart(char c) => c == '_' || c == ':' || (c > '\u007F' && char.IsLetter(c));

    private static bool IsSpace(char c) => c is ' ' or '\t' or '\n' or '\r' or '\f';

    private readonly record struct Place(int NameStart, int NameLength, int ValueStart, int ValueLength);
}
