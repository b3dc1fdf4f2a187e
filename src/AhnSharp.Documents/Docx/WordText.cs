using System;
using System.Globalization;
using System.Text;
using System.Threading;
using AhnSharp.Documents.Archives;
using AhnSharp.Documents.Markup;

namespace AhnSharp.Documents.Docx;

/// <summary>
/// A Word file (.docx) → its text: paragraphs, headings, lists, tables row by row, notes at the end, text boxes behind their paragraph.
/// </summary>
/// <remarks>
/// Tracked changes are read as accepted: what was inserted is text, what was deleted is left out and counted, as are comments, headers and
/// footers, pictures and hidden text. Source: ECMA-376, part 1, "WordprocessingML".
/// </remarks>
internal static class WordText
{
    /// <summary>The path of the document's text; null where the archive is no Word file.</summary>
    public static string? DocumentPath(ZipFiles files, CancellationToken cancellationToken)
    {
        string? main = files.Has("_rels/.rels") ? WordParts.TargetOf(files, "", "_rels/.rels", "officeDocument", cancellationToken) : null;
        if (main is not null && files.Has("[Content_Types].xml"))
        {
            MarkupReader types = WordParts.Open(files, "[Content_Types].xml", cancellationToken);
            while (types.Read())
            {
                if (types.Token != MarkupToken.Open || types.Name != "override" || types.Attribute("PartName") is not { } part) continue;
                if (ZipFiles.Key(part).Equals(main, StringComparison.OrdinalIgnoreCase)
                    && (types.Attribute("ContentType") ?? "").Contains("wordprocessingml", StringComparison.OrdinalIgnoreCase)) return main;
            }
        }
        return files.Has("word/document.xml") ? "word/document.xml" : null;
    }

    public static Document Read(string name, ZipFiles files, string path, CancellationToken cancellationToken)
    {
        WordParts parts = new(files, path, cancellationToken);
        WordStyles styles = WordStyles.Read(parts);
        WordLists lists = WordLists.Read(parts);
        WordLeftOut leftOut = new();
        StringBuilder text = new();
        WordWalk body = new(styles, lists, leftOut);
        body.Read(parts.OpenText(path));
        text.Append(body.Text);
        foreach ((string part, string mark) in new[] { ("footnotes", ""), ("endnotes", "e") })
            AppendNotes(text, parts, part, mark, styles, lists, leftOut);
        NoteList notes = new();
        notes.AddRange(leftOut.Sentences());
        NoteOtherParts(parts, notes);
        (string? title, string? author) = parts.Properties();
        return new Document
        {
            Name = name,
            Kind = DocumentKind.Word,
            Title = title,
            Author = author,
            Parts = TextBytes.Parts(text.ToString()),
            Notes = notes.ToList(),
        };
    }

    private static void AppendNotes(
        StringBuilder text, WordParts parts, string part, string mark, WordStyles styles, WordLists lists, WordLeftOut leftOut)
    {
        if (parts.Find(part) is not { } path) return;
        foreach ((string id, string note) in WordWalk.ReadNotes(parts.OpenText(path), styles, lists, leftOut))
        {
            if (note.Length > 0) text.Append(CultureInfo.InvariantCulture, $"\n\n[^{mark}{id}]: {note}");
        }
    }

    private static void NoteOtherParts(WordParts parts, NoteList notes)
    {
        int comments = 0;
        if (parts.Find("comments") is { } path)
        {
            MarkupReader tags = parts.OpenText(path);
            while (tags.Read())
            {
                if (tags.Token == MarkupToken.Open && tags.Name == "comment") comments++;
            }
        }
        if (comments > 0)
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"left out {comments:N0} {(comments == 1 ? "comment" : "comments")}"));
        int heads = parts.HeadsWithText();
        if (heads > 0)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture,
                $"left out {heads:N0} {(heads == 1 ? "header or footer" : "headers and footers")} of the pages"));
        }
    }
}
