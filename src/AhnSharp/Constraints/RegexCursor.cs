using System;
using System.Text;

namespace AhnSharp.Constraints;

/// <summary>Where the reading of a regular expression is.</summary>
internal sealed class RegexCursor(string text)
{
    public string Text => text;
    public int At { get; set; }

    public bool Take(char c)
    {
        if (At >= text.Length || text[At] != c) return false;
        At++;
        return true;
    }

    public int Hex(int start, int digits)
    {
        int value = 0;
        for (int i = 0; i < digits; i++, At++)
        {
            if (At >= Text.Length || !char.IsAsciiHexDigit(Text[At])) throw Error(start, $"expected {digits} hex digits", "found others");
            value = value * 16 + Convert.ToInt32(Text[At].ToString(), 16);
        }
        return value;
    }

    public int Character()
    {
        if (Rune.DecodeFromUtf16(Text.AsSpan(At), out Rune rune, out int used) != System.Buffers.OperationStatus.Done)
            throw Error(At, "expected whole characters", "found half a surrogate pair");
        At += used;
        return rune.Value;
    }

    public ConstraintException Error(int position, string expected, string found)
    {
        string shown = text.Length <= 80 ? text : text[..77] + "...";
        return new ConstraintException($"Regular expression '{shown}' at {position}: {expected}, {found}.");
    }
}
