using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Xml;

namespace AhnSharp.Documents.Epub;

/// <summary>The package file of an EPUB: title, author, and the chapters' paths in reading order.</summary>
internal sealed record EpubPackage(string? Title, string? Author, IReadOnlyList<string> Spine, IReadOnlyList<string> Notes)
{
    // A document type could define entities that expand without end, or name files of this machine.
    private static readonly XmlReaderSettings s_settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersFromEntities = 1024,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
    };

    public static EpubPackage Read(EpubArchive files, string containerPath, CancellationToken cancellationToken)
    {
        string? packagePath = Elements(files, containerPath, cancellationToken).FirstOrDefault(static e => e.Name == "rootfile").Attribute("full-path");
        if (packagePath is null || !files.Has(packagePath))
            throw new DocumentException(files.Name, $"expected a package file named in {containerPath}, found {(packagePath is null ? "no name" : $"{packagePath}, which is not in the archive")}.");

        Dictionary<string, (string Path, string Type)> manifest = [];
        List<string> spine = [], notes = [], authors = [];
        string? title = null;
        foreach (Element element in Elements(files, packagePath, cancellationToken))
        {
            switch (element.Name)
            {
                case "title" when title is null && element.Text.Length > 0: title = element.Text; break;
                case "creator" when element.Text.Length > 0: authors.Add(element.Text); break;
                case "item" when element.Attribute("id") is { } id && element.Attribute("href") is { } href:
                    manifest.TryAdd(id, (Resolve(packagePath, href), element.Attribute("media-type") ?? ""));
                    break;
                case "itemref" when element.Attribute("idref") is { } idref: spine.Add(idref); break;
                default: break;
            }
        }
        List<string> chapters = [];
        foreach (string id in spine)
        {
            if (!manifest.TryGetValue(id, out (string Path, string Type) item)) notes.Add($"the book's order names '{id}', which its list of files lacks");
            else if (item.Type is "application/xhtml+xml" or "text/html" or "text/x-oeb1-document" or "") chapters.Add(item.Path);
            else notes.Add($"{item.Path}: left out ({item.Type} is no text)");
        }
        if (chapters.Count == 0) throw new DocumentException(files.Name, $"expected chapters in the spine of {packagePath}, found none.");
        return new EpubPackage(title, authors.Count > 0 ? string.Join(", ", authors) : null, chapters, notes);
    }

    /// <summary>Paths of the files that are encrypted.</summary>
    public static HashSet<string> EncryptedFiles(EpubArchive files, string path, CancellationToken cancellationToken) =>
        [.. Elements(files, path, cancellationToken).Where(static e => e.Name == "CipherReference").Select(static e => e.Attribute("URI")).OfType<string>().Select(static uri => Resolve("", uri))];

    // Relative to the folder of the package file, percent-decoded, with . and .. resolved; a path out of the archive finds nothing in it.
    private static string Resolve(string packagePath, string href)
    {
        int end = href.AsSpan().IndexOfAny('#', '?');
        List<string> parts = [.. packagePath.Split('/')[..^1]];
        foreach (string part in Uri.UnescapeDataString(end < 0 ? href : href[..end]).Split('/'))
        {
            if (part == "..")
            {
                if (parts.Count > 0) parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("" or ".")) parts.Add(part);
        }
        return string.Join('/', parts);
    }

    private static List<Element> Elements(EpubArchive files, string path, CancellationToken cancellationToken)
    {
        List<Element> elements = [];
        using XmlReader reader = XmlReader.Create(new MemoryStream(files.ReadDirectory(path, cancellationToken)), s_settings);
        try
        {
            Element? open = null;
            while (reader.Read())
            {
                if (reader.NodeType == XmlNodeType.Element)
                {
                    Dictionary<string, string> attributes = [];
                    string name = reader.LocalName;
                    while (reader.MoveToNextAttribute()) attributes[reader.LocalName] = reader.Value;
                    elements.Add((open = new Element(name, attributes)).Value);
                }
                else if (reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA && open is { } element)
                {
                    elements[^1] = element with { Text = string.Join(' ', reader.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)) };
                    open = null;
                }
            }
        }
        catch (XmlException e)
        {
            throw new DocumentException(files.Name, $"{path}: {e.Message}", e);
        }
        return elements;
    }

    private readonly record struct Element(string Name, IReadOnlyDictionary<string, string> Attributes)
    {
        public string Text { get; init; } = "";

        public string? Attribute(string name) => Attributes?.GetValueOrDefault(name);
    }
}
