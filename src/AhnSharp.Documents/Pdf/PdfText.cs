using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Threading;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Exceptions;

namespace AhnSharp.Documents.Pdf;

/// <summary>PDF → text, page by page, as a person would copy it. docs/documents.md tells what becomes of what; each step is a file beside
/// this one.</summary>
/// <remarks>
/// Letters with their places come from PdfPig. Glyphs (<see cref="PageGlyphs"/>) → words (<see cref="Pieces"/>, <see cref="Scripts"/>) →
/// rows and columns (<see cref="Rows"/>, <see cref="Columns"/>) → lines, listings and tables (<see cref="RegionLines"/>); then, over all
/// pages, running heads are taken out (<see cref="RunningHeads"/>) and parted words joined (<see cref="Hyphens"/>).
/// </remarks>
internal static class PdfText
{
    /// <param name="name">What the document is called, in messages.</param>
    /// <param name="bytes">The file.</param>
    /// <param name="cancellationToken">Looked at between pages.</param>
    /// <param name="keepRunningHeads">Leaves them where they are: for comparisons.</param>
    public static Document Read(string name, byte[] bytes, CancellationToken cancellationToken, bool keepRunningHeads = false)
    {
        List<PageText> pages = [];
        List<string> notes = [];
        try
        {
            using PdfDocument file = PdfDocument.Open(bytes, new ParsingOptions { UseLenientParsing = true, SkipMissingFonts = true });
            if (file.NumberOfPages < 1) throw new DocumentException(name, "expected a PDF with pages, found none.");
            for (int number = 1; number <= file.NumberOfPages; number++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (PageOf(file, number, notes) is { } page) pages.Add(page);
            }
            notes.InsertRange(0, WithoutText(pages));
            if (!keepRunningHeads && RunningHeads.Remove(pages) is { } heads) notes.Add(heads);
            Hyphens.Join(pages);
            return new Document
            {
                Name = name,
                Kind = DocumentKind.Pdf,
                Title = Stated(file.Information.Title),
                Author = Stated(file.Information.Author),
                Parts = [.. pages.Select(static page => new DocumentPart(TextOf(page), page.Number))
                    .Where(static part => part.Text.Length > 0)],
                Pages = file.NumberOfPages,
                Notes = notes,
            };
        }
        catch (PdfDocumentEncryptedException e)
        {
            throw new DocumentException(name,
                "expected a PDF that opens without a password, found an encrypted one; save it without encryption first.", e);
        }
#pragma warning disable CA1031 // A broken PDF fails in whatever place of the parser its damage is met.
        catch (Exception e) when (e is not (OperationCanceledException or DocumentException or OutOfMemoryException))
#pragma warning restore CA1031
        {
            throw new DocumentException(name, $"expected a readable PDF, found a broken one ({OneLine(e.Message)}).", e);
        }
    }

    // One broken page loses that page, by name, and no other.
    private static PageText? PageOf(PdfDocument file, int number, List<string> notes)
    {
        try
        {
            return PageText.Of(file.GetPage(number), number);
        }
#pragma warning disable CA1031 // As above, for one page.
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
#pragma warning restore CA1031
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"page {number}: could not be read ({OneLine(e.Message)})"));
            return null;
        }
    }

    private static IEnumerable<string> WithoutText(List<PageText> pages)
    {
        int[] empty = [.. pages.Where(static page => page.Lines.Count == 0 && !page.HasPictures).Select(static page => page.Number)];
        int[] scans = [.. pages.Where(static page => page.Lines.Count == 0 && page.HasPictures).Select(static page => page.Number)];
        if (scans.Length > 0) yield return $"{Pages(scans)}: a picture without text, as scanners make them (it needs text recognition "
            + $"first)";
        if (empty.Length > 0) yield return $"{Pages(empty)}: no text (blank, or drawn without letters)";
    }

    private static string Pages(int[] numbers) => $"{(numbers.Length == 1 ? "page" : "pages")} {PageRanges.Of(numbers)}";

    private static string TextOf(PageText page)
    {
        StringBuilder text = new();
        foreach (TextLine line in page.Lines) text.Append(text.Length == 0 ? "" : line.StartsBlock ? "\n\n" : "\n").Append(line.Text);
        return TextBytes.Trimmed(text.ToString());
    }

    private static string? Stated(string? text) => string.IsNullOrWhiteSpace(text) ? null : OneLine(text);

    // Names from a file reach terminals: no control characters, and none that turn the direction of what follows.
    private static string OneLine(string text)
    {
        string plain = string.Concat(text
            .Select(static c => char.IsControl(c) || c is >= '\u2028' and <= '\u202E' or >= '\u2066' and <= '\u2069' ? ' ' : c));
        return string.Join(' ', plain.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
    }
}
