using System;
using System.Text;
using AhnSharp.Documents.Archives;

namespace AhnSharp.Documents;

/// <summary>What a file is, from its first bytes.</summary>
internal static class FileSignature
{
    // Readers of PDF accept some bytes before the header; so does PdfPig.
    private const int PdfHeaderWithin = 1024, HtmlWithin = 512;

    /// <summary>The header at the very beginning, or further on in bytes that are no text: a text may speak of it.</summary>
    public static bool IsPdf(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith("%PDF-"u8)
        || (bytes[..Math.Min(bytes.Length, PdfHeaderWithin)].IndexOf("%PDF-"u8) > 0 && !TextBytes.IsUnicode(bytes));

    public static bool IsZip(ReadOnlySpan<byte> bytes) => bytes.StartsWith("PK\u0003\u0004"u8) || bytes.StartsWith("PK\u0005\u0006"u8);

    /// <summary>An archive behind other bytes, as downloads and mails leave it.</summary>
    public static bool IsZipBehindOtherBytes(ReadOnlySpan<byte> bytes) => ZipEnd.IsBehindOtherBytes(bytes);

    public static bool IsGzip(ReadOnlySpan<byte> bytes) => bytes is [0x1F, 0x8B, 8, ..];

    /// <summary>.doc, .xls and .ppt before 2007.</summary>
    public static bool IsOldOffice(ReadOnlySpan<byte> bytes) => bytes is [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, ..];

    public static bool HasNotebookEnding(string name) => name.EndsWith(".ipynb", StringComparison.OrdinalIgnoreCase);

    public static bool IsHtml(ReadOnlySpan<byte> bytes)
    {
        string start = Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, HtmlWithin)])
            .Replace("\0", "", StringComparison.Ordinal).TrimStart('\u00EF', '\u00BB', '\u00BF', '\u00FF', '\u00FE').TrimStart();
        return start.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase)
            || start.StartsWith("<html", StringComparison.OrdinalIgnoreCase)
            || (start.StartsWith("<?xml", StringComparison.Ordinal) && start.Contains("<html", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>
    /// More than text: what is taken apart by a parser of others. Compressed text (gzip) too, since it unpacks to any size.
    /// </summary>
    public static bool IsComplex(string name, ReadOnlySpan<byte> bytes) =>
        IsPdf(bytes) || IsZip(bytes) || IsZipBehindOtherBytes(bytes) || IsHtml(bytes) || HasHtmlEnding(name) || bytes is [0x1F, 0x8B, ..];

    public static bool HasHtmlEnding(string name) =>
        name.EndsWith(".html", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".htm", StringComparison.OrdinalIgnoreCase)
        || name.EndsWith(".xhtml", StringComparison.OrdinalIgnoreCase);
}
