using System;
using System.Globalization;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>What Python's str.isalpha and its kin say of characters and texts.</summary>
internal static class TextPredicates
{
    /// <summary>Whether a text is not empty and every code point of it is so.</summary>
    public static bool IsAll(TemplateString text, Func<int, bool> isSo)
    {
        for (int i = 0; i < text.Length; i += TemplateString.LengthAt(text.Text, i))
        {
            if (!isSo(TemplateString.CodePointAt(text.Text, i))) return false;
        }
        return text.Length > 0;
    }

    public static bool IsLetter(int codePoint) => CharUnicodeInfo.GetUnicodeCategory(codePoint) is UnicodeCategory.UppercaseLetter
        or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter
        or UnicodeCategory.OtherLetter;

    public static bool IsDecimal(int codePoint) => CharUnicodeInfo.GetUnicodeCategory(codePoint) == UnicodeCategory.DecimalDigitNumber;

    public static bool IsDigit(int codePoint) => IsDecimal(codePoint)
        || CharUnicodeInfo.GetDigitValue(char.ConvertFromUtf32(Valid(codePoint)), 0) >= 0;

    public static bool IsNumeric(int codePoint) => IsDigit(codePoint)
        || CharUnicodeInfo.GetNumericValue(char.ConvertFromUtf32(Valid(codePoint)), 0) >= 0;

    public static bool IsAlphanumeric(int codePoint) => IsLetter(codePoint) || IsNumeric(codePoint);

    public static bool IsUpper(TemplateString text) =>
        HasCase(text, TextCase.IsUpper, static c => TextCase.IsLower(c) || TextCase.IsTitle(c));

    public static bool IsLower(TemplateString text) =>
        HasCase(text, TextCase.IsLower, static c => TextCase.IsUpper(c) || TextCase.IsTitle(c));

    /// <summary>Whether upper case begins every run of letters with case and lower case goes on with it, and there is one.</summary>
    public static bool IsTitle(TemplateString text)
    {
        bool found = false, inWord = false;
        for (int i = 0; i < text.Length; i += TemplateString.LengthAt(text.Text, i))
        {
            int c = TemplateString.CodePointAt(text.Text, i);
            bool begins = TextCase.IsUpper(c) || TextCase.IsTitle(c), goesOn = TextCase.IsLower(c);
            if ((begins && inWord) || (goesOn && !inWord)) return false;
            inWord = begins || goesOn;
            found |= inWord;
        }
        return found;
    }

    private static bool HasCase(TemplateString text, Func<int, bool> wanted, Func<int, bool> other)
    {
        bool found = false;
        for (int i = 0; i < text.Length; i += TemplateString.LengthAt(text.Text, i))
        {
            int c = TemplateString.CodePointAt(text.Text, i);
            if (other(c)) return false;
            found |= wanted(c);
        }
        return found;
    }

    // Half of a pair is no number.
    private static int Valid(int codePoint) => codePoint is >= 0xD800 and <= 0xDFFF ? 0xFFFD : codePoint;
}
