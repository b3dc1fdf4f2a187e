using System;
using System.Globalization;
using System.Text;
using AhnSharp.Documents.Text;

namespace AhnSharp.Documents.Markup;

/// <summary>The bytes of a page → its markup, in the encoding that a browser would read.</summary>
/// <remarks>
/// In this order: a byte order mark; zero bytes where UTF-16 has them; the label that the page declares near its beginning, in XML that of
/// its first line; a label declared further on, which browsers begin anew for; UTF-8 where all bytes are; what fits best, which is said.
/// Source: HTML standard, "determining the character encoding".
/// </remarks>
internal static class MarkupBytes
{
    private const int DeclaredWithin = 1024;

    /// <summary>Bytes outside the encoding become U+FFFD, as in a browser, and a note says how many.</summary>
    public static string Decode(byte[] bytes, bool isXml, NoteList notes)
    {
        (Encoding encoding, int mark) =
            TextBytes.Mark(bytes) is { } marked ? (marked.Encoding, marked.Length) : (Choose(bytes, isXml, notes), 0);
        Encoding lenient = EncodingLabels.Page(encoding.CodePage);
        string markup = lenient.GetString(bytes, mark, bytes.Length - mark);
        // The page may show that character itself.
        int replaced = markup.AsSpan().Count('\uFFFD');
        if (replaced > 0 && !IsWhole(encoding, bytes.AsSpan(mark)))
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"bytes that are not {encoding.WebName} are shown as \uFFFD, "
                + $"which stands in {replaced:N0} {(replaced == 1 ? "place" : "places")}"));
        }
        return markup;
    }

    private static Encoding Choose(byte[] bytes, bool isXml, NoteList notes)
    {
        if (EncodingGuess.Utf16(bytes) is { } wide)
        {
            notes.Add($"read as {EncodingLabels.NameOf(wide)}, as its zero bytes say; it has no byte order mark");
            return wide;
        }
        Encoding? xml = XmlDeclaration(bytes);
        Encoding? declared = isXml && xml is not null ? xml : MetaScan.Find(bytes.AsSpan(0, Math.Min(bytes.Length, DeclaredWithin))) ?? xml
            ?? MetaScan.Find(bytes);
        // The declaration was read as ASCII, so it cannot be true of UTF-16.
        if (declared is not null) return declared.CodePage is 1200 or 1201 ? Encoding.UTF8 : declared;
        if (IsWhole(Encoding.UTF8, bytes)) return Encoding.UTF8;
        TextBytes.FirstBad(bytes, out bool isMostlyUtf8);
        if (isMostlyUtf8 || EncodingGuess.Of(bytes) is not { } guess) return Encoding.UTF8;
        notes.Add($"read as {EncodingLabels.NameOf(guess)}, which fits best: it declares no encoding, and is not UTF-8");
        return guess;
    }

    private static Encoding? XmlDeclaration(byte[] bytes)
    {
        string start = Encoding.Latin1.GetString(bytes, 0, Math.Min(bytes.Length, DeclaredWithin)).TrimStart();
        if (!start.StartsWith("<?xml", StringComparison.OrdinalIgnoreCase)) return null;
        int end = start.IndexOf("?>", StringComparison.Ordinal), at = start.IndexOf("encoding", StringComparison.OrdinalIgnoreCase);
        if (at < 0 || end < at) return null;
        ReadOnlySpan<char> value = start.AsSpan(at + 8, end - at - 8).TrimStart();
        if (value.IsEmpty || value[0] != '=') return null;
        value = value[1..].TrimStart();
        if (value.Length < 2 || value[0] is not ('"' or '\'')) return null;
        int close = value[1..].IndexOf(value[0]);
        return close < 0 ? null : EncodingLabels.Find(value.Slice(1, close));
    }

    private static bool IsWhole(Encoding encoding, ReadOnlySpan<byte> bytes)
    {
        if (encoding.CodePage == 65001) return System.Text.Unicode.Utf8.IsValid(bytes);
        try
        {
            EncodingLabels.Page(encoding.CodePage, strict: true).GetCharCount(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
