using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using AhnSharp.Documents.Archives;
using AhnSharp.Documents.Html;
using AhnSharp.Documents.Markup;

namespace AhnSharp.Documents.Epub;

/// <summary>EPUB → its chapters in the order of the spine.</summary>
/// <remarks>
/// Source: EPUB 3.3, sections "Package document" and "Open container format"; what books get wrong is read as other readers read it.
/// </remarks>
internal static class EpubBook
{
    /// <summary>Whether the archive is a book: it has a container or a package file.</summary>
    public static bool IsBook(ZipFiles files)
    {
        foreach (string path in files.Paths)
        {
            if (EpubPaths.IsContainer(path) || path.EndsWith(".opf", StringComparison.OrdinalIgnoreCase)) return true;
        }
        return false;
    }

    public static Document Read(string name, ZipFiles files, CancellationToken cancellationToken)
    {
        EpubPaths paths = new(files);
        NoteList notes = new();
        EpubPackage package = EpubPackage.Find(paths, notes, cancellationToken);
        HashSet<string> encrypted = EpubPackage.EncryptedFiles(paths, cancellationToken);
        List<DocumentPart> chapters = [];
        HtmlLeftOut leftOut = new();
        foreach (string path in package.Chapters)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (encrypted.Contains(path))
                throw new DocumentException(name, $"expected an EPUB without copy protection, found {PlainName.Of(path)} encrypted.");
            string text = ReadChapter(files, path, leftOut, notes, cancellationToken);
            if (text.Length > 0) chapters.Add(new DocumentPart(text));
        }
        if (leftOut.Sentence() is { } sentence) notes.Add(sentence);
        return new Document
        {
            Name = name,
            Kind = DocumentKind.Epub,
            Title = package.Title,
            Author = package.Author,
            Parts = chapters,
            Notes = notes.ToList(),
        };
    }

    private static string ReadChapter(ZipFiles files, string path, HtmlLeftOut leftOut, NoteList notes, CancellationToken cancellationToken)
    {
        NoteList own = new();
        byte[] bytes;
        try
        {
            bytes = files.Read(path, cancellationToken);
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException)
        {
            notes.Add($"{PlainName.Of(path)}: cannot be unpacked ({e.Message.TrimEnd('.')})");
            return "";
        }
        string markup = MarkupBytes.Decode(bytes, isXml: true, own);
        (string text, _, HtmlLeftOut chapterLeftOut, bool isAll) = HtmlText.Convert(markup, isBook: true);
        string trimmed = TextBytes.Trimmed(text);
        if (isAll) own.Add("all of its text is marked as navigation or hidden; it is read all the same");
        else
        {
            leftOut.Add(chapterLeftOut);
            // A chapter that lost text is named; the sum over the book comes at the end.
            if (chapterLeftOut.SentenceOfHidden() is { } sentence) own.Add(sentence);
        }
        if (trimmed.Length == 0) own.Add("no text (a picture?)");
        foreach (string note in own.ToList()) notes.Add($"{PlainName.Of(path)}: {note}");
        return trimmed;
    }
}
