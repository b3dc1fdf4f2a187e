using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using AhnSharp.Documents.Archives;
using AhnSharp.Documents.Folders;
using AhnSharp.Documents.Html;
using AhnSharp.Documents.Notebook;
using AhnSharp.Documents.Pdf;
using AhnSharp.Documents.Processes;

namespace AhnSharp.Documents;

/// <summary>
/// Reads files and folders as documents. What a file is follows from its first bytes, and from its name only where they leave it open.
/// </summary>
/// <remarks>
/// PDF, EPUB, .docx and .gz by their signatures; HTML by its first tag or by .html, .htm, .xhtml; notebooks by .ipynb; everything else
/// must be text: UTF-8, UTF-16, or an older encoding that fits, which a note names. Text that cannot be decoded is an error, never a
/// replacement character. Whatever is more than text is read in a process of its own (<see cref="DocumentLimits.Isolation"/>), which ends
/// at once when the reading is cancelled.
/// </remarks>
public static class DocumentReader
{
    /// <summary>Reads each path, a file or a folder, in the order given.</summary>
    /// <exception cref="DocumentException">One of them holds no text or is not what it should be.</exception>
    /// <exception cref="FileNotFoundException">There is no such file or folder.</exception>
    public static IReadOnlyList<Document> Open(
        IEnumerable<string> paths, DocumentLimits? limits = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        List<Document> documents = [];
        foreach (string path in paths) documents.Add(Open(path, limits, cancellationToken));
        return documents;
    }

    /// <summary>Reads one file or folder.</summary>
    /// <inheritdoc cref="Open(IEnumerable{string}, DocumentLimits?, CancellationToken)"/>
    public static Document Open(string path, DocumentLimits? limits = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        limits ??= new DocumentLimits();
        if (Directory.Exists(path))
        {
            Document folder = CodeFolder.Read(path, limits, cancellationToken);
            return limits.Normalize ? folder.Composed() : folder;
        }
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file or folder {path}.", path);
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return Read(PlainName.Of(Path.GetFileName(path)), file, limits, cancellationToken);
    }

    /// <summary>Reads a document from a stream, to its end.</summary>
    /// <param name="name">What it is called, in the prompt and in messages; its ending may decide what it is.</param>
    /// <param name="stream">Its bytes; need not be able to seek.</param>
    /// <param name="limits">What it may cost.</param>
    /// <param name="cancellationToken">Ends the process that reads; in the caller's own process it is looked at
    /// between pages and chapters.</param>
    /// <exception cref="DocumentException">It holds no text or is not what it should be.</exception>
    public static Document Read(string name, Stream stream, DocumentLimits? limits = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        limits ??= new DocumentLimits();
        byte[] bytes = LimitedStream.ReadAll(stream, limits.FileBytes, name, cancellationToken);
        bool isApart = limits.Isolation == DocumentIsolation.OwnProcess && FileSignature.IsComplex(name, bytes);
        Document document = isApart
            ? ReaderProcess.Read(ReaderCommand.Find(), name, bytes, limits, cancellationToken)
            : ReadHere(name, bytes, limits, cancellationToken);
        if (document.Characters == 0) throw new DocumentException(name, $"expected a text, found {Emptiness(document)}.");
        return limits.Normalize ? document.Composed() : document;
    }

    /// <summary>Takes the bytes apart in this process.</summary>
    internal static Document ReadHere(string name, byte[] bytes, DocumentLimits limits, CancellationToken cancellationToken)
    {
        if (!FileSignature.IsGzip(bytes)) return ReadAs(name, name, bytes, limits, cancellationToken);
        byte[] unpacked = GzipFile.Unpack(name, bytes, limits, cancellationToken);
        // What it is follows from its name without .gz.
        return ReadAs(name, GzipFile.InnerName(name), unpacked, limits, cancellationToken);
    }

    private static Document ReadAs(string name, string endingOf, byte[] bytes, DocumentLimits limits, CancellationToken cancellationToken)
    {
        if (FileSignature.IsPdf(bytes)) return PdfText.Read(name, bytes, cancellationToken);
        if (FileSignature.IsZip(bytes) || FileSignature.IsZipBehindOtherBytes(bytes))
            return ZipDocument.Read(name, bytes, limits, cancellationToken);
        if (FileSignature.IsHtml(bytes) || FileSignature.HasHtmlEnding(endingOf)) return HtmlText.ReadFile(name, bytes);
        if (FileSignature.IsOldOffice(bytes))
        {
            throw new DocumentException(name,
                "expected text, HTML, PDF, EPUB, .docx or a notebook, found a file of an old Office (save it as .docx or PDF first).");
        }
        string text = TextBytes.Decode(bytes, out string? note, out string? problem)
            ?? throw new DocumentException(name, $"expected text, HTML, PDF, EPUB, .docx or a notebook, found {problem}.");
        if (FileSignature.HasNotebookEnding(endingOf) && NotebookText.Read(name, text) is { } notebook) return notebook;
        return new Document { Name = name, Kind = DocumentKind.Text, Parts = TextBytes.Parts(text), Notes = note is null ? [] : [note] };
    }

    private static string Emptiness(Document document) => document.Kind switch
    {
        DocumentKind.Pdf => $"{document.Pages} {(document.Pages == 1 ? "page" : "pages")} without any (pictures of text, "
            + $"as scanners make them, need text recognition first)",
        DocumentKind.Text => "an empty file",
        _ => "none in it",
    };
}
