using System;
using System.IO;
using System.Linq;
using System.Threading;
using AhnSharp.Documents.Docx;
using AhnSharp.Documents.Epub;

namespace AhnSharp.Documents.Archives;

/// <summary>What is in a ZIP archive: a book, a Word file, or nothing that can be read.</summary>
internal static class ZipDocument
{
    public static Document Read(string name, byte[] bytes, DocumentLimits limits, CancellationToken cancellationToken)
    {
        try
        {
            using ZipFiles files = new(name, bytes, "an EPUB or a .docx", limits);
            if (WordText.DocumentPath(files, cancellationToken) is { } document)
                return WordText.Read(name, files, document, cancellationToken);
            if (EpubBook.IsBook(files)) return EpubBook.Read(name, files, cancellationToken);
            throw new DocumentException(name, $"expected an EPUB or a .docx, found {Other(files)}.");
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException)
        {
            throw new DocumentException(name, $"expected a readable EPUB or .docx, found a broken archive ({e.Message.TrimEnd('.')}).", e);
        }
    }

    private static string Other(ZipFiles files) =>
        files.Paths.FirstOrDefault(static path => path is "xl/workbook.xml" or "ppt/presentation.xml" or "content.xml") switch
        {
            "xl/workbook.xml" => "an Excel file (save it as text first)",
            "ppt/presentation.xml" => "a PowerPoint file (save it as PDF first)",
            "content.xml" => "an OpenDocument file (save it as .docx, PDF or HTML first)",
            _ => "a ZIP archive of something else (unpack it, and name the files or the folder)",
        };
}
