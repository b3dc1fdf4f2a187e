using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Threading;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.DocumentLayoutAnalysis;
using UglyToad.PdfPig.DocumentLayoutAnalysis.PageSegmenter;
using UglyToad.PdfPig.DocumentLayoutAnalysis.ReadingOrderDetector;
using UglyToad.PdfPig.DocumentLayoutAnalysis.WordExtractor;
using UglyToad.PdfPig.Exceptions;

namespace AhnSharp.Documents.Pdf;

/// <summary>PDF → text, page by page: letters to words, words to blocks, blocks in the order in which they are read (columns one after the other).</summary>
internal static class PdfText
{
    public static Document Read(string name, byte[] bytes, CancellationToken cancellationToken)
    {
        List<DocumentPart> pages = [];
        List<int> empty = [];
        List<string> notes = [];
        try
        {
            using PdfDocument file = PdfDocument.Open(bytes, new ParsingOptions { UseLenientParsing = true, SkipMissingFonts = true });
            if (file.NumberOfPages < 1) throw new DocumentException(name, "expected a PDF with pages, found none.");
            for (int number = 1; number <= file.NumberOfPages; number++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                string text = PageText(file, number, notes);
                if (text.Length > 0) pages.Add(new DocumentPart(text, number));
                else empty.Add(number);
            }
            if (empty.Count > 0)
                notes.Insert(0, $"{(empty.Count == 1 ? "page" : "pages")} {PageRanges.Of(empty)}: no text (blank, or a picture that needs text recognition first)");
            return new Document
            {
                Name = name,
                Kind = DocumentKind.Pdf,
                Title = Stated(file.Information.Title),
                Author = Stated(file.Information.Author),
                Parts = pages,
                Pages = file.NumberOfPages,
                Notes = notes,
            };
        }
        catch (PdfDocumentEncryptedException e)
        {
            throw new DocumentException(name, "expected a PDF that opens without a password, found an encrypted one; save it without encryption first.", e);
        }
#pragma warning disable CA1031 // A broken PDF fails in whatever place of the parser its damage is met.
        catch (Exception e) when (e is not (OperationCanceledException or DocumentException or OutOfMemoryException))
#pragma warning restore CA1031
        {
            throw new DocumentException(name, $"expected a readable PDF, found a broken one ({OneLine(e.Message)}).", e);
        }
    }

    // One broken page loses that page, by name, and no other.
    private static string PageText(PdfDocument file, int number, List<string> notes)
    {
        try
        {
            Page page = file.GetPage(number);
            IEnumerable<Word> words = NearestNeighbourWordExtractor.Instance.GetWords(page.Letters);
            IReadOnlyList<TextBlock> blocks = DocstrumBoundingBoxes.Instance.GetBlocks(words);
            StringBuilder text = new();
            foreach (TextBlock block in UnsupervisedReadingOrderDetector.Instance.Get(blocks))
            {
                string lines = string.Join('\n', block.TextLines.Select(static line => line.Text.Trim()).Where(static line => line.Length > 0));
                if (lines.Length > 0) text.Append(text.Length > 0 ? "\n\n" : "").Append(lines);
            }
            return TextBytes.Trimmed(text.Replace("\0", "").ToString());
        }
#pragma warning disable CA1031 // As above, for one page.
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
#pragma warning restore CA1031
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"page {number}: could not be read ({OneLine(e.Message)})"));
            return "";
        }
    }

    private static string? Stated(string? text) => string.IsNullOrWhiteSpace(text) ? null : OneLine(text);

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
}
