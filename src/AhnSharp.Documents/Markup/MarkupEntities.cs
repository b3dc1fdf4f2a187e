using System;
using System.Collections.Frozen;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;

namespace AhnSharp.Documents.Markup;

/// <summary>What stands for characters in markup: numbers, the names of HTML, and names that the document's own type defines.</summary>
/// <remarks>
/// Names that a document defines may name each other: all their expansions together are bounded, and beyond that a name stays
/// as it is written. Definitions that point to files or addresses are not followed. Source: HTML standard, "Character
/// reference state"; XML 1.0, section 4.
/// </remarks>
internal sealed class MarkupEntities(bool isHtml)
{
    // Documents that define entities define names of firms and chapters: some hundred characters. A book's worth is 64 KB.
    private const int MaxExpanded = 1 << 16, DeepestExpansion = 8, MaxDefined = 4096, LongestName = 64;
    private static FrozenDictionary<string, string>? s_known;
    private readonly StringBuilder _resolved = new();
    private Dictionary<string, string>? _defined;
    private int _expanded;
    private char[] _buffer = [];

    private static FrozenDictionary<string, string> Known => s_known ??= Load();

    /// <summary>The text with its references resolved; valid until the next call.</summary>
    public ReadOnlySpan<char> Resolve(ReadOnlySpan<char> text, bool isAttribute)
    {
        _resolved.Clear();
        Append(text, isAttribute, depth: 0);
        if (_buffer.Length < _resolved.Length) _buffer = new char[Math.Max(_resolved.Length, 2 * _buffer.Length)];
        _resolved.CopyTo(0, _buffer, _resolved.Length);
        return _buffer.AsSpan(0, _resolved.Length);
    }

    /// <summary>
    /// Reads a document type from behind its keyword, keeps the entities that it defines by a text, and returns the place behind it.
    /// </summary>
    public int ReadDocumentType(string markup, int at)
    {
        while (at < markup.Length)
        {
            switch (markup[at])
            {
                case '>': return at + 1;
                case '"' or '\'': at = After(markup, markup[at], at + 1); break;
                case '[': at = ReadSubset(markup, at + 1); break;
                default: at++; break;
            }
        }
        return markup.Length;
    }

    private int ReadSubset(string markup, int at)
    {
        while (at < markup.Length)
        {
            if (markup[at] == ']') return at + 1;
            ReadOnlySpan<char> rest = markup.AsSpan(at);
            if (rest.StartsWith("<!--"))
            {
                int end = markup.IndexOf("-->", at + 4, StringComparison.Ordinal);
                at = end < 0 ? markup.Length : end + 3;
            }
            else if (rest[0] == '<')
            {
                int start = at;
                at++;
                while (at < markup.Length && markup[at] != '>') at = markup[at] is '"' or '\'' ? After(markup, markup[at], at + 1) : at + 1;
                if (rest.StartsWith("<!ENTITY"))
                    Define(markup.AsSpan(start + 8, Math.Max(0, Math.Min(at, markup.Length) - start - 8)).Trim());
                at++;
            }
            else at++;
        }
        return markup.Length;
    }

    // name "value"; the ones of parameters (%) and of files (SYSTEM, PUBLIC) define no text.
    private void Define(ReadOnlySpan<char> definition)
    {
        int name = 0;
        while (name < definition.Length && !char.IsWhiteSpace(definition[name])) name++;
        ReadOnlySpan<char> value = definition[name..].TrimStart();
        if (name is 0 or > LongestName || value.Length < 2 || value[0] is not ('"' or '\'')) return;
        int close = value[1..].IndexOf(value[0]);
        if (close >= 0 && (_defined ??= []).Count < MaxDefined)
            _defined.TryAdd(definition[..name].ToString(), value[1..(close + 1)].ToString());
    }

    private void Append(ReadOnlySpan<char> text, bool isAttribute, int depth)
    {
        while (!text.IsEmpty)
        {
            int mark = text.IndexOf('&');
            _resolved.Append(mark < 0 ? text : text[..mark]);
            if (mark < 0) return;
            text = text[mark..];
            int taken = text.Length > 1 && text[1] == '#' ? AppendNumber(text) : AppendName(text, isAttribute, depth);
            if (taken == 0) _resolved.Append('&');
            text = text[Math.Max(taken, 1)..];
        }
    }

