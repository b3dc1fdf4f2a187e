using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using AhnSharp.Documents.Archives;
using AhnSharp.Documents.Markup;

namespace AhnSharp.Documents.Docx;

/// <summary>The files of a .docx by what they are to its document.</summary>
internal sealed class WordParts(ZipFiles files, string document, CancellationToken cancellationToken)
{
    private const int MaxHeads = 64;

    private string Folder => document[..(document.LastIndexOf('/') + 1)];

    /// <summary>The path of styles, numbering, footnotes, endnotes or comments; null where there is none.</summary>
    public string? Find(string kind)
    {
        string relations = $"{Folder}_rels/{document[Folder.Length..]}.rels";
        string? named = files.Has(relations) ? TargetOf(files, Folder, relations, kind, cancellationToken) : null;
        return named ?? (files.Has($"{Folder}{kind}.xml") ? $"{Folder}{kind}.xml" : null);
    }

    public MarkupReader OpenText(string path) =>
        new(MarkupBytes.Decode(files.Read(path, cancellationToken), isXml: true, new NoteList()), MarkupKind.Xml);

    /// <summary>Headers and footers that hold letters.</summary>
    public int HeadsWithText()
    {
        IEnumerable<string> heads = files.Paths.Where(path => path.StartsWith(Folder + "header", StringComparison.OrdinalIgnoreCase)
            || path.StartsWith(Folder + "footer", StringComparison.OrdinalIgnoreCase));
        return heads.Take(MaxHeads).Count(path =>
        {
            MarkupReader tags = OpenText(path);
            bool isText = false;
            while (tags.Read())
            {
                if (tags.Token == MarkupToken.Open) isText = tags.Name == "t" && !tags.IsEmpty;
                else if (tags.Token == MarkupToken.Close) isText = false;
                else if (isText && !tags.Text.IsWhiteSpace()) return true;
            }
            return false;
        });
    }

    /// <summary>Title and author, as the file states them.</summary>
    public (string? Title, string? Author) Properties()
    {
        if (!files.Has("docProps/core.xml")) return (null, null);
        MarkupReader tags = Open(files, "docProps/core.xml", cancellationToken);
        string open = "", title = "", author = "";
        while (tags.Read())
        {
            if (tags.Token == MarkupToken.Open) open = tags.Name;
            else if (tags.Token == MarkupToken.Close) open = "";
            else if (open == "title") title = tags.Text.ToString();
            else if (open == "creator") author = tags.Text.ToString();
        }
        return (PlainName.Line(title), PlainName.Line(author));
    }

    public static MarkupReader Open(ZipFiles files, string path, CancellationToken cancellationToken) =>
        new(MarkupBytes.Decode(files.ReadDirectory(path, cancellationToken), isXml: true, new NoteList()), MarkupKind.Xml);

    /// <summary>The first target of a kind that a file of relations names and the archive has.</summary>
    public static string? TargetOf(ZipFiles files, string folder, string relations, string kind, CancellationToken cancellationToken)
    {
        MarkupReader tags = Open(files, relations, cancellationToken);
        while (tags.Read())
        {
            if (tags.Token != MarkupToken.Open || tags.Name != "relationship" || tags.Attribute("Target") is not { } target) continue;
            if (!(tags.Attribute("Type") ?? "").EndsWith("/" + kind, StringComparison.OrdinalIgnoreCase)) continue;
            string path = ZipFiles.Key(target.StartsWith('/') ? target : folder + target);
            if (files.Has(path)) return path;
        }
        return null;
    }
}
