using System;
using System.Linq;
using System.Text;

namespace AhnSharp.Documents.Text;

/// <summary>Which encoding bytes that are no UTF-8 are most likely in.</summary>
/// <remarks>
/// Each candidate decodes a sample strictly; what comes out is scored per character outside ASCII: whether it is common in the language of
/// the encoding, and whether its neighbours fit (letters beside letters of the same script and case, signs not inside words). The best one
/// counts where it is good enough; bytes that are no text score below that in all of them.
/// </remarks>
internal static class EncodingGuess
{
    // Enough for some thousand characters of any language; longer texts are of the same kind.
    private const int SampleBytes = 1 << 16;
    private const double Enough = 0.35;
    private static readonly int[] s_wide = [932, 51932, 949, 54936, 950];
    private static readonly int[] s_narrow = [1252, 1251, 20866, 1250, 1253, 866];

    /// <summary>
    /// UTF-16 without a byte order mark: letters of ASCII and line ends have their zero byte on one side; null where it is not.
    /// </summary>
    public static Encoding? Utf16(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> sample = bytes[..(Math.Min(bytes.Length, SampleBytes) & ~1)];
        if (bytes.Length < 4 || bytes.Length % 2 != 0 || !sample.Contains((byte)0)) return null;
        int even = 0, odd = 0;
        for (int i = 0; i < sample.Length; i += 2)
        {
            if (sample[i] == 0) even++;
            if (sample[i + 1] == 0) odd++;
        }
        // Text of Asia has a zero only at spaces, digits and line ends: one in two hundred letters is enough where all of it is letters.
        int letters = sample.Length / 2;
        bool isLittle = odd > 20 * even, isBig = even > 20 * odd;
        if ((!isLittle && !isBig) || Math.Max(even, odd) * 200 < letters) return null;
        int page = isLittle ? 1200 : 1201;
        string? text = Decode(page, sample, isCut: sample.Length < bytes.Length);
        return text is not null && IsPlausible(text) ? EncodingLabels.Page(page) : null;
    }

    /// <summary>The likeliest encoding of bytes that are not UTF-8; null where none fits.</summary>
    public static Encoding? Of(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> sample = Sample(bytes, out bool isCut);
        if (HasControls(sample)) return null;
        (int Page, double Score) best = (0, Enough);
        foreach (int page in s_wide.Concat(s_narrow))
        {
            if (Decode(page, sample, isCut) is not { } text) continue;
            double score = s_wide.Contains(page) ? CommonCharacters.Score(page, text) : LetterNeighbours.Score(page, text);
            if (score > best.Score && (!isCut || IsWhole(page, bytes))) best = (page, score);
        }
        return best.Page == 0 ? null : EncodingLabels.Page(best.Page);
    }

    /// <summary>Whether 7-bit text switches to Japanese by escape sequences.</summary>
    public static bool IsEscapedJapanese(ReadOnlySpan<byte> bytes) =>
        bytes.IndexOf((byte)0x1B) >= 0 && (bytes.IndexOf("\u001B$B"u8) >= 0 || bytes.IndexOf("\u001B$@"u8) >= 0)
        && bytes.IndexOfAnyInRange((byte)0x80, (byte)0xFF) < 0;

    // From the line of the first byte outside ASCII, to a line's end.
    private static ReadOnlySpan<byte> Sample(ReadOnlySpan<byte> bytes, out bool isCut)
    {
        isCut = bytes.Length > SampleBytes;
        if (!isCut) return bytes;
        int first = Math.Max(0, bytes.IndexOfAnyInRange((byte)0x80, (byte)0xFF));
        int line = bytes[..first].LastIndexOf((byte)'\n') + 1;
        if (first - line > SampleBytes / 2) line = first;
        ReadOnlySpan<byte> sample = bytes[line..Math.Min(bytes.Length, line + SampleBytes)];
        int end = sample.LastIndexOf((byte)'\n');
        return end > SampleBytes / 2 ? sample[..end] : sample;
    }

    private static bool HasControls(ReadOnlySpan<byte> sample)
    {
        int controls = 0;
        foreach (byte b in sample)
        {
            if (b is < 0x20 and not ((byte)'\t' or (byte)'\n' or (byte)'\r' or 0x0C or 0x1A or 0x1B) or 0x7F) controls++;
        }
        return controls * 1000 > sample.Length;
    }

    private static bool IsPlausible(string text) =>
        text.Count(static c => (char.IsControl(c) && c is not ('\t' or '\n' or '\r' or '\f')) || c is '\uFFFE' or '\uFFFF'
            || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.OtherNotAssigned) * 50 <= text.Length;

    private static bool IsWhole(int page, ReadOnlySpan<byte> bytes)
    {
        try
        {
            EncodingLabels.Page(page, strict: true).GetCharCount(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static string? Decode(int page, ReadOnlySpan<byte> sample, bool isCut)
    {
        Encoding strict = EncodingLabels.Page(page, strict: true);
        // A sample that is cut may end inside a character.
        for (int less = 0; less <= (isCut ? 3 : 0) && less < sample.Length; less++)
        {
            try
            {
                return strict.GetString(sample[..^less]);
            }
            catch (DecoderFallbackException)
            {
            }
        }
        return null;
    }
}
