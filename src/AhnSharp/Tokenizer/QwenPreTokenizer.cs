using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace AhnSharp.Tokenizer;

/// <summary>Cuts text into the words that Qwen2's byte-level BPE merges in, as a scanner over code points.</summary>
/// <remarks>
/// The pattern, alternatives in order:
/// <code>
/// (?i:'s|'t|'re|'ve|'m|'ll|'d) | [^\r\n\p{L}\p{N}]?\p{L}+ | \p{N} | ?[^\s\p{L}\p{N}]+[\r\n]* | \s*[\r\n]+ | \s+(?!\S) | \s+
/// </code>
/// (the fourth begins with an optional space). Written out because .NET's \p{L} looks at UTF-16 units: it would take the
/// letters beyond U+FFFF for symbols and could cut a surrogate pair in two. Every code point is a letter, a number, a space or
/// a symbol, so words leave no gaps.
/// Source: tokenizer.json of Qwen2.5, pre_tokenizer.
/// </remarks>
internal sealed class QwenPreTokenizer : PreTokenizer
{
    private enum Kind : byte
    {
        Symbol,
        Letter,
        Number,
        Space,
        LineEnd, // \r and \n, which are spaces too
    }

    // One look-up instead of a category test: nearly all text is below U+0080.
    private static readonly Kind[] AsciiKinds = MakeAsciiKinds();

    /// <inheritdoc/>
    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Words(text);
    }

    /// <inheritdoc/>
    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text) => Words(text);

    /// <summary>Offset and length, in UTF-16 units, of every word of a text.</summary>
    public static List<(int Offset, int Length)> Words(ReadOnlySpan<char> text)
    {
        List<(int, int)> words = new(text.Length / 4 + 1);
        for (int offset = 0; offset < text.Length;)
        {
            int length = WordLength(text[offset..]);
            words.Add((offset, length));
            offset += length;
        }
        return words;
    }

    /// <summary>
    /// UTF-16 units at the beginning of a text that can be cut into words alone, whatever follows the text: its words and those of
    /// the rest are those of the whole.
    /// </summary>
    /// <remarks>
    /// A word never looks back; it looks ahead to where something else begins, and a run of spaces to what comes behind all of it.
    /// </remarks>
    public static int SettledLength(ReadOnlySpan<char> text)
    {
        // The first half of a pair may become any character.
        if (text.Length > 0 && char.IsHighSurrogate(text[^1])) text = text[..^1];
        int settled = 0;
        for (int offset = 0; offset < text.Length;)
        {
            ReadOnlySpan<char> rest = text[offset..];
            int length = WordLength(rest);
            if (Math.Max(length, SpaceRun(rest, out _)) == rest.Length) break;
            offset += length;
            // Spaces at the end of a text are one word, but the last of them before something is a word or part of one.
            if (KindAt(text, offset - 1, out _) != Kind.Space) settled = offset;
        }
        return settled;
    }

    /// <summary>Length, in UTF-16 units, of the word that a text not empty begins with.</summary>
    private static int WordLength(ReadOnlySpan<char> text)
    {
        int contraction = ContractionLength(text);
        if (contraction > 0) return contraction;

        Kind first = KindAt(text, 0, out int firstLength);
        if (first == Kind.Letter) return SkipLetters(text, firstLength);
        if (first == Kind.Number) return firstLength;
        if (first != Kind.LineEnd && firstLength < text.Length && KindAt(text, firstLength, out int second) == Kind.Letter)
            return SkipLetters(text, firstLength + second);
        if (first == Kind.Symbol) return SkipSymbols(text, firstLength);
        if (text[0] == ' ' && text.Length > 1 && KindAt(text, 1, out second) == Kind.Symbol) return SkipSymbols(text, 1 + second);
        return SpaceLength(text);
    }

    /// <summary>
    /// Spaces: up to the last line end of the run; or else, where something follows, all but the last space; or else all.
    /// </summary>
    private static int SpaceLength(ReadOnlySpan<char> text)
    {
        int end = SpaceRun(text, out int afterLineEnd);
        if (afterLineEnd > 0) return afterLineEnd;
        return end < text.Length && end > 1 ? end - 1 : end;
    }

    private static int SpaceRun(ReadOnlySpan<char> text, out int afterLineEnd)
    {
        int end = afterLineEnd = 0;
        while (end < text.Length && KindAt(text, end, out _) is Kind.Space or Kind.LineEnd)
        {
            end++;
            if (text[end - 1] is '\r' or '\n') afterLineEnd = end;
        }
        return end;
    }

    private static int SkipLetters(ReadOnlySpan<char> text, int end)
    {
        while (end < text.Length && KindAt(text, end, out int length) == Kind.Letter) end += length;
        return end;
    }

    private static int SkipSymbols(ReadOnlySpan<char> text, int end)
    {
        while (end < text.Length && KindAt(text, end, out int length) == Kind.Symbol) end += length;
        while (end < text.Length && text[end] is '\r' or '\n') end++;
        return end;
    }

    private static int ContractionLength(ReadOnlySpan<char> text)
    {
        if (text[0] != '\'' || text.Length < 2) return 0;
        char first = Fold(text[1]);
        if (first is 's' or 't' or 'm' or 'd') return 2;
        if (text.Length < 3) return 0;
        return (first, Fold(text[2])) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3 : 0;
    }

    // U+017F, the long s, is the one other character that case folding makes a letter of the contractions.
    private static char Fold(char character) => character switch
    {
        >= 'A' and <= 'Z' => (char)(character | 0x20),
        '\u017F' => 's',
        _ => character,
    };

    private static Kind KindAt(ReadOnlySpan<char> text, int offset, out int length)
    {
        char character = text[offset];
        length = 1;
        if (character < 0x80) return AsciiKinds[character];
        Rune.DecodeFromUtf16(text[offset..], out Rune rune, out length);
        return KindOf(rune);
    }

    private static Kind KindOf(Rune rune)
    {
        if (rune.Value is '\r' or '\n') return Kind.LineEnd;
        if (Rune.IsWhiteSpace(rune)) return Kind.Space;
        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => Kind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
            _ => Kind.Symbol,
        };
    }

    private static Kind[] MakeAsciiKinds()
    {
        Kind[] kinds = new Kind[0x80];
        for (int value = 0; value < kinds.Length; value++) kinds[value] = KindOf(new Rune(value));
        return kinds;
    }
}
