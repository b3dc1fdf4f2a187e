using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Threading;
using System.Xml;
using AhnSharp.Documents.Html;

namespace AhnSharp.Documents.Epub;

/// <summary>EPUB → its chapters in the order of the spine.</summary>
/// <remarks>
/// META-INF/container.xml names the package file; its manifest names the files, its spine their order. Chapters are read as HTML. Lengths that the archive states are
/// not believed: what is unpacked is counted. Source: EPUB 3.3, sections "Package document" and "Open container format".
/// </remarks>
internal static class EpubBook
{
    private const string ContainerPath = "META-INF/container.xml", EncryptionPath = "META-INF/encryption.xml";

    public static Document Read(string name, byte[] bytes, DocumentLimits limits, CancellationToken cancellationToken)
    {
        try
        {
            using ZipArchive archive = new(new MemoryStream(bytes), ZipArchiveMode.Read);
            EpubArchive files = new(name, archive, limits);
            if (!files.Has(ContainerPath)) throw new DocumentException(name, $"expected an EPUB, found {OtherArchive(archive)}.");
            EpubPackage package = EpubPackage.Read(files, ContainerPath, cancellationToken);
            HashSet<string> encrypted = files.Has(EncryptionPath) ? EpubPackage.EncryptedFiles(files, EncryptionPath, cancellationToken) : [];
            return ReadChapters(name, files, package, encrypted, limits, cancellationToken);
        }
        catch (Exception e) when (e is InvalidDataException or XmlException)
        {
            throw new DocumentException(name, $"expected a readable EPUB, found a broken one ({e.Message.TrimEnd('.')}).", e);
        }
    }

    private static Document ReadChapters(
        string name, EpubArchive files, EpubPackage package, HashSet<string> encrypted, DocumentLimits limits, CancellationToken cancellationToken)
    {
        List<DocumentPart> chapters = [];
        List<string> notes = [.. package.Notes];
        foreach (string path in package.Spine)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (encrypted.Contains(path)) throw new DocumentException(name, $"expected an EPUB without copy protection, found {path} encrypted.");
            if (!files.Has(path))
            {
                notes.Add($"{path}: named in the book's order, and not in the archive");
                continue;
            }
            List<string> chapterNotes = [];
            string markup = HtmlBytes.Decode(name, files.Read(path, cancellationToken), chapterNotes);
            (string text, _, string? leftOut) = HtmlText.Convert($"{name}: {path}", markup, limits);
            if (leftOut is not null) chapterNotes.Add(leftOut);
            string trimmed = TextBytes.Trimmed(text);
            if (trimmed.Length > 0) chapters.Add(new DocumentPart(trimmed));
            else chapterNotes.Add("no text (a picture?)");
            notes.AddRange(chapterNotes.Select(note => $"{path}: {note}"));
        }
        return new Document { Name = name, Kind = DocumentKind.Epub, Title = package.Title, Author = package.Author, Parts = chapters, Notes = notes };
    }

    private static string OtherArchive(ZipArchive archive) => archive.Entries.Select(static entry => entry.FullName).FirstOrDefault(static path =>
        path is "word/document.xml" or "xl/workbook.xml" or "ppt/presentation.xml" or "content.xml") switch
    {
        "word/document.xml" => "a Word file (save it as PDF, HTML or text first)",
        "xl/workbook.xml" => "an Excel file (save it as text first)",
        "ppt/presentation.xml" => "a PowerPoint file (save it as PDF first)",
        "content.xml" => "an OpenDocument file (save it as PDF, HTML or text first)",
        _ => $"a ZIP archive without {ContainerPath} (unpack it, and name the files or the folder)",
    };
}
