using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using AhnSharp.Documents.Markup;

namespace AhnSharp.Documents.Epub;

/// <summary>The package file of an EPUB: title, author, and the chapters' paths in reading order.</summary>
internal sealed record EpubPackage(string? Title, string? Author, IReadOnlyList<string> Chapters)
{
    private const string EncryptionPath = "META-INF/encryption.xml";
    private const int MaxFallbacks = 8, MaxNamed = 5, MaxTitleCharacters = 10_000;

    /// <summary>The package that the container names first, else any in the archive.</summary>
    public static EpubPackage Find(EpubPaths paths, NoteList notes, CancellationToken cancellationToken)
    {
        List<string> named = [];
        if (paths.ContainerPath is { } container)
        {
            MarkupReader tags = Open(paths, container, cancellationToken);
            while (tags.Read())
            {
                if (tags.Token == MarkupToken.Open && tags.Name == "rootfile" && tags.Attribute("full-path") is { } written)
                    named.Add(written);
            }
        }
        IEnumerable<string> candidates = named.Select(paths.FromRoot).OfType<string>()
            .Concat(paths.Files.Paths.Where(static path => path.EndsWith(".opf", StringComparison.OrdinalIgnoreCase))
                .OrderBy(static path => path.Length));
        string? why = null;
        foreach (string path in candidates.Distinct(StringComparer.Ordinal))
        {
            if (Read(paths, path, notes, ref why, cancellationToken) is { } package) return package;
        }
        if (why is not null) throw new DocumentException(paths.Files.Name, $"expected an EPUB with chapters, found {why}.");
        string found = named.Count == 0 ? "no name" : string.Join(", ", named.Take(MaxNamed).Select(PlainName.Of))
            + (named.Exists(written => paths.FromRoot(written) is null) ? ", which is not in the archive" : ", which is none");
        throw new DocumentException(paths.Files.Name, $"expected a package file with chapters, "
            + $"named in {paths.ContainerPath ?? "META-INF/container.xml"} or ending in .opf, found {found}.");
    }

    /// <summary>Paths of the files that are encrypted.</summary>
    public static HashSet<string> EncryptedFiles(EpubPaths paths, CancellationToken cancellationToken)
    {
        HashSet<string> encrypted = [];
        if (paths.FromRoot(EncryptionPath) is not { } path) return encrypted;
        MarkupReader tags = Open(paths, path, cancellationToken);
        while (tags.Read())
        {
            if (tags.Token == MarkupToken.Open && tags.Name == "cipherreference" && tags.Attribute("URI") is { } uri
                && paths.FromRoot(uri) is { } file) encrypted.Add(file);
        }
        return encrypted;
    }

    // Null where it is no package, or one without chapters; why, where it names some.
    private static EpubPackage? Read(EpubPaths paths, string path, NoteList notes, ref string? why, CancellationToken cancellationToken)
    {
        Dictionary<string, Item> manifest = [];
        List<string> spine = [], authors = [];
        string title = "", open = "", text = "";
        MarkupReader tags = Open(paths, path, cancellationToken);
        while (tags.Read())
        {
            switch (tags.Token)
            {
                case MarkupToken.Text when open.Length > 0 && text.Length < MaxTitleCharacters: text += tags.Text.ToString(); break;
                case MarkupToken.Open when tags.Name is "title" or "creator": (open, text) = (tags.Name, ""); break;
                case MarkupToken.Open when tags.Name == "item" && tags.Attribute("href") is { } href:
                    manifest.TryAdd(
                        tags.Attribute("id") ?? "", new Item(href, MediaType(tags.Attribute("media-type")), tags.Attribute("fallback")));
                    break;
                case MarkupToken.Open when tags.Name == "itemref" && tags.Attribute("idref") is { } idref: spine.Add(idref); break;
                case MarkupToken.Close when tags.Name == open:
                    if (PlainName.Line(text) is { } line)
                    {
                        if (open == "creator") authors.Add(line);
                        else if (title.Length == 0) title = line;
                    }
                    open = "";
                    break;
                default: break;
            }
        }
        NoteList own = new();
        List<string> chapters = Chapter(paths, path, manifest, spine, own);
        if (chapters.Count == 0)
        {
            if (manifest.Count + spine.Count > 0)
                why ??= $"none that {PlainName.Of(path)} names ({string.Join("; ", own.ToList().TakeLast(MaxNamed))})";
            return null;
        }
        notes.AddRange(own.ToList());
        return new EpubPackage(title.Length > 0 ? title : null, authors.Count > 0 ? string.Join(", ", authors) : null, chapters);
    }

