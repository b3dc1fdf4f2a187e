using System;
using System.Collections.Generic;
using System.Text;

namespace AhnSharp.Server.Documents;

/// <summary>From bytes of a text as UTF-8 to its characters (UTF-16 units).</summary>
internal sealed class Utf8Index
{
    private const int Apart = 1 << 14;
    private readonly string _text;
    private readonly List<(int Character, long Byte)> _marks = [];

    public Utf8Index(string text)
    {
        _text = text;
        long bytes = 0;
        for (int at = 0; at < text.Length;)
        {
            _marks.Add((at, bytes));
            int end = Math.Min(text.Length, at + Apart);
            if (end < text.Length && char.IsLowSurrogate(text[end])) end++;
            bytes += Encoding.UTF8.GetByteCount(text.AsSpan(at, end - at));
            at = end;
        }
        Bytes = bytes;
    }

    /// <summary>Bytes of the whole text.</summary>
    public long Bytes { get; }

    /// <summary>The character in which a byte stands; those before and behind the text are its ends.</summary>
    public int CharacterAt(long byteOffset)
    {
        if (byteOffset <= 0) return 0;
        if (byteOffset >= Bytes) return _text.Length;
        int low = 0, high = _marks.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_marks[middle].Byte <= byteOffset) low = middle;
            else high = middle - 1;
        }
        (int at, long bytes) = _marks[low];
        while (true)
        {
            Rune.DecodeFromUtf16(_text.AsSpan(at), out Rune rune, out int units);
            bytes += rune.Utf8SequenceLength;
            if (bytes > byteOffset) return at;
            at += units;
        }
    }
}
