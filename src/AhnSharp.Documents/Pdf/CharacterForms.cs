using System.Text;

namespace AhnSharp.Documents.Pdf;

/// <summary>What a drawn character reads as: typographic forms of letters become the letters.</summary>
internal static class CharacterForms
{
    /// <summary>Latin ligatures (U+FB00 to FB06) and the positional forms of Arabic letters are spelled out; control characters and marks
    /// without width go.</summary>
    public static string Plain(string text)
    {
        bool plain = true;
        foreach (char c in text) plain &= c is >= ' ' and < '\u007f' or >= '\u00a1' and < '\u0600' and not '\u00ad';
        if (plain) return text;
        StringBuilder result = new();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (Spelled(rune.Value) is { } letters) result.Append(letters);
            else if (Rune.IsWhiteSpace(rune)) result.Append(' ');
            else if (!Rune.IsControl(rune) && rune.Value is not (0xFEFF or 0x200B)) result.Append(rune);
        }
        return result.ToString();
    }

    /// <summary>A character of a script that is written without spaces between words.</summary>
    public static bool IsWithoutSpaces(string text) => text.Length > 0
        && Rune.DecodeFromUtf16(text, out Rune rune, out _) == System.Buffers.OperationStatus.Done
        && rune.Value is >= 0x2E80 and <= 0x9FFF or >= 0xF900 and <= 0xFAFF or >= 0xFF00 and <= 0xFFEF or >= 0x20000 and <= 0x3FFFF;

    public static bool IsWithoutSpaces(char c) =>
        c is >= '\u2E80' and <= '\u9FFF' or >= '\uF900' and <= '\uFAFF' or >= '\uFF00' and <= '\uFFEF';

    // The letters of U+FE80 to FEF4, each with the number of its forms (alone, final, initial, medial).
    private const string ArabicForms = "ء1آ2أ2ؤ2إ2ئ4ا2ب4ة2ت4ث4ج4ح4خ4د2ذ2ر2ز2س4ش4ص4ض4ط4ظ4ع4غ4ف4ق4ك4ل4م4ن4ه4و2ى2ي4";

    private static string? Spelled(int rune) => rune switch
    {
        0xFB00 => "ff",
        0xFB01 => "fi",
        0xFB02 => "fl",
        0xFB03 => "ffi",
        0xFB04 => "ffl",
        0xFB05 or 0xFB06 => "st",
        >= 0xFE80 and <= 0xFEF4 => ArabicLetter(rune - 0xFE80),
        // Lam and alef in one, in the order in which a page shows them: the line is turned round later.
        >= 0xFEF5 and <= 0xFEFC => "آأإا"[(rune - 0xFEF5) / 2] + "ل",
        _ => null,
    };

    private static string ArabicLetter(int form)
    {
        for (int i = 0; ; i += 2)
        {
            form -= ArabicForms[i + 1] - '0';
            if (form < 0) return ArabicForms[i].ToString();
        }
    }
}