    private static List<string> Chapter(
        EpubPaths paths, string package, Dictionary<string, Item> manifest, List<string> spine, NoteList notes)
    {
        if (spine.Count == 0 && manifest.Count > 0)
        {
            notes.Add("the book gives no order; its files are read in that of its list");
            spine = [.. manifest.Keys.Where(id => IsText(manifest[id]))];
        }
        List<string> chapters = [];
        HashSet<string> seen = [], taken = [];
        Named unlisted = new(), missing = new(), others = new();
        int again = 0;
        foreach (string id in spine)
        {
            if (!seen.Add(id)) again++;
            else if (!manifest.TryGetValue(id, out Item? item)) unlisted.Add($"'{id}'");
            else
            {
                Item? text = item;
                for (int i = 0; i < MaxFallbacks && text is not null && !IsText(text); i++)
                    text = text.Fallback is { } other ? manifest.GetValueOrDefault(other) : null;
                if (text is null || !IsText(text)) others.Add($"{item.Href} ({item.Type})");
                else if (paths.FromFile(package, text.Href) is not { } path) missing.Add(text.Href);
                else if (taken.Add(path)) chapters.Add(path);
                else again++;
            }
        }
        unlisted.Note(notes, "named in the book's order, and not in its list of files");
        missing.Note(notes, "named in the book's order, and not in the archive");
        others.Note(notes, "left out, for it is no text");
        if (again > 0)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture,
                $"{again:N0} {(again == 1 ? "place" : "places")} of the book's order name a chapter that stands before; it is read once"));
        }
        return chapters;
    }

    private static string MediaType(string? written)
    {
        string type = (written ?? "").Trim().ToLowerInvariant();
        int parameter = type.IndexOf(';', StringComparison.Ordinal);
        return parameter < 0 ? type : type[..parameter].TrimEnd();
    }

    // By its type, else by its name: books call their chapters all kinds of XML.
    private static bool IsText(Item item) =>
        item.Type is "application/xhtml+xml" or "text/html" or "text/x-oeb1-document" or "text/x-oeb-document" or "application/x-dtbook+xml"
            or "text/xml" or "application/xml"
            or "application/html" or "application/xhtml" or "text/xhtml" or "text/plain" or ""
        || (!item.Type.StartsWith("image/", StringComparison.Ordinal) && HasTextEnding(item.Href));

    private static bool HasTextEnding(string href)
    {
        int end = href.AsSpan().IndexOfAny('#', '?');
        string path = end < 0 ? href : href[..end];
        return FileSignature.HasHtmlEnding(path) || path.EndsWith(".xht", StringComparison.OrdinalIgnoreCase)
            || path.EndsWith(".xml", StringComparison.OrdinalIgnoreCase);
    }

    private static MarkupReader Open(EpubPaths paths, string path, CancellationToken cancellationToken) =>
        new(MarkupBytes.Decode(paths.Files.ReadDirectory(path, cancellationToken), isXml: true, new NoteList()), MarkupKind.Xml);

    private sealed record Item(string Href, string Type, string? Fallback);

    // The first few by name, all by number: a package may name half a million that are not there.
    private sealed class Named
    {
        private readonly List<string> _first = [];
        private int _count;

        public void Add(string name)
        {
            if (_first.Count < MaxNamed) _first.Add(PlainName.Of(name));
            _count++;
        }

        public void Note(NoteList notes, string what)
        {
            foreach (string name in _first) notes.Add($"{name}: {what}");
            if (_count > _first.Count)
                notes.Add(string.Create(CultureInfo.InvariantCulture, $"and {_count - _first.Count:N0} more {what}"));
        }
    }
}
