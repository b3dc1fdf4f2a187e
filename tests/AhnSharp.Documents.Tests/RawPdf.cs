using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;

namespace AhnSharp.Documents.Tests;

/// <summary>PDFs written by hand: what a content stream says is what the page draws. Streams and strings are Latin-1.</summary>
internal static class RawPdf
{
    public const string Times = "<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding /WinAnsiEncoding >>";
    public const string Helvetica = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>";
    public const string Courier = "<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>";

    /// <summary>A font that says by itself what its codes mean; objects 10 and 11 are <see cref="Unicode"/> and <see
    /// cref="Descriptor"/>.</summary>
    public static string Mapped =>
        $"<< /Type /Font /Subtype /TrueType /BaseFont /Some /FirstChar 32 /LastChar 126 /Widths "
            + $"[{string.Join(' ', Enumerable.Range(0, 95).Select(static i => i % 2 == 0 ? "480" : "520"))}] /FontDescriptor 11 0 R "
            + $"/ToUnicode 10 0 R >>";

    public const string Descriptor =
        "<< /Type /FontDescriptor /FontName /Some /Flags 4 /FontBBox [0 -200 500 800] /ItalicAngle 0 /Ascent 800 /Descent -200 "
            + "/CapHeight 700 /StemV 80 >>";

    /// <summary>What codes mean: ranges of first code, last code and first character, in hexadecimal.</summary>
    public static string Unicode(params string[] ranges) =>
        Stream("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /A def\n/CMapType 2 def\n1 "
            + "begincodespacerange\n<00> <FF>\nendcodespacerange\n"
        + $"{ranges.Length} beginbfrange\n{string.Join('\n', ranges)}\nendbfrange\nendcmap\nCMapName currentdict /CMap defineresource "
        + $"pop\nend\nend");

    /// <summary>One page: fonts /F1, /F2 …, its content, and what else its dictionary says.</summary>
    public static byte[] Page(string content, string font = Times, string more = "/MediaBox [0 0 612 792]", params string[] further) =>
        Pages([content], [font], more, further);

    /// <param name="contents">A content stream a page.</param>
    /// <param name="fonts">/F1, /F2 …</param>
    /// <param name="more">Entries of every page's dictionary.</param>
    /// <param name="further">Objects that fonts may name: the first is 10 0 R.</param>
    public static byte[] Pages(IReadOnlyList<string> contents, IReadOnlyList<string> fonts, string more = "/MediaBox [0 0 612 792]",
        params string[] further) =>
        Write(contents, fonts, more, further, "", static (_, content) => content);

    /// <param name="contents">As above.</param>
    /// <param name="fonts">As above.</param>
    /// <param name="more">As above.</param>
    /// <param name="further">As above.</param>
    /// <param name="trailer">Entries of the trailer.</param>
    /// <param name="stored">A content stream as the file stores it, by the number of its object.</param>
    public static byte[] Write(IReadOnlyList<string> contents, IReadOnlyList<string> fonts, string more, string[] further, string trailer,
        Func<int, string, string> stored)
    {
        SortedDictionary<int, string> objects = new() { [1] = "<< /Type /Catalog /Pages 2 0 R >>" };
        for (int i = 0; i < fonts.Count; i++) objects[3 + i] = fonts[i];
        for (int i = 0; i < further.Length; i++) objects[10 + i] = further[i];
        string names = string.Join(' ', fonts.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"/F{i + 1} {3 + i} 0 R")));
        StringBuilder kids = new();
        for (int i = 0; i < contents.Count; i++)
        {
            (int page, int stream) = (100 + (2 * i), 101 + (2 * i));
            kids.Append(CultureInfo.InvariantCulture, $"{page} 0 R ");
            objects[page] = string.Create(CultureInfo.InvariantCulture,
                $"<< /Type /Page /Parent 2 0 R {more} /Resources << /Font << {names} >> >> /Contents {stream} 0 R >>");
            objects[stream] = Stream(stored(stream, contents[i]));
        }
        objects[2] = string.Create(CultureInfo.InvariantCulture, $"<< /Type /Pages /Kids [{kids}] /Count {contents.Count} >>");
        using MemoryStream file = new();
        Write("%PDF-1.4\n");
        Dictionary<int, long> offsets = [];
        foreach ((int number, string body) in objects)
        {
            offsets[number] = file.Position;
            Write(string.Create(CultureInfo.InvariantCulture, $"{number} 0 obj\n{body}\nendobj\n"));
        }
        long table = file.Position;
        int size = objects.Keys.Last() + 1;
        Write(string.Create(CultureInfo.InvariantCulture, $"xref\n0 {size}\n"));
        for (int number = 0; number < size; number++)
        {
            Write(offsets.TryGetValue(number, out long offset) ? string.Create(CultureInfo.InvariantCulture, $"{offset:D10} 00000 n \n")
                : "0000000000 65535 f \n");
        }
        Write(string.Create(CultureInfo.InvariantCulture,
            $"trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{table}\n%%EOF\n"));
        return file.ToArray();

        void Write(string text) => file.Write(Encoding.Latin1.GetBytes(text));
    }

    /// <summary>A stream object.</summary>
    public static string Stream(string content, string entries = "") =>
        string.Create(CultureInfo.InvariantCulture,
        $"<< /Length {Encoding.Latin1.GetByteCount(content)} {entries} >>\nstream\n{content}\nendstream");

    /// <summary>A line of text at a place and size.</summary>
    public static string Text(double x, double y, string text, double size = 11, string font = "F1") =>
        string.Create(CultureInfo.InvariantCulture, $"BT /{font} {size} Tf 1 0 0 1 {x} {y} Tm ({text}) Tj ET\n");
}
