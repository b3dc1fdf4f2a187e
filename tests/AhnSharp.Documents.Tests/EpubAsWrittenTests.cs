using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using Xunit;

namespace AhnSharp.Documents.Tests;

/// <summary>Books as they are found, which other readers open: each differs from a good one in one thing, and reads as it does.</summary>
public sealed class EpubAsWrittenTests
{
    private const string Container =
        """<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>"""
            + """<rootfile full-path="OEBPS/content.opf" media-type="application/oebps-package+xml"/></rootfiles></container>""";

    private const string Package =
        """<?xml version="1.0" encoding="utf-8"?><package xmlns="http://www.idpf.org/2007/opf" version="2.0">"""
            + """<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>A Book</dc:title><dc:creator>An Author</dc:creator>"""
            + """</metadata><manifest><item id="c1" href="c1.xhtml" media-type="application/xhtml+xml"/>"""
            + """<item id="c2" href="c2.xhtml" media-type="application/xhtml+xml"/></manifest><spine toc="ncx"><itemref idref="c1"/>"""
            + """<itemref idref="c2"/></spine></package>""";

    private static readonly (string Path, string Text)[] s_good =
    [
        ("META-INF/container.xml", Container), ("OEBPS/content.opf", Package),
        ("OEBPS/c1.xhtml", Chapter("<h1>Chapter 1</h1><p>Text&nbsp;of chapter 1.</p>")), ("OEBPS/c2.xhtml", Chapter("<p>Two.</p>")),
    ];

    public static TheoryData<string, string, string> InPackages => new()
    {
        { "document type",
            """<?xml version="1.0" encoding="utf-8"?>""",
            """<?xml version="1.0"?><!DOCTYPE package PUBLIC "+//ISBN 0-9673008-1-9//DTD OEB 1.2 Package//EN" """
                + "\"http://openebook.org/dtds/oeb-1.2/oebpkg12.dtd\">" },
        { "document type with a subset", """<?xml version="1.0" encoding="utf-8"?>""",
            """<!DOCTYPE package [<!ELEMENT x (y)> <!-- ]> --> <!ENTITY % p SYSTEM "p.dtd"> <!ENTITY a "B">]>""" },
        { "white space before the declaration", "<?xml", "\n  <?xml" },
        { "junk before the declaration", "<?xml", "ï»¿junk<?xml" },
        { "XML 1.1", "version=\"1.0\"", "version=\"1.1\"" },
        { "an unbound prefix", "<manifest>", "<manifest><opf:x calibre:y='z'/>" },
        { "prefixed elements", "<spine toc=\"ncx\">", "<opf:spine toc=\"ncx\">" },
        { "capitals in names", "<item id=\"c1\"", "<ITEM ID=\"c1\"" },
        { "attributes without quotes", "<itemref idref=\"c2\"/>", "<itemref idref=c2 />" },
        { "an attribute twice", "<item id=\"c2\"", "<item id=\"c2\" id=\"c2\"" },
        { "a tag that nothing closes", "</metadata>", "<meta name='cover'></metadata>" },
        { "dash dash in a comment", "<manifest>", "<!-- a -- b --><manifest>" },
        { "text/xml", "\"c2.xhtml\" media-type=\"application/xhtml+xml\"", "\"c2.xhtml\" media-type=\"text/xml\"" },
        { "application/xml", "\"c2.xhtml\" media-type=\"application/xhtml+xml\"", "\"c2.xhtml\" media-type=\"application/xml\"" },
        { "a media type in capitals with a parameter", "\"c2.xhtml\" media-type=\"application/xhtml+xml\"",
            "\"c2.xhtml\" media-type=\" Application/XHTML+XML ; charset=utf-8\"" },
        { "a media type nobody knows", "\"c2.xhtml\" media-type=\"application/xhtml+xml\"",
            "\"c2.xhtml\" media-type=\"application/x-chapter\"" },
        { "no media type", "\"c2.xhtml\" media-type=\"application/xhtml+xml\"", "\"c2.xhtml\"" },
        { "another case in a reference", "c1.xhtml", "C1.XHTML" },
        { "a leading ./", "c1.xhtml", "./c1.xhtml" },
        { "from the root", "c1.xhtml", "/OEBPS/c1.xhtml" },
        { "up and down", "c1.xhtml", "../OEBPS/x/../c1.xhtml" },
        { "percents", "c1.xhtml", "c%31.xhtml" },
        { "a back slash", "c1.xhtml", ".\\c1.xhtml" },
        { "a fragment", "c1.xhtml", "c1.xhtml#start" },
        { "no end of the file", "</spine></package>", "" },
    };

