using System;
using System.Collections.Generic;
using System.Globalization;

namespace AhnSharp.Documents.Reading;

/// <summary>Where in the documents of a snapshot a passage stands.</summary>
/// <param name="Document">Its name; null before the first.</param>
/// <param name="Page">The page, where the document has pages.</param>
/// <param name="Line">Line of the document's text, from 1.</param>
public sealed record SourcePlace(string? Document, int? Page, int Line)
{
    /// <summary>Finds the place behind a text that is laid out as a <see cref="DocumentPrompt"/>.</summary>
    /// <param name="before">The text before the passage, from the beginning of what was read.</param>
    /// <param name="documents">The documents, in reading order.</param>
    public static SourcePlace Behind(string before, IReadOnlyList<DocumentEntry> documents)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(documents);
        int start = -1, at = 0;
        string? name = null;
        bool hasPages = false;
        foreach (DocumentEntry document in documents)
        {
            string heading = (document.Kind == DocumentKind.Folder ? "Folder: " : "Document: ") + document.Name;
            int found = before.IndexOf(heading, at, StringComparison.Ordinal);
            if (found < 0) break;
            (name, hasPages, at) = (document.Name, document.Pages > 0, found + heading.Length);
            int blank = before.IndexOf("\n\n", at, StringComparison.Ordinal);
            start = blank < 0 ? before.Length : blank + 2;
        }
        if (name is null) return new SourcePlace(null, null, 1);
        int line = 1 + before.AsSpan(Math.Min(start, before.Length)).Count('\n');
        return new SourcePlace(name, hasPages ? PageBehind(before.AsSpan(at)) : null, line);
    }

    private static int? PageBehind(ReadOnlySpan<char> text)
    {
        const string Mark = "\n[Page ";
        int mark = text.LastIndexOf(Mark, StringComparison.Ordinal);
        if (mark < 0) return null;
        ReadOnlySpan<char> rest = text[(mark + Mark.Length)..];
        int end = rest.IndexOf(']');
        return end > 0 && int.TryParse(rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out int page) ? page : null;
    }
}
