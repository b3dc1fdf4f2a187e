using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;

namespace AhnSharp.Documents.Html;

/// <summary>The bytes of an HTML file → its markup: by the byte order mark, else the encoding it declares, else UTF-8.</summary>
internal static partial class HtmlBytes
{
    private const int DeclaredWithin = 1024;

    /// <summary>Bytes outside the encoding become U+FFFD, as in a browser, and a note says how many.</summary>
    public static string Decode(string name, byte[] bytes, List<string> notes)
    {
        (Encoding encoding, int mark) = TextBytes.Mark(bytes) ?? (Declared(name, bytes), 0);
        Encoding lenient = (Encoding)encoding.Clone();
        lenient.DecoderFallback = new DecoderReplacementFallback("\uFFFD");
        string markup = lenient.GetString(bytes, mark, bytes.Length - mark);
        // The page may show that character itself.
        int replaced = markup.Count(static c => c == '\uFFFD');
        if (replaced > 0 && !IsWhole(encoding, bytes.AsSpan(mark)))
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"bytes that are not {encoding.WebName} are shown as \uFFFD, which stands in {replaced:N0} {(replaced == 1 ? "place" : "places")}"));
        return markup;
    }

    private static bool IsWhole(Encoding encoding, ReadOnlySpan<byte> bytes)
    {
        Encoding strict = (Encoding)encoding.Clone();
        strict.DecoderFallback = DecoderFallback.ExceptionFallback;
        try
        {
            strict.GetCharCount(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    // HTML, "determining the character encoding": the label in the first 1024 bytes; utf-16 there cannot be true, since it was read as ASCII.
    private static Encoding Declared(string name, byte[] bytes)
    {
        string start = Encoding.Latin1.GetString(bytes, 0, Math.Min(bytes.Length, DeclaredWithin));
        Match label = Label().Match(start);
        if (!label.Success || label.Groups[1].Value.StartsWith("utf", StringComparison.OrdinalIgnoreCase)) return Encoding.UTF8;
        string charset = label.Groups[1].Value;
        // Browsers read these two as windows-1252, and so do the pages that declare them.
        if (charset.Equals("iso-8859-1", StringComparison.OrdinalIgnoreCase) || charset.Equals("us-ascii", StringComparison.OrdinalIgnoreCase)) charset = "windows-1252";
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(charset) ?? Encoding.GetEncoding(charset);
        }
        catch (ArgumentException)
        {
            throw new DocumentException(name, $"expected a known character encoding, found '{charset}' declared; convert the file to UTF-8.");
        }
    }

    [GeneratedRegex("""<(?:meta|\?xml)[^>]{0,256}?(?:charset|encoding)\s*=\s*["']?([A-Za-z0-9_.:-]{1,40})""", RegexOptions.IgnoreCase)]
    private static partial Regex Label();
}
