using System;
using System.Linq;
using Xunit;

namespace AhnSharp.Documents.Tests;

public sealed class EpubDocumentTests
{
    [Fact]
    public void Chapters_come_in_the_order_of_the_spine()
    {
        Document book = Files.Read("book.epub", Files.Epub("A &amp; B", "Somebody", ("text/two words.xhtml", "<h1>One</h1><p>a</p>"),
            ("c2.xhtml", "<p>b</p>"), ("c1.xhtml", "<nav>skip</nav><p>c</p>")));
        Assert.Equal(["# One\n\na", "b", "c"], book.Parts.Select(part => part.Text));
        Assert.Equal((DocumentKind.Epub, "A & B", "Somebody"), (book.Kind, book.Title, book.Author));
        Assert.Equal("left out 4 characters that the page marks as navigation", Assert.Single(book.Notes));
    }

    [Fact]
    public void What_the_spine_names_and_cannot_be_read_is_noted()
    {
        byte[] bytes = Files.Zip(
            ("META-INF/container.xml", "<container><rootfiles><rootfile full-path='b.opf'/></rootfiles></container>"),
            ("b.opf", "<package><manifest><item id='a' href='a.html' media-type='text/html'/><item id='b' href='b.html' "
                + "media-type='text/html'/><item id='p' href='p.svg' media-type='image/svg+xml'/>"
                + "<item id='e' href='e.html' media-type='text/html'/></manifest><spine><itemref idref='p'/><itemref idref='a'/><itemref "
                + "idref='b'/><itemref idref='x'/><itemref idref='e'/></spine></package>"),
            ("a.html", "<p>text"),
            ("e.html", "<img src=cover.jpg>"));
        Document book = Files.Read("book.epub", bytes);
        Assert.Equal("text", Files.TextOf(book));
        Assert.Equal(4, book.Notes.Count);
        foreach (string named in new[] { "p.svg", "b.html", "'x'", "e.html" })
            Assert.Contains(book.Notes, note => note.Contains(named, StringComparison.Ordinal));
    }

    [Fact]
    public void Copy_protection_and_other_archives_are_refused_by_name()
    {
        byte[] protectedBook = Files.Zip(
            ("META-INF/container.xml", "<container><rootfiles><rootfile full-path='b.opf'/></rootfiles></container>"),
            ("META-INF/encryption.xml",
                "<encryption><EncryptedData><CipherData><CipherReference URI='a.html'/></CipherData></EncryptedData></encryption>"),
            ("b.opf", "<package><manifest><item id='a' href='a.html' media-type='text/html'/></manifest><spine><itemref "
                + "idref='a'/></spine></package>"),
            ("a.html", "noise"));
        Refused(protectedBook, "copy protection", "a.html");
        Refused(Files.Zip(("xl/workbook.xml", "<x/>")), "Excel");
        Refused(Files.Zip(("a.txt", "x")), "ZIP archive");
    }

    [Fact]
    public void An_archive_that_unpacks_to_more_than_the_limit_is_refused_with_the_limit()
    {
        byte[] bomb = Files.Epub("t", "a", ("a.xhtml", new string(' ', 3_000_000)), ("b.xhtml", "b"));
        Assert.True(bomb.Length < 50_000);
        string sentence =
            Assert.Throws<DocumentException>(() => Files.Read("bomb.epub", bomb, new DocumentLimits { UnpackedBytes = 2_000_000 })).Message;
        Assert.Contains("bomb.epub", sentence, StringComparison.Ordinal);
        Assert.Contains("at most 2,000,000 bytes", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_archives_are_one_sentence()
    {
        byte[] whole = Files.Epub("t", "a", ("a.xhtml", "<p>Some words that compress, some words that compress.</p>"));
        Random random = new(5);
        int refused = 0;
        for (int i = 0; i < 200; i++)
        {
            byte[] bytes = (byte[])whole.Clone();
            if (i % 2 == 0) bytes = bytes[..random.Next(4, bytes.Length)];
            else bytes[random.Next(4, bytes.Length)] ^= (byte)random.Next(1, 256);
            try
            {
                Files.Read("b.epub", bytes);
            }
            catch (DocumentException e)
            {
                Assert.StartsWith("b.epub: ", e.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', e.Message);
                refused++;
            }
        }
        Assert.InRange(refused, 100, 200);
    }

    private static void Refused(byte[] bytes, params string[] mentions)
    {
        string sentence = Assert.Throws<DocumentException>(() => Files.Read("a.epub", bytes)).Message;
        Assert.StartsWith("a.epub: ", sentence, StringComparison.Ordinal);
        Assert.All(mentions, mention => Assert.Contains(mention, sentence, StringComparison.Ordinal));
    }
}
