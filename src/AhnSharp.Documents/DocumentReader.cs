using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using AhnSharp.Documents.Epub;
using AhnSharp.Documents.Folders;
using AhnSharp.Documents.Html;
using AhnSharp.Documents.Pdf;
using AhnSharp.Documents.Processes;

namespace AhnSharp.Documents;

/// <summary>Reads files and folders as documents. What a file is follows from its first bytes, and from its name only where they leave it open.</summary>
/// <remarks>
/// PDF and EPUB by their signatures; HTML by its first tag or by .html, .htm, .xhtml; everything else must be text: UTF-8, or UTF-16 with its byte order
/// mark. Text that cannot be decoded is an error, never a replacement character. Whatever is more than text is read in a process of its own
/// (<see cref="DocumentLimits.Isolation"/>), which ends at once when the reading is cancelled.
/// </remarks>
public static class DocumentReader
{
    /// <summary>Reads each path, a file or a folder, in the order given.</summary>
    /// <exception cref="DocumentException">One of them holds no text or is not what it should be.</exception>
    /// <exception cref="FileNotFoundException">There is no such file or folder.</exception>
    public static IReadOnlyList<Document> Open(IEnumerable<string> paths, DocumentLimits? limits = null, CancellationToken cancellationToken = default)
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
        if (Directory.Exists(path)) return CodeFolder.Read(path, limits, cancellationToken);
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file or folder {path}.", path);
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return Read(Path.GetFileName(path), file, limits, cancellationToken);
    }

    /// <summary>Reads a document from a stream, to its end.</summary>
    /// <param name="name">What it is called, in the prompt and in messages; its ending may decide what it is.</param>
    /// <param name="stream">Its bytes; need not be able to seek.</param>
    /// <param name="limits">What it may cost.</param>
    /// <param name="cancellationToken">Ends the process that reads; in the caller's own process it is looked at between pages and chapters.</param>
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
        return document.Characters > 0 ? document : throw new DocumentException(name, $"expected a text, found {Emptiness(document)}.");
    }

    /// <summary>Takes the bytes apart in this process.</summary>
    internal static Document ReadHere(string name, byte[] bytes, DocumentLimits limits, CancellationToken cancellationToken)
    {
        if (FileSignature.IsPdf(bytes)) return PdfText.Read(name, bytes, cancellationToken);
        if (FileSignature.IsZip(bytes)) return EpubBook.Read(name, bytes, limits, cancellationToken);
        if (FileSignature.IsHtml(bytes) || FileSignature.HasHtmlEnding(name)) return HtmlText.ReadFile(name, bytes, limits);
        string text = TextBytes.Decode(bytes, out string? problem) ?? throw new DocumentException(name, $"expected UTF-8 text, HTML, PDF or EPUB, found {problem}.");
        return new Document { Name = name, Kind = DocumentKind.Text, Parts = TextBytes.Parts(text) };
    }

    private static string Emptiness(Document document) => document.Kind switch
    {
        DocumentKind.Pdf => $"{document.Pages} {(document.Pages == 1 ? "page" : "pages")} without any (pictures of text, as scanners make them, need text recognition first)",
        DocumentKind.Text => "an empty file",
        _ => "none in it",
    };
}