    private int AppendNumber(ReadOnlySpan<char> text)
    {
        bool isHex = text.Length > 2 && text[2] is 'x' or 'X';
        int start = isHex ? 3 : 2, end = start, number = 0;
        while (end < text.Length && (isHex ? char.IsAsciiHexDigit(text[end]) : char.IsAsciiDigit(text[end])))
        {
            int digit = char.IsAsciiDigit(text[end]) ? text[end] - '0' : (text[end] | 0x20) - 'a' + 10;
            number = Math.Min(number * (isHex ? 16 : 10) + digit, 0x110000);
            end++;
        }
        if (end == start) return 0;
        // Numbers of C1 controls mean the characters of windows-1252, as in browsers.
        if (number is >= 0x80 and <= 0x9F) number = CodePagesEncodingProvider.Instance.GetEncoding(1252)!.GetString([(byte)number])[0];
        _resolved.Append(Rune.IsValid(number) && number != 0 ? new Rune(number).ToString() : "\uFFFD");
        return end < text.Length && text[end] == ';' ? end + 1 : end;
    }

    private int AppendName(ReadOnlySpan<char> text, bool isAttribute, int depth)
    {
        int end = 1;
        while (end < text.Length && end <= LongestName && (char.IsLetterOrDigit(text[end]) || (!isHtml && text[end] is '_' or '-' or '.')))
            end++;
        bool isWhole = end < text.Length && text[end] == ';';
        FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> known = Known.GetAlternateLookup<ReadOnlySpan<char>>();
        if (isWhole && _defined is not null && _defined.TryGetValue(text[1..end].ToString(), out string? own))
            return AppendOwn(own, end + 1, isAttribute, depth);
        if (isWhole && known.TryGetValue(text[1..(end + 1)], out string? characters))
        {
            _resolved.Append(characters);
            return end + 1;
        }
        if (!isHtml) return 0;
        // Old names need no ; in HTML: the longest that begins what stands there, in attributes only where it is not
        // the beginning of a longer word.
        for (int length = Math.Min(end, 7); length > 2; length--)
        {
            if (!known.TryGetValue(text[1..length], out characters)) continue;
            if (isAttribute && length < text.Length && (text[length] == '=' || char.IsAsciiLetterOrDigit(text[length]))) return 0;
            _resolved.Append(characters);
            return length;
        }
        return 0;
    }

    private int AppendOwn(string value, int taken, bool isAttribute, int depth)
    {
        if (depth >= DeepestExpansion || _expanded + value.Length > MaxExpanded) return 0;
        _expanded += value.Length;
        Append(value.Contains('<', StringComparison.Ordinal) ? WithoutTags(value) : value, isAttribute, depth + 1);
        return taken;
    }

    private static string WithoutTags(string value)
    {
        StringBuilder text = new();
        bool inTag = false;
        foreach (char c in value)
        {
            if (c == '<') inTag = true;
            else if (c == '>' && inTag) inTag = false;
            else if (!inTag) text.Append(c);
        }
        return text.ToString();
    }

    private static int After(string markup, char mark, int from)
    {
        int found = markup.IndexOf(mark, Math.Min(from, markup.Length));
        return found < 0 ? markup.Length : found + 1;
    }

    private static FrozenDictionary<string, string> Load()
    {
        using Stream stream = typeof(MarkupEntities).Assembly.GetManifestResourceStream("entities.txt")!;
        using StreamReader lines = new(stream);
        Dictionary<string, string> names = new(2300);
        while (lines.ReadLine() is { } line)
        {
            if (line.StartsWith('#')) continue;
            string[] parts = line.Split(' ');
            StringBuilder characters = new();
            for (int i = 1; i < parts.Length; i++)
                characters.Append(new Rune(int.Parse(parts[i], NumberStyles.HexNumber, CultureInfo.InvariantCulture)));
            names.Add(parts[0], characters.ToString());
        }
        return names.ToFrozenDictionary();
    }
}
