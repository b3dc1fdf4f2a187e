using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>Upper, lower and title case as Python has them; every character keeps the origin of the one it came from.</summary>
internal static class TextCase
{
    // Those of Unicode's full mappings that make several characters of one, as far as Latin texts meet them.
    private static readonly Dictionary<char, string> LongUpper = new()
    {
        ['ß'] = "SS",
        ['ŉ'] = "ʼN",
        ['ǰ'] = "J̌",
        ['ﬀ'] = "FF",
        ['ﬁ'] = "FI",
        ['ﬂ'] = "FL",
        ['ﬃ'] = "FFI",
        ['ﬄ'] = "FFL",
        ['ﬅ'] = "ST",
        ['ﬆ'] = "ST",
    };

    public static TemplateString Upper(TemplateString text, TemplateBudget budget) => Map(text, budget, static (_, c) => ToUpper(c));

    public static TemplateString Lower(TemplateString text, TemplateBudget budget) => Map(text, budget, static (at, c) => ToLower(at, c));

    public static TemplateString CaseFold(TemplateString text, TemplateBudget budget) =>
        Map(text, budget, static (_, c) => c == 0x1E9E ? "ss" : c is 'ß' or (>= 0xFB00 and <= 0xFB06) ? ToUpper(c).ToLowerInvariant()
            : c == 'ς' ? "σ" : LowerOf(c));

    public static TemplateString Swap(TemplateString text, TemplateBudget budget) =>
        Map(text, budget, static (at, c) => IsUpper(c) ? ToLower(at, c) : IsLower(c) ? ToUpper(c) : char.ConvertFromUtf32(c));

    /// <summary>str.capitalize: the first character in title case, the others in lower case.</summary>
    public static TemplateString Capitalize(TemplateString text, TemplateBudget budget) =>
        Map(text, budget, static (at, c) => at.Offset == 0 ? ToTitle(c) : ToLower(at, c));

    /// <summary>str.title: what follows a character without case begins a word.</summary>
    public static TemplateString Title(TemplateString text, TemplateBudget budget)
    {
        bool inWord = false;
        return Map(text, budget, (at, c) =>
        {
            string mapped = inWord ? ToLower(at, c) : ToTitle(c);
            inWord = IsCased(c);
            return mapped;
        });
    }

    /// <summary>The filter title: words end at white space, hyphens and opening brackets.</summary>
    public static TemplateString TitleWords(TemplateString text, TemplateBudget budget)
    {
        bool inWord = false;
        return Map(text, budget, (at, c) =>
        {
            if (c is '-' or '(' or '{' or '[' or '<' || (c <= 0xFFFF && PythonText.IsSpace((char)c)))
            {
                inWord = false;
                return char.ConvertFromUtf32(c);
            }
            string mapped = inWord ? ToLower(at, c) : ToUpper(c);
            inWord = true;
            return mapped;
        });
    }

    public static bool IsUpper(int codePoint) => Category(codePoint) == UnicodeCategory.UppercaseLetter || IsOtherUpper(codePoint);

    public static bool IsLower(int codePoint) => Category(codePoint) == UnicodeCategory.LowercaseLetter || codePoint is 0xAA or 0xBA;

    public static bool IsTitle(int codePoint) => Category(codePoint) == UnicodeCategory.TitlecaseLetter;

    private static bool IsCased(int codePoint) => IsUpper(codePoint) || IsLower(codePoint) || IsTitle(codePoint);

    // Roman numbers and circled letters.
    private static bool IsOtherUpper(int codePoint) => codePoint is (>= 0x2160 and <= 0x216F) or (>= 0x24B6 and <= 0x24CF);

    private static UnicodeCategory Category(int codePoint) => CharUnicodeInfo.GetUnicodeCategory(codePoint);

    private static string ToUpper(int c) => c <= 0xFFFF && LongUpper.TryGetValue((char)c, out string? several) ? several
        : Rune.IsValid(c) ? Rune.ToUpperInvariant(new Rune(c)).ToString() : ((char)c).ToString();

    private static string ToTitle(int c) => c <= 0xFFFF && LongUpper.TryGetValue((char)c, out string? several)
        ? several[0] + several[1..].ToLowerInvariant() : c is >= 0x1C4 and <= 0x1CC ? char.ConvertFromUtf32((c - 0x1C4) / 3 * 3 + 0x1C5)
        : c is >= 0x1F1 and <= 0x1F3 ? "ǲ" : ToUpper(c);

    private static string ToLower((string Text, int Offset) at, int c)
    {
        if (c == 'İ') return "i̇";
        return c == 'Σ' && IsFinal(at.Text, at.Offset) ? "ς" : LowerOf(c);
    }

    private static string LowerOf(int c) => Rune.IsValid(c) ? Rune.ToLowerInvariant(new Rune(c)).ToString() : ((char)c).ToString();

    // The sigma at the end of a word.
    private static bool IsFinal(string text, int offset) => offset > 0 && IsCased(text[offset - 1])
        && !(offset + 1 < text.Length && IsCased(text[offset + 1]));

    private static TemplateString Map(TemplateString text, TemplateBudget budget, Func<(string Text, int Offset), int, string> map)
    {
        TemplateStringBuilder mapped = new(budget);
        string source = text.Text;
        for (int i = 0; i < source.Length;)
        {
            int length = TemplateString.LengthAt(source, i), c = TemplateString.CodePointAt(source, i);
            if (char.IsSurrogate(source[i]) && length == 1) mapped.Append(source[i], text.IsFromTemplate(i));
            else mapped.Append(map((source, i), c), text.IsFromTemplate(i));
            i += length;
        }
        return mapped.Build();
    }
}
