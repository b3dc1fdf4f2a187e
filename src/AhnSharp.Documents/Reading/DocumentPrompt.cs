using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace AhnSharp.Documents.Reading;

/// <summary>Documents as the one text that the model reads: each named, then its parts.</summary>
/// <remarks>
/// <code>
/// Document: contract.pdf
/// Title: Lease of a flat
/// Author: J. Doe
///
/// [Page 1]
/// …
///
/// Folder: project
///
/// File: src/a.cs
/// …
/// </code>
/// Blank lines part everything. A document that grows at its end, or one more document, leaves what stands before as
/// it is, so a reading can go on.
/// </remarks>
public sealed class DocumentPrompt
{
    private readonly List<(long Byte, int Document, int? Page)> _places = [];

    /// <summary>Lays the documents out.</summary>
    public DocumentPrompt(IReadOnlyList<Document> documents)
    {
        ArgumentNullException.ThrowIfNull(documents);
        Documents = documents;
        StringBuilder text = new();
        long bytes = 0;
        int counted = 0;
        for (int i = 0; i < documents.Count; i++)
        {
            Document document = documents[i];
            if (i > 0) text.Append("\n\n");
            text.Append(document.Kind == DocumentKind.Folder ? "Folder: " : "Document: ").Append(document.Name);
            if (document.Title is { } title) text.Append("\nTitle: ").Append(title);
            if (document.Author is { } author) text.Append("\nAuthor: ").Append(author);
            foreach (DocumentPart part in document.Parts)
            {
                text.Append("\n\n");
                bytes += CountBytes(text, ref counted);
                _places.Add((bytes, i, part.Page));
                if (part.Page is { } page) text.Append(CultureInfo.InvariantCulture, $"[Page {page}]\n");
                else if (part.Path is { } path) text.Append("File: ").Append(path).Append('\n');
                text.Append(part.Text);
            }
        }
        Text = text.ToString();
    }

    /// <summary>What was laid out.</summary>
    public IReadOnlyList<Document> Documents { get; }

    /// <summary>The whole text.</summary>
    public string Text { get; }

    /// <summary>
    /// The document, and its page where it has pages, in which the byte at <paramref name="offset"/> of the text as UTF-8 stands.
    /// </summary>
    public (Document Document, int? Page) PlaceOf(long offset)
    {
        int low = 0, high = _places.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_places[middle].Byte <= offset) low = middle;
            else high = middle - 1;
        }
        return _places.Count == 0 ? (Documents[0], null) : (Documents[_places[low].Document], _places[low].Page);
    }

    private static long CountBytes(StringBuilder text, ref int counted)
    {
        long bytes = 0;
        // Parts begin and end at whole characters, so pieces counted by themselves add up.
        string added = text.ToString(counted, text.Length - counted);
        bytes += Encoding.UTF8.GetByteCount(added);
        counted = text.Length;
        return bytes;
    }
}
