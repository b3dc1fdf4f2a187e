using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Writer;

namespace AhnSharp.Documents.Tests;

/// <summary>Small files of every kind, made for one test, and reading them.</summary>
internal static class Files
{
    // In this process: what is tested is what the parsers make of it.
    public static Document Read(string name, byte[] bytes, DocumentLimits? limits = null) =>
        DocumentReader.Read(
            name, new MemoryStream(bytes), (limits ?? new DocumentLimits()) with { Isolation = DocumentIsolation.InProcess });

    public static Document Read(string name, string text) => Read(name, Encoding.UTF8.GetBytes(text));

    public static string TextOf(Document document) => Xunit.Assert.Single(document.Parts).Text;

    /// <summary>A PDF whose pages hold lines at (x, y) points from the lower left corner.</summary>
    public static byte[] Pdf(params (double X, double Y, string Text)[][] pages)
    {
        using PdfDocumentBuilder builder = new();
        PdfDocumentBuilder.AddedFont font = builder.AddStandard14Font(UglyToad.PdfPig.Fonts.Standard14Fonts.Standard14Font.Helvetica);
        foreach ((double X, double Y, string Text)[] lines in pages)
        {
            PdfPageBuilder page = builder.AddPage(PageSize.A4);
            foreach ((double x, double y, string text) in lines) page.AddText(text, 10, new PdfPoint(x, y), font);
        }
        return builder.Build();
    }

    public static byte[] Zip(params (string Path, string Text)[] files)
    {
        using MemoryStream bytes = new();
        using (ZipArchive archive = new(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string path, string text) in files)
            {
                using Stream stream = archive.CreateEntry(path).Open();
                stream.Write(Encoding.UTF8.GetBytes(text));
            }
        }
        return bytes.ToArray();
    }

    /// <summary>An EPUB of these chapters in this order; the archive holds them the other way round.</summary>
    public static byte[] Epub(string title, string author, params (string Path, string Body)[] chapters) => Zip(
    [
        ("mimetype", "application/epub+zip"),
        ("META-INF/container.xml",
            """<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>"""
                + """<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""),
        ("OEBPS/book.opf", Package(title, author, chapters.Select(static chapter => chapter.Path))),
        .. chapters.Reverse().Select(static chapter => ($"OEBPS/{chapter.Path}", Chapter(chapter.Body))),
    ]);

    public static string Package(string title, string author, IEnumerable<string> chapters)
    {
        string[] paths = [.. chapters];
        string items = string.Concat(paths.Select(static (path, i) =>
            $"""<item id="c{i}" href="{path.Replace(" ", "%20", StringComparison.Ordinal)}" media-type="application/xhtml+xml"/>"""));
        string spine = string.Concat(paths.Select(static (_, i) => $"""<itemref idref="c{i}"/>"""));
        return $"""
            <?xml version="1.0" encoding="utf-8"?>
            <package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">
              <metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title><dc:creator>{author}</dc:creator></metadata>
              <manifest>{items}</manifest>
              <spine>{spine}</spine>
            </package>
            """;
    }

    private static string Chapter(string body) =>
        $"""<?xml version="1.0"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><head><title/><script src="x.js"/></head>"""
            + $"""<body>{body}</body></html>""";
}