    [Theory]
    [MemberData(nameof(InPackages))]
    public void A_slip_in_the_package_is_read_over(string slip, string good, string written)
    {
        Assert.Contains(good, Package, StringComparison.Ordinal);
        AssertGood(slip, Files.Read("a.epub", Files.Zip([.. s_good.Select(file => file.Path.EndsWith(
            ".opf", StringComparison.Ordinal) ? (file.Path, file.Text.Replace(good, written, StringComparison.Ordinal)) : file)])));
    }

    [Theory]
    [InlineData("A Book", "Tom & Jerry", "Tom & Jerry")]
    [InlineData("A Book", "Caf&eacute; &mdash; R&D &unknown;", "Caf\u00E9 \u2014 R&D &unknown;")]
    [InlineData("A Book", "<![CDATA[A < B]]>", "A < B")]
    [InlineData("<dc:title>A Book</dc:title>", "<dc:Title>Old</dc:Title>", "Old")]
    [InlineData("A Book", "A\u202E\n Book", "A\\u{202E} Book")]
    public void The_title_is_what_a_reader_shows(string good, string written, string title) =>
        Assert.Equal(title, Files.Read("a.epub", Files.Zip(
            [.. s_good.Select(file => (file.Path, file.Text.Replace(good, written, StringComparison.Ordinal)))])).Title);

    public static TheoryData<string, string, string> InArchives => new()
    {
        { "back slashes", "/", "\\" },
        { "capitals", "OEBPS/c1.xhtml", "oebps/C1.XHTML" },
        { "meta-inf", "META-INF", "meta-inf" },
        { "a leading ./", "OEBPS/", "./OEBPS/" },
        { "a leading /", "OEBPS/", "/OEBPS/" },
    };

    [Theory]
    [MemberData(nameof(InArchives))]
    public void A_slip_in_the_paths_of_the_archive_is_read_over(string slip, string good, string written) =>
        AssertGood(slip, Files.Read(
            "a.epub", Files.Zip([.. s_good.Select(file => (file.Path.Replace(good, written, StringComparison.Ordinal), file.Text))])));

    [Fact]
    public void The_package_is_found_wherever_it_is()
    {
        AssertGood("no container", Files.Read("a.epub", Files.Zip(s_good[1..])));
        AssertGood("a folder around everything", Files.Read(
            "a.epub", Files.Zip([.. s_good.Select(static file => ("A Book/" + file.Path, file.Text))])));
        const string Root = "<rootfiles>";
        foreach (string first in new[]
        {
            "<rootfile full-path='OEBPS/preview.pdf' media-type='application/pdf'/>",
            "<rootfile full-path='none.opf'/>",
            "<rootfile/>",
            "<rootfile full-path='OEBPS/c1.xhtml'/>",
        })
        {
            AssertGood(first, Files.Read("a.epub", Files.Zip([("META-INF/container.xml", Container.Replace(
                Root, Root + first, StringComparison.Ordinal)), ("OEBPS/preview.pdf", "%PDF-1.4"), .. s_good[1..]])));
        }
        foreach (string written in new[]
        {
            "/OEBPS/content.opf", "./OEBPS/content.opf", "OEBPS\\content.opf", "oebps/Content.OPF", "OEBPS%2Fcontent.opf",
        })
        {
            AssertGood(written, Files.Read("a.epub", Files.Zip(
                [("META-INF/container.xml", Container.Replace("OEBPS/content.opf", written, StringComparison.Ordinal)), .. s_good[1..]])));
        }
        AssertGood("bytes before the archive", Files.Read("a.epub", [.. "10 bytes..\0\u0001"u8, .. Files.Zip(s_good)]));
        AssertGood(
            "text before the archive", Files.Read("a.bin", [.. Encoding.UTF8.GetBytes(new string('x', 5000)), .. Files.Zip(s_good)]));
        AssertGood("bytes behind it", Files.Read("a.epub", [.. Files.Zip(s_good), .. new byte[100]]));
    }

