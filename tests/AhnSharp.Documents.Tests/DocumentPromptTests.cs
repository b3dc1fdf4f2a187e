using System;
using System.Text;
using AhnSharp.Documents.Reading;
using Xunit;

namespace AhnSharp.Documents.Tests;

public sealed class DocumentPromptTests
{
    private static readonly Document Pages = new()
    {
        Name = "a.pdf",
        Kind = DocumentKind.Pdf,
        Title = "T",
        Author = "A",
        Pages = 3,
        Parts = [new("é one", 1), new("three", 3)],
        Notes = ["page 2: no text"],
    };

    private static readonly Document Folder =
        new() { Name = "src", Kind = DocumentKind.Folder, Parts = [new("x", Path: "b/a.cs"), new("y", Path: "c.cs")] };

    [Fact]
    public void Every_document_page_and_file_is_named() => Assert.Equal(
        "Document: a.pdf\nTitle: T\nAuthor: A\n\n[Page 1]\né one\n\n[Page 3]\nthree\n\nFolder: src\n\nFile: b/a.cs\nx\n\nFile: c.cs\ny",
        new DocumentPrompt([Pages, Folder]).Text);

    [Fact]
    public void Places_are_found_by_byte()
    {
        DocumentPrompt prompt = new([Pages, Folder]);
        (Document, int?) At(string text) =>
            prompt.PlaceOf(Encoding.UTF8.GetByteCount(prompt.Text.AsSpan(0, prompt.Text.IndexOf(text, StringComparison.Ordinal))));
        Assert.Equal((Pages, (int?)1), At("one"));
        Assert.Equal((Pages, (int?)1), At("\n\n[Page 3"));
        Assert.Equal((Pages, (int?)3), At("[Page 3"));
        Assert.Equal((Folder, null), At("x"));
        Assert.Equal((Pages, (int?)1), prompt.PlaceOf(0));
        Assert.Equal((Folder, null), prompt.PlaceOf(long.MaxValue));
    }

    [Fact]
    public void What_grows_at_its_end_leaves_its_beginning_as_it_was()
    {
        Document log = Files.Read("log.txt", "one\ntwo\n"), longer = Files.Read("log.txt", "one\ntwo\nthree\n");
        Assert.StartsWith(new DocumentPrompt([log]).Text, new DocumentPrompt([longer]).Text, StringComparison.Ordinal);
        Assert.StartsWith(new DocumentPrompt([log]).Text, new DocumentPrompt([log, Folder]).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_section_says_again_what_was_written()
    {
        DocumentsSection section =
            new() { Model = "m\"é.gguf", TokensRead = 5, TokensTotal = 9, Documents = [DocumentEntry.Of(Pages), DocumentEntry.Of(Folder)] };
        DocumentsSection again = DocumentsSection.Parse("x.ahn", section.ToBytes());
        Assert.Equal((section.Model, null, 5L, 9L, false), (again.Model, again.Ahn, again.TokensRead, again.TokensTotal, again.IsWhole));
        Assert.Equal(section.ToBytes(), again.ToBytes());
        Assert.Equal(["page 2: no text"], again.Documents[0].Notes);
    }

    [Fact]
    public void A_broken_section_is_one_sentence()
    {
        byte[] whole = new DocumentsSection { TokensRead = 5, TokensTotal = 9, Documents = [DocumentEntry.Of(Pages)] }.ToBytes();
        foreach (string wrong in new[]
        {
            "", "[]", "{}", "{\"version\":2}", "{\"version\":1,\"tokens_read\":\"x\"}",
            "{\"version\":1,\"tokens_read\":3,\"tokens_total\":2,\"documents\":[]}",
        }) Refused(Encoding.UTF8.GetBytes(wrong));
        for (int length = 0; length < whole.Length; length += 7) Refused(whole[..length]);

        static void Refused(byte[] bytes)
        {
            string sentence = Assert.Throws<DocumentException>(() => DocumentsSection.Parse("x.ahn", bytes)).Message;
            Assert.StartsWith("x.ahn: ", sentence, StringComparison.Ordinal);
        }
    }
}
