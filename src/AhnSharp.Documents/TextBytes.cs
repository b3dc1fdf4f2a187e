using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using AhnSharp.Documents.Text;

namespace AhnSharp.Documents;

/// <summary>Bytes → text: UTF-8 or UTF-16 where the bytes say so, else what fits best, which is told. Nothing is ever replaced.</summary>
internal static class TextBytes
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text; null where the bytes are none, and then <paramref name="problem"/> says what was found instead.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="note">What was chosen where the bytes do not say it; null where they do.</param>
    /// <param name="problem">What was found instead of a text.</param>
    public static string? Decode(ReadOnlySpan<byte> bytes, out string? note, out string? problem)
    {
        note = problem = null;
        if (Mark(bytes) is { } mark) return DecodeStrictly(bytes[mark.Length..], mark.Encoding, mark.Length, out problem);
        if (bytes.Contains((byte)0))
        {
            if (EncodingGuess.Utf16(bytes) is { } wide)
            {
                note = $"read as {EncodingLabels.NameOf(wide)}, as its zero bytes say; it has no byte order mark";
                return DecodeStrictly(bytes, wide, 0, out problem);
            }
            int zero = bytes.IndexOf((byte)0);
            problem = $"a zero byte at {Place(bytes, zero)} (a binary file?)";
            return null;
        }
        bool isEscaped = EncodingGuess.IsEscapedJapanese(bytes);
        if (System.Text.Unicode.Utf8.IsValid(bytes) && !isEscaped) return s_utf8.GetString(bytes);
        int bad = FirstBad(bytes, out bool isMostlyUtf8);
        Encoding? guess = isEscaped ? EncodingLabels.Page(50220) : isMostlyUtf8 ? null : EncodingGuess.Of(bytes);
        if (guess is null)
        {
            string advice = isMostlyUtf8
                ? "the rest is; correct that place"
                : "and no other encoding fits; convert the file, for example with iconv";
            problem = $"the byte 0x{bytes[bad]:X2} at {Place(bytes, bad)}, which is not UTF-8 ({advice})";
            return null;
        }
        note = isEscaped
            ? $"read as {EncodingLabels.NameOf(guess)}, as its escape sequences say"
            : $"read as {EncodingLabels.NameOf(guess)}, which fits best: the byte 0x{bytes[bad]:X2} at {Place(bytes, bad)} is not UTF-8";
        return DecodeStrictly(bytes, guess, 0, out problem);
    }

    /// <summary>Whether the bytes are text in an encoding of Unicode, whatever else they may be.</summary>
    public static bool IsUnicode(ReadOnlySpan<byte> bytes) =>
        Mark(bytes) is { } mark ? DecodeStrictly(bytes[mark.Length..], mark.Encoding, mark.Length,
            out _) is not null : !bytes.Contains((byte)0) && System.Text.Unicode.Utf8.IsValid(bytes);

    /// <summary>The encoding that a byte order mark names, and the mark's length; null where there is none.</summary>
    public static (Encoding Encoding, int Length)? Mark(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xEF, 0xBB, 0xBF, ..] => (s_utf8, 3),
        [0xFF, 0xFE, 0, 0, ..] when bytes.Length % 4 == 0 && IsUtf32(bytes) => (Encoding.UTF32, 4),
        [0xFF, 0xFE, ..] => (EncodingLabels.Page(1200), 2),
        [0xFE, 0xFF, ..] => (EncodingLabels.Page(1201), 2),
        [0, 0, 0xFE, 0xFF, ..] => (new UTF32Encoding(bigEndian: true, byteOrderMark: false), 4),
        _ => null,
    };

    /// <summary>
    /// The text as the one part of a document, with line ends as \n and no blank lines around it; no part where nothing is left.
    /// </summary>
    public static IReadOnlyList<DocumentPart> Parts(string text) =>
        Trimmed(text) is { Length: > 0 } trimmed ? [new DocumentPart(trimmed)] : [];

    /// <summary>Line ends as \n, no blank lines at either end; the indentation of the first line stays.</summary>
    public static string Trimmed(string text)
    {
        string lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').TrimEnd();
        int start = 0;
        for (int i = 0; i < lines.Length && char.IsWhiteSpace(lines[i]); i++)
        {
            if (lines[i] == '\n') start = i + 1;
        }
        return lines[start..];
    }

    private static string? DecodeStrictly(ReadOnlySpan<byte> bytes, Encoding encoding, int mark, out string? problem)
    {
        Encoding strict = (Encoding)encoding.Clone();
        strict.DecoderFallback = DecoderFallback.ExceptionFallback;
        problem = null;
        try
        {
            string text = strict.GetString(bytes);
            int nul = text.IndexOf('\0', StringComparison.Ordinal);
            if (nul < 0) return text;
            problem = string.Create(
                CultureInfo.InvariantCulture, $"a zero character at {strict.GetByteCount(text.AsSpan(0, nul)) + mark:N0} (a binary file?)");
        }
        catch (DecoderFallbackException e)
        {
            problem = e.BytesUnknown is { Length: > 0 } unknown && e.Index >= 0 && e.Index < bytes.Length
                ? string.Create(CultureInfo.InvariantCulture, $"the byte 0x{unknown[0]:X2} at {e.Index + mark:N0}, "
                    + $"which is not {EncodingLabels.NameOf(encoding)} (correct that place, or convert the file, for example with iconv)")
                : $"bytes that are not {EncodingLabels.NameOf(encoding)}";
        }
        return null;
    }

    /// <summary>The first byte that is no UTF-8, and whether nearly all of what is outside ASCII is.</summary>
    public static int FirstBad(ReadOnlySpan<byte> bytes, out bool isMostlyUtf8)
    {
        int first = -1;
        long good = 0, bad = 0;
        for (int i = 0; i < bytes.Length;)
        {
            if (bytes[i] < 0x80)
            {
                int next = bytes[i..].IndexOfAnyInRange((byte)0x80, (byte)0xFF);
                if (next < 0) break;
                i += next;
                continue;
            }
            bool isGood = Rune.DecodeFromUtf8(bytes[i..], out _, out int consumed) == System.Buffers.OperationStatus.Done;
            if (isGood) good++;
            else
            {
                bad++;
                if (first < 0) first = i;
            }
            i += consumed;
        }
        isMostlyUtf8 = good > 4 * bad;
        return Math.Max(first, 0);
    }

    private static string Place(ReadOnlySpan<byte> bytes, int at) =>
        string.Create(CultureInfo.InvariantCulture, $"{at:N0} (line {bytes[..at].Count((byte)'\n') + 1:N0})");

    private static bool IsUtf32(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return new UTF32Encoding(bigEndian: false, byteOrderMark: false, throwOnInvalidCharacters: true).GetCharCount(bytes[4..]) >= 0;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