    [Fact]
    public void A_book_without_an_order_is_read_in_that_of_its_list()
    {
        Document book = Files.Read("a.epub", Files.Zip(
            [s_good[0], (s_good[1].Path, Package[..Package.IndexOf("<spine", StringComparison.Ordinal)]), .. s_good[2..]]));
        AssertText(book);
        Assert.Contains("gives no order", Assert.Single(book.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_text_gives_way_to_the_one_that_it_names()
    {
        string package = Package.Replace("<manifest>", "<manifest><item id='p' href='p.svg' media-type='image/svg+xml' fallback='c1'/>",
            StringComparison.Ordinal).Replace("<itemref idref=\"c1\"/>", "<itemref idref='p'/>", StringComparison.Ordinal);
        AssertText(Files.Read("a.epub", Files.Zip([s_good[0], (s_good[1].Path, package), .. s_good[2..]])));
    }

    [Theory]
    [InlineData("<p><![CDATA[cdata text & more]]></p>", "cdata text & more")]
    [InlineData("<p>Donau&shy;dampf&shy;schiff extra&#173;ordinary zero&#8203;width</p>", "Donaudampfschiff extraordinary zerowidth")]
    [InlineData("<p><ruby>\u6F22<rp>(</rp><rt>\u304B\u3093</rt><rp>)</rp>\u5B57<rt>\u3058</rt></ruby></p>", "\u6F22\u5B57")]
    [InlineData("<p><ruby><rb>\u6F22</rb><rtc><rt>kan</rt></rtc></ruby>!</p>", "\u6F22!")]
    [InlineData("<aside epub:type='footnote'><p>1. A note.</p></aside><header><h2>T</h2></header>", "1. A note.\n\n## T")]
    [InlineData("<section aria-hidden='true'><p>All of it.</p></section>", "All of it.")]
    [InlineData("<p>a</p><script/><p>b</p><style/><p>c</p>", "a\n\nb\n\nc")]
    [InlineData("<p>a &lsquo;b&rsquo; &hellip; &#8212; &#x2014; &amp;amp;</p>", "a \u2018b\u2019 \u2026 \u2014 \u2014 &amp;")]
    [InlineData("<p>a<br/>b</p><hr/><p>c<img alt='' src='x'/></p>", "a\nb\n\nc")]
    public void A_chapter_is_read_as_it_shows(string body, string expected) =>
        Assert.Equal(expected, Files.TextOf(
            Files.Read("a.epub", Files.Zip([.. s_good[..2], ("OEBPS/c1.xhtml", Chapter(body)), ("OEBPS/c2.xhtml", "")]))));

    [Fact]
    public void What_is_hidden_is_noted_by_chapter_and_readings_once_for_the_book()
    {
        const string Body = "<p><ruby>\u6F22<rt>kan</rt></ruby></p><p aria-hidden='true'>gone</p>";
        Document book = Files.Read(
            "a.epub", Files.Zip([.. s_good[..2], ("OEBPS/c1.xhtml", Chapter(Body)), ("OEBPS/c2.xhtml", Chapter(Body))]));
        Assert.Equal(3, book.Notes.Count);
        Assert.All(new[] { "c1.xhtml", "c2.xhtml" }, path => Assert.Contains(
            book.Notes, note => note.Contains(path, StringComparison.Ordinal) && note.Contains("4 characters", StringComparison.Ordinal)));
        Assert.Contains("hidden (8), readings of ruby text (6)", book.Notes[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("iso-8859-1", "ISO-8859-1")]
    [InlineData("utf-16", "UTF-16")]
    public void A_chapter_has_the_encoding_of_its_first_line(string name, string declared)
    {
        Encoding encoding = Encoding.GetEncoding(name);
        byte[] chapter =
        [
            .. encoding.GetPreamble(),
            .. encoding.GetBytes($"<?xml version='1.0' encoding='{declared}'?><html><body><p>caf\u00E9</p></body></html>"),
        ];
        Assert.Equal("caf\u00E9", Files.TextOf(Files.Read("a.epub", ZipOf([.. s_good[..2].Select(
            static file => (file.Path, Encoding.UTF8.GetBytes(file.Text))), ("OEBPS/c1.xhtml", chapter), ("OEBPS/c2.xhtml", [])]))));
    }

    [Fact]
    public void Entities_of_the_book_itself_are_bounded_and_none_comes_from_outside()
    {
        string type = "<!DOCTYPE html [<!ENTITY firm 'Acme'><!ENTITY both '&firm; &amp; &firm;'><!ENTITY f SYSTEM 'file:///etc/hostname'>"
            + "<!ENTITY l0 'lol'>" + string.Concat(Enumerable.Range(1, 30).Select(
                static i => $"<!ENTITY l{i} '{string.Concat(Enumerable.Repeat($"&l{i - 1};", 10))}'>")) + "]>";
        string chapter = $"{type}<html><body><p>&both; &f; </p><p>&l2;&l30;</p></body></html>";
        string text = Files.TextOf(Files.Read("a.epub", Files.Zip([.. s_good[..2], ("OEBPS/c1.xhtml", chapter), ("OEBPS/c2.xhtml", "")])));
        Assert.StartsWith("Acme & Acme &f;\n\nlollol", text, StringComparison.Ordinal);
        Assert.InRange(text.Length, 300, 600_000);
    }

    [Fact]
    public void Half_a_million_places_in_the_order_cost_what_the_file_is_long()
    {
        string missing = string.Concat(Enumerable.Range(0, 100_000).Select(static i => $"<item id='m{i}' href='{i}.html'/>"));
        string package = $"<package><manifest>{missing}<item id='a' "
            + $"href='{new string('n', 20_000)}.html' media-type='text/html'/><item id='c' href='c1.xhtml'/></manifest><spine>"
            + "<itemref idref='c'/>" + string.Concat(
                Enumerable.Repeat("<itemref idref='a'/><itemref idref='none'/><itemref idref='c'/>", 30_000)) + string.Concat(
                    Enumerable.Range(0, 100_000).Select(static i => $"<itemref idref='m{i}'/>")) + "</spine></package>";
        byte[] bytes = Files.Zip(s_good[0], ("OEBPS/content.opf", package), s_good[2]);
        (Document book, double seconds, long allocated) = Cost(() => Files.Read("a.epub", bytes));
        Assert.Single(book.Parts);
        Assert.InRange(book.Notes.Count, 3, 20);
        Assert.All(book.Notes, static note => Assert.InRange(note.Length, 1, 400));
        Assert.Contains(book.Notes, static note =>
            note.Contains("99,996 more named in the book's order, and not in the archive", StringComparison.Ordinal));
        Assert.True(seconds < 20 && allocated < 40L * package.Length, $"{seconds} s, {allocated} bytes for {package.Length}");
    }

    [Fact]
    public void A_chapter_of_a_quarter_of_a_gigabyte_in_a_small_file_is_refused_before_it_is_unpacked()
    {
        byte[] bytes = Files.Zip([.. s_good[..2], ("OEBPS/c1.xhtml", string.Concat(Enumerable.Repeat("<p>x", 15_000_000))), s_good[3]]);
        (string sentence, double seconds, long allocated) = Cost(
            () => Assert.Throws<DocumentException>(() => Files.Read("a.epub", bytes)).Message);
        Assert.Contains("bytes (64 times the file's, or 16,777,216)", sentence, StringComparison.Ordinal);
        Assert.True(seconds < 10 && allocated < 200L << 20, $"{seconds} s, {allocated} bytes");
    }

    [Fact]
    public void A_chapter_costs_what_it_is_long_whatever_it_opens()
    {
        string body = string.Concat(Enumerable.Repeat("<p>x", 2_000_000));
        (Document book, double seconds, long allocated) = Cost(
            () => Files.Read("a.epub", Files.Zip([.. s_good[..2], ("OEBPS/c1.xhtml", Chapter(body)), s_good[3]]), new DocumentLimits()));
        Assert.Equal(2, book.Parts.Count);
        Assert.True(seconds < 20 && allocated < 40L * body.Length, $"{seconds} s, {allocated} bytes");
    }

    [Fact]
    public void A_book_whose_chapters_are_all_missing_says_so()
    {
        string sentence = Assert.Throws<DocumentException>(() => Files.Read("a.epub", Files.Zip(s_good[..2]))).Message;
        Assert.Equal("a.epub: expected an EPUB with chapters, found none that OEBPS/content.opf names (c1.xhtml: "
            + "named in the book's order, and not in the archive; c2.xhtml: named in the book's order, and not in the archive).", sentence);
    }

    private static (T Result, double Seconds, long Allocated) Cost<T>(Func<T> work)
    {
        long before = GC.GetAllocatedBytesForCurrentThread(), started = Stopwatch.GetTimestamp();
        T result = work();
        return (result, Stopwatch.GetElapsedTime(started).TotalSeconds, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static byte[] ZipOf(IEnumerable<(string Path, byte[] Bytes)> files)
    {
        using MemoryStream bytes = new();
        using (System.IO.Compression.ZipArchive archive = new(bytes, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string path, byte[] content) in files)
            {
                using Stream stream = archive.CreateEntry(path).Open();
                stream.Write(content);
            }
        }
        return bytes.ToArray();
    }

    private static string Chapter(string body) =>
        $"""<?xml version="1.0" encoding="utf-8"?>"""
            + $"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">"""
            + $"""<html xmlns="http://www.w3.org/1999/xhtml"><head><title>T</title></head><body>{body}</body></html>""";

    private static void AssertGood(string slip, Document book)
    {
        AssertText(book);
        Assert.True((book.Title, book.Author, book.Kind) == ("A Book", "An Author", DocumentKind.Epub) && book.Notes.Count == 0,
            $"{slip}: {book.Title}, {book.Author}, {string.Join("; ", book.Notes)}");
    }

    private static void AssertText(Document book) =>
        Assert.Equal(["# Chapter 1\n\nText of chapter 1.", "Two."], book.Parts.Select(static part => part.Text));
}
