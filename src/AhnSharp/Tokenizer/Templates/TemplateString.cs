using System;
using System.Collections.Generic;
using System.Text;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>A string of the template language that knows, for each character, whether the template or a value wrote it. Immutable.</summary>
/// <remarks>
/// What the template wrote may be a special token; what came from a message may not (<see cref="ChatTemplate.Encode"/>). Lengths and offsets of the
/// language count code points, as Python does; those of this class count UTF-16 units.
/// </remarks>
internal sealed class TemplateString : IEquatable<TemplateString>
{
    public static readonly TemplateString Empty = new("", true, null);

    private readonly bool _fromTemplate;     // of every character, where _origins is null
    private readonly bool[]? _origins;       // [Text.Length] true = written by the template
    private int _codePoints = -1;

    private TemplateString(string text, bool fromTemplate, bool[]? origins)
    {
        Text = text;
        _fromTemplate = fromTemplate;
        _origins = origins;
    }

    public string Text { get; }

    public int Length => Text.Length;

    /// <summary>Length in code points.</summary>
    public int CodePoints
    {
        get
        {
            if (_codePoints < 0)
            {
                int pairs = 0;
                for (int i = 1; i < Text.Length; i++) pairs += char.IsSurrogatePair(Text[i - 1], Text[i]) ? 1 : 0;
                _codePoints = Text.Length - pairs;
            }
            return _codePoints;
        }
    }

    /// <summary>Text that the template wrote.</summary>
    public static TemplateString OfTemplate(string text) => text.Length == 0 ? Empty : new(text, true, null);

    /// <summary>Text that came from outside: a message, a tool, a number.</summary>
    public static TemplateString OfValue(string text) => text.Length == 0 ? Empty : new(text, false, null);

    /// <summary>Pieces joined.</summary>
    public static TemplateString Join(IReadOnlyList<TemplateString> pieces)
    {
        if (pieces.Count == 1) return pieces[0];
        StringBuilder text = new();
        foreach (TemplateString piece in pieces) text.Append(piece.Text);
        bool[] origins = new bool[text.Length];
        int end = 0;
        foreach (TemplateString piece in pieces)
        {
            piece.CopyOrigins(origins.AsSpan(end));
            end += piece.Length;
        }
        if (!origins.AsSpan().Contains(false)) return OfTemplate(text.ToString());
        return origins.AsSpan().Contains(true) ? new(text.ToString(), false, origins) : OfValue(text.ToString());
    }

    /// <summary>Writes, a character each, whether the template wrote it.</summary>
    public void CopyOrigins(Span<bool> origins)
    {
        if (_origins is null) origins[..Length].Fill(_fromTemplate);
        else _origins.CopyTo(origins);
    }

    public TemplateString Slice(int start, int length)
    {
        if (length == Length) return this;
        return length == 0 ? Empty : new(Text.Substring(start, length), _fromTemplate, _origins?.AsSpan(start, length).ToArray());
    }

    /// <summary>The text with upper or lower case; Unicode's one-to-one mappings, which keep every character's place.</summary>
    public TemplateString InCase(bool upper) => new(upper ? Text.ToUpperInvariant() : Text.ToLowerInvariant(), _fromTemplate, _origins);

    /// <summary>Offset in UTF-16 units of a code point.</summary>
    public int OffsetOf(int codePoint)
    {
        if (CodePoints == Length) return codePoint;
        int offset = 0;
        for (; codePoint > 0; codePoint--) offset += char.IsSurrogatePair(Text, offset) ? 2 : 1;
        return offset;
    }

    /// <summary>Every code point as a string of its own.</summary>
    public IEnumerable<TemplateString> Characters()
    {
        for (int offset = 0, length; offset < Length; offset += length)
        {
            length = offset + 1 < Length && char.IsSurrogatePair(Text, offset) ? 2 : 1;
            yield return Slice(offset, length);
        }
    }

    /// <summary>Without the given characters, or white space, at the asked sides.</summary>
    public TemplateString Trim(string? characters, bool atStart, bool atEnd)
    {
        int start = 0, end = Length;
        for (int length; atStart && start < end; start += length)
        {
            length = start + 1 < end && char.IsSurrogatePair(Text, start) ? 2 : 1;
            if (!Trims(start, length)) break;
        }
        for (int length; atEnd && end > start; end -= length)
        {
            length = end - 2 >= start && char.IsSurrogatePair(Text, end - 2) ? 2 : 1;
            if (!Trims(end - length, length)) break;
        }
        return Slice(start, end - start);

        bool Trims(int offset, int length) => characters is null
            ? PythonText.IsSpace(Text[offset])
            : characters.AsSpan().IndexOf(Text.AsSpan(offset, length), StringComparison.Ordinal) >= 0;
    }

    /// <summary>Pieces between separators, at most <paramref name="splits"/> cuts, or all where negative; null = runs of white space.</summary>
    public List<TemplateString> Split(string? separator, long splits)
    {
        List<TemplateString> pieces = [];
        int start = 0;
        if (separator is not null)
        {
            for (int at; splits-- != 0 && (at = Text.IndexOf(separator, start, StringComparison.Ordinal)) >= 0; start = at + separator.Length)
                pieces.Add(Slice(start, at - start));
            pieces.Add(Slice(start, Length - start));
            return pieces;
        }
        while (true)
        {
            while (start < Length && PythonText.IsSpace(Text[start])) start++;
            if (start == Length) return pieces;
            int end = start;
            if (splits-- == 0) end = Length; // the rest, with the white space at its end, as Python does
            while (end < Length && !PythonText.IsSpace(Text[end])) end++;
            pieces.Add(Slice(start, end - start));
            start = end;
        }
    }

    /// <summary>Order by code points.</summary>
    public int CompareTo(TemplateString other)
    {
        int common = Text.AsSpan().CommonPrefixLength(other.Text);
        if (common == Length || common == other.Length) return Length - other.Length;
        (char a, char b) = (Text[common], other.Text[common]);
        // Surrogates stand for code points above all that are written without them.
        if (char.IsSurrogate(a) != char.IsSurrogate(b)) return char.IsSurrogate(a) ? 1 : -1;
        return a - b;
    }

    public bool Equals(TemplateString? other) => other is not null && Text == other.Text;

    public override bool Equals(object? obj) => Equals(obj as TemplateString);

    public override int GetHashCode() => string.GetHashCode(Text, StringComparison.Ordinal);

    public override string ToString() => Text;
}
