using System;
using System.Linq;
using System.Text;
using Xunit;

namespace AhnSharp.Documents.Tests;

public sealed class PdfDocumentTests
{
    [Fact]
    public void Words_come_in_reading_order_page_by_page()
    {
        Document document = Files.Read(
            "a.pdf", Files.Pdf([(50, 700, "Hello brave"), (50, 688, "new world.")], [(50, 700, "Second page.")]));
        Assert.Equal([("Hello brave\nnew world.", 1), ("Second page.", 2)], document.Parts.Select(part => (part.Text, part.Page!.Value)));
        Assert.Equal((DocumentKind.Pdf, 2), (document.Kind, document.Pages));
        Assert.Empty(document.Notes);
    }

    [Fact]
    public void Columns_are_read_one_after_the_other()
    {
        (double, double, string)[] Column(double x, string word) =>
            [.. Enumerable.Range(0, 12).Select(i => (x, 700.0 - (12 * i), $"{word} line number {i} of this column"))];
        // Drawn row by row, as some programs do.
        (double, double, string)[] rows =
            [.. Column(50, "left").Zip(Column(320, "right")).SelectMany(row => new[] { row.First, row.Second })];
        string text = Files.TextOf(Files.Read("a.pdf", Files.Pdf([rows])));
        Assert.True(text.IndexOf(
            "left line number 11", StringComparison.Ordinal) < text.IndexOf("right line number 0", StringComparison.Ordinal), text);
    }

    [Fact]
    public void Pages_without_text_are_named_and_a_file_without_any_is_refused()
    {
        Document document = Files.Read("a.pdf", Files.Pdf([], [(50, 700, "text")], [], []));
        Assert.Equal("pages 1, 3, 4: no text (blank, or drawn without letters)", Assert.Single(document.Notes));
        Assert.Equal(2, Assert.Single(document.Parts).Page);
        Assert.Equal(4, document.Pages);
        string sentence = Assert.Throws<DocumentException>(() => Files.Read("scan.pdf", Files.Pdf([], []))).Message;
        Assert.Contains("scan.pdf", sentence, StringComparison.Ordinal);
        Assert.Contains("2 pages without any", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void An_encrypted_file_is_refused_by_a_sentence()
    {
        // The standard handler with a password that nobody knows, written into the trailer of a plain file.
        string plain = Encoding.Latin1.GetString(Files.Pdf([(50, 700, "secret")]));
        string hash = new('a', 64), encrypt = $"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{hash}> /U <{hash}> >> /ID [<00> <00>] ";
        int root = plain.LastIndexOf("/Root", StringComparison.Ordinal);
        Assert.True(root > 0);
        string sentence =
            Assert.Throws<DocumentException>(() => Files.Read("a.pdf", Encoding.Latin1.GetBytes(plain.Insert(root, encrypt)))).Message;
        Assert.Contains("encrypted", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_files_are_one_sentence_or_text_but_never_another_failure()
    {
        byte[] whole = Files.Pdf([(50, 700, "Hello world."), (50, 600, "More words on this page.")]);
        Random random = new(11);
        int refused = 0;
        for (int i = 0; i < 60; i++)
        {
            byte[] bytes = (byte[])whole.Clone();
            if (i % 2 == 0) bytes = bytes[..random.Next(8, bytes.Length)];
            else for (int flips = 0; flips < 20; flips++) bytes[random.Next(8, bytes.Length)] = (byte)random.Next(256);
            try
            {
                Files.Read("broken.pdf", bytes);
            }
            catch (DocumentException e)
            {
                Assert.StartsWith("broken.pdf: ", e.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', e.Message);
                refused++;
            }
        }
        Assert.InRange(refused, 10, 60);
    }

    [Fact]
    public void A_file_with_a_PDFs_name_alone_is_no_PDF() => Assert.Equal(DocumentKind.Text, Files.Read("a.pdf", "plain").Kind);
}
