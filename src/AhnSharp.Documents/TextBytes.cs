using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace AhnSharp.Documents;

/// <summary>Bytes → text, strictly: UTF-8, with or without its byte order mark, or UTF-16 with one.</summary>
internal static class TextBytes
{
    // As far as git looks for a zero byte before it calls a file binary.
    private const int LookedAt = 8000;
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly UnicodeEncoding s_littleEndian = new(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true);
    private static readonly UnicodeEncoding s_bigEndian = new(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true);

    /// <summary>The text; null where the bytes are none, and then <paramref name="problem"/> says what was found instead.</summary>
    public static string? Decode(ReadOnlySpan<byte> bytes, out string? problem)
    {
        (Encoding encoding, int mark) = Mark(bytes) ?? (s_utf8, 0);
        problem = null;
        try
        {
            string text = encoding.GetString(bytes[mark..]);
            int nul = text.IndexOf('\0', StringComparison.Ordinal);
            if (nul < 0) return text;
            problem = Zero(encoding.GetByteCount(text.AsSpan(0, nul)) + mark);
        }
        catch (DecoderFallbackException e)
        {
            int zero = mark == 0 ? bytes[..Math.Min(bytes.Length, LookedAt)].IndexOf((byte)0) : -1;
            problem = zero >= 0 ? Zero(zero) : e.BytesUnknown is { Length: > 0 } unknown
                ? $"the byte 0x{unknown[0]:X2}, which is not {encoding.WebName} (convert the file, for example with iconv)"
                : $"bytes that are not {encoding.WebName}";
        }
        return null;
    }

    private static string Zero(int at) => string.Create(CultureInfo.InvariantCulture, $"a zero byte at {at:N0} (a binary file, or UTF-16 without its byte order mark?)");

    /// <summary>The encoding that a byte order mark names, and the mark's length; null where there is none.</summary>
    public static (Encoding Encoding, int Length)? Mark(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xEF, 0xBB, 0xBF, ..] => (s_utf8, 3),
        [0xFF, 0xFE, ..] => (s_littleEndian, 2),
        [0xFE, 0xFF, ..] => (s_bigEndian, 2),
        _ => null,
    };

    /// <summary>The text as the one part of a document, with line ends as \n and no blank lines around it; no part where nothing is left.</summary>
    public static IReadOnlyList<DocumentPart> Parts(string text) => Trimmed(text) is { Length: > 0 } trimmed ? [new DocumentPart(trimmed)] : [];

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
}
