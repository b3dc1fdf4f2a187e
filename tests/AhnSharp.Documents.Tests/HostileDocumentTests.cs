using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using Xunit;
using Xunit.Abstractions;

namespace AhnSharp.Documents.Tests;

/// <summary>
/// Files that end a parser, or take all memory and time: read as by anybody, each is a document or one sentence, in bounded
/// time, and this process goes on.
/// </summary>
public sealed class HostileDocumentTests(ITestOutputHelper output)
{
    // The smallest that honest documents of this size need many times over.
    private static readonly DocumentLimits s_limits = new() { ReaderMemoryBytes = 250_000_000, ReaderTime = TimeSpan.FromSeconds(4) };

    public static TheoryData<string> Inputs =>
        [.. Directory.GetFiles(Folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Fixtures", "hostile-documents");

    [Theory]
    [MemberData(nameof(Inputs))]
    public void A_hostile_file_is_a_document_or_one_sentence(string name) => Check(name, File.ReadAllBytes(Path.Combine(Folder, name)));

    [Fact]
    public void A_page_that_opens_ten_thousand_elements_again_in_every_paragraph() => Check("reconstruct.html", Encoding.UTF8.GetBytes(
        "<p>" + string.Concat(Enumerable.Range(0, 9_990).Select(i => $"<b id={i}>")) + string.Concat(Enumerable.Repeat("<p>x", 20_000))));

    [Fact]
    public void A_page_of_fonts_that_are_closed_where_they_do_not_stand() => Check("adoption.html", Encoding.UTF8.GetBytes(
        "<!doctype html>" + string.Concat(Enumerable.Range(0, 4_900).Select(i => $"<font id={i}><div>"))
            + string.Concat(Enumerable.Repeat("</font>", 20_000))));

    private void Check(string name, byte[] bytes)
    {
        long started = Stopwatch.GetTimestamp();
        string found;
        try
        {
            Document document = DocumentReader.Read(name, new MemoryStream(bytes), s_limits);
            found = $"{document.Characters} characters, {document.Notes.Count} notes";
        }
        catch (DocumentException e)
        {
            found = e.Message;
            Assert.StartsWith(name + ": ", found, StringComparison.Ordinal);
            Assert.EndsWith(".", found, StringComparison.Ordinal);
            Assert.DoesNotContain(found, char.IsControl);
        }
        TimeSpan took = Stopwatch.GetElapsedTime(started);
        output.WriteLine($"{name}: {took.TotalSeconds:F1} s: {found}");
        // 4 s of processor time on a machine that does other things.
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(60));
    }
}
