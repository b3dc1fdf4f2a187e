using System;
using System.Text;
using Xunit;

namespace AhnSharp.Documents.Tests;

public sealed class TextDocumentTests
{
    [Fact]
    public void Text_and_Markdown_stand_as_they_are()
    {
        Document document = Files.Read("notes.md", "\r\n# Title\r\n\r\n* one\r  two\n");
        Assert.Equal("# Title\n\n* one\n  two", Files.TextOf(document));
        Assert.Equal((DocumentKind.Text, "notes.md"), (document.Kind, document.Name));
        Assert.Empty(document.Notes);
    }

    [Fact]
    public void Byte_order_marks_choose_the_encoding_and_are_no_text()
    {
        foreach (Encoding encoding in new Encoding[]
        {
            new UTF8Encoding(true), new UnicodeEncoding(false, true), new UnicodeEncoding(true, true),
        })
        {
            byte[] bytes = [.. encoding.GetPreamble(), .. encoding.GetBytes("naïve – 日本 😀")];
            Assert.Equal("naïve – 日本 😀", Files.TextOf(Files.Read("a.txt", bytes)));
        }
    }

    [Fact]
    public void Bytes_that_are_no_text_are_named_by_one_sentence()
    {
        Refused([.. "ab\ncd "u8, 0xFF, (byte)' '], "a.txt", "the byte 0xFF at 6 (line 2)", "utf-8");
        Refused([.. "abc"u8, 0, 1], "a.txt", "zero byte at 3");
        Refused([0x7F, (byte)'E', 0xD0, 0, 1], "zero byte at 3", "binary");
        Refused([0xFF, 0xFE, (byte)'a'], "a.txt", "utf-16");
        Refused([], "an empty file");
        Refused("  \n\t\n"u8.ToArray(), "a.txt");
    }

    [Fact]
    public void Missing_files_and_folders_without_text_are_named()
    {
        Assert.Contains(
            "/none/at/all.txt", Assert.Throws<System.IO.FileNotFoundException>(() => DocumentReader.Open("/none/at/all.txt")).Message,
            StringComparison.Ordinal);
        using TemporaryFolder folder = new();
        string empty = folder.PathOf("empty");
        System.IO.Directory.CreateDirectory(empty);
        Assert.Contains(empty, Assert.Throws<DocumentException>(() => DocumentReader.Open(empty)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_over_the_limit_is_refused_with_the_limit() =>
        Assert.Contains("at most 10 bytes", Assert.Throws<DocumentException>(
            () => Files.Read("a.txt", new byte[11], new DocumentLimits { FileBytes = 10 })).Message, StringComparison.Ordinal);

    [Fact]
    public void A_text_that_speaks_of_PDF_or_HTML_is_a_text()
    {
        Assert.Equal(DocumentKind.Text, Files.Read("a.txt", "A PDF begins with %PDF-1.7.").Kind);
        Assert.Equal(DocumentKind.Text, Files.Read("a.txt", "A page begins with <html>.").Kind);
        Assert.Equal(DocumentKind.Html, Files.Read("a.txt", "\n<!DOCTYPE HTML><p>x").Kind);
    }

    private static void Refused(byte[] bytes, params string[] mentions)
    {
        string sentence = Assert.Throws<DocumentException>(() => Files.Read("a.txt", bytes)).Message;
        Assert.All(mentions, mention => Assert.Contains(mention, sentence, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain('\n', sentence);
    }
}
