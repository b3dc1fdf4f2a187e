using AhnSharp.Documents.Reading;
using Xunit;

namespace AhnSharp.Documents.Tests;

public sealed class SourcePlaceTests
{
    private static readonly DocumentEntry s_text = new("a.txt", DocumentKind.Text, null, null, 0, 0, []);
    private static readonly DocumentEntry s_pages = new("b.pdf", DocumentKind.Pdf, "Lease", null, 2, 0, []);

    [Theory]
    [InlineData("system text", null, null, 1)]
    [InlineData("Document: a.txt\n\none\ntwo\nth", "a.txt", null, 3)]
    [InlineData("Document: a.txt\n\none\n\nDocument: b.pdf\nTitle: Lease\n\n[Page 1]\nx\n\n[Page 2]\ny", "b.pdf", 2, 5)]
    [InlineData("Document: a.txt", "a.txt", null, 1)]
    public void Finds_document_page_and_line(string before, string? document, int? page, int line) =>
        Assert.Equal(new SourcePlace(document, page, line), SourcePlace.Behind(before, [s_text, s_pages]));
}
