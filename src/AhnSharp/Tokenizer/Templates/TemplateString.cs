using System;
using System.Collections.Generic;
using System.Text;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>A string of the template language that knows, for each character, whether the template or a value wrote it.
/// Immutable.</summary>
/// <remarks>
/// What the template wrote may be a special token; what came from a message may not (<see cref="ChatTemplate.Encode"/>). Lengths and
/// offsets of the
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

    /// <summary>Text with an origin for each of its characters.</summary>
    public static TemplateString Of(string text, ReadOnlySpan<bool> origins)
    {
        if (!origins.Contains(false)) return OfTemplate(text);
        return origins.Contains(true) ? new(text, false, origins.ToArray()) : OfValue(text);
    }

    /// <summary>Whether the template wrote the character at an offset.</summary>
    public bool IsFromTemplate(int offset) => _origins is null ? _fromTemplate : _origins[offset];

    /// <summary>How many code points lie before an offset.</summary>
    public long CodePointsBefore(int offset)
    {
        if (CodePoints == Length) return offset;
        int pairs = 0;
        for (int i = 1; i < offset; i++) pairs += char.IsSurrogatePair(Text[i - 1], Text[i]) ? 1 : 0;
        return offset - pairs;
    }

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

    /// <summary>Without the given characters, or white space, at the asked sides; its time is the length of the two together.</summary>
    public TemplateString Trim(string? characters, bool atStart, bool atEnd)
    {
        HashSet<int>? trimmed = null;
        if (characters is not null)
        {
            trimmed = [];
            for (int i = 0; i < characters.Length; i += LengthAt(characters, i)) trimmed.Add(CodePointAt(characters, i));
        }
        int start = 0, end = Length;
        for (int length; atStart && start < end; start += length)
        {
            length = LengthAt(Text, start);
            if (!Trims(start)) break;
        }
        for (int length; atEnd && end > start; end -= length)
        {
            length = end - 2 >= start && char.IsSurrogatePair(Text, end - 2) ? 2 : 1;
            if (!Trims(end - length)) break;
        }
        return Slice(start, end - start);

        bool Trims(int offset) => trimmed is null ? PythonText.IsSpace(Text[offset]) : trimmed.Contains(CodePointAt(Text, offset));
    }

    /// <summary>Pieces between separators, at most <paramref name="splits"/> cuts, or all where negative; null = runs of white
    /// space.</summary>
    public List<TemplateString> Split(string? separator, long splits, TemplateBudget budget)
    {
        List<TemplateString> pieces = [];
        int start = 0;
        if (separator is not null)
        {
            TextSearch search = new(separator);
            for (int at; splits-- != 0 && (at = search.First(Text, start)) >= 0; start = at + separator.Length) Add(start, at);
            Add(start, Length);
            return pieces;
        }
        while (true)
        {
            while (start < Length && PythonText.IsSpace(Text[start])) start++;
            if (start == Length) return pieces;
            int end = start;
            if (splits-- == 0) end = Length; // the rest, with the white space at its end, as Python does
            while (end < Length && !PythonText.IsSpace(Text[end])) end++;
            Add(start, end);
            start = end;
        }

        void Add(int from, int to)
        {
            budget.Step();
            pieces.Add(Slice(from, to - from));
        }
    }

    /// <summary>The same with the cuts taken from the end.</summary>
    public List<TemplateString> SplitFromEnd(string? separator, long splits, TemplateBudget budget)
    {
        List<TemplateString> pieces = [];
        int end = Length;
        if (separator is not null)
        {
            TextSearch search = new(separator, backwards: true);
            for (int at; splits-- != 0 && (at = search.Last(Text, end)) >= 0; end = at) Add(at + separator.Length, end);
            Add(0, end);
        }
        else
        {
            while (true)
            {
                while (end > 0 && PythonText.IsSpace(Text[end - 1])) end--;
                if (end == 0) break;
                int start = end;
                if (splits-- == 0) start = 0;
                while (start > 0 && !PythonText.IsSpace(Text[start - 1])) start--;
                Add(start, end);
                end = start;
            }
        }
        pieces.Reverse();
        return pieces;

        void Add(int from, int to)
        {
            budget.Step();
            pieces.Add(Slice(from, to - from));
        }
    }

    /// <summary>UTF-16 units of the code point at an offset.</summary>
    public static int LengthAt(string text, int offset) => offset + 1 < text.Length && char.IsSurrogatePair(text, offset) ? 2 : 1;

    /// <summary>The code point at an offset; half of a pair counts as itself.</summary>
    public static int CodePointAt(string text, int offset) => LengthAt(text, offset) == 2 ? char.ConvertToUtf32(text, offset)
        : text[offset];

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
