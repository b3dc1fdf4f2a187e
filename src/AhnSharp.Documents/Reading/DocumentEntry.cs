using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace AhnSharp.Documents.Reading;

/// <summary>What a snapshot remembers of one document: what it was, and what was left out; not its text.</summary>
/// <param name="Name">As the model was told.</param>
/// <param name="Kind">What it was read as.</param>
/// <param name="Title">As the file gives it, or null.</param>
/// <param name="Author">As the file gives it, or null.</param>
/// <param name="Pages">Pages of the file; 0 where it has none.</param>
/// <param name="Characters">Of its text.</param>
/// <param name="Notes">What was left out.</param>
public sealed record DocumentEntry(
    string Name, DocumentKind Kind, string? Title, string? Author, int Pages, long Characters, IReadOnlyList<string> Notes)
{
    /// <summary>What to remember of a document.</summary>
    public static DocumentEntry Of(Document document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return new(document.Name, document.Kind, document.Title, document.Author, document.Pages, document.Characters, document.Notes);
    }

    internal static DocumentEntry Parse(JsonElement json) => new(
        json.GetProperty("name").GetString() ?? throw new FormatException("a document without a name"),
        KindOf(json.GetProperty("kind").GetString()),
        DocumentsSection.StringOf(json, "title"),
        DocumentsSection.StringOf(json, "author"),
        json.GetProperty("pages").GetInt32(),
        json.GetProperty("characters").GetInt64(),
        [.. json.GetProperty("notes").EnumerateArray().Select(static note => note.GetString() ?? "")]);

    /// <summary>The document as a JSON object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartObject();
        json.WriteString("name", Name);
        json.WriteString("kind", NameOf(Kind));
        if (Title is not null) json.WriteString("title", Title);
        if (Author is not null) json.WriteString("author", Author);
        json.WriteNumber("pages", Pages);
        json.WriteNumber("characters", Characters);
        json.WriteStartArray("notes");
        foreach (string note in Notes) json.WriteStringValue(note);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The word for a kind, in sections and for people.</summary>
    public static string NameOf(DocumentKind kind) => kind switch
    {
        DocumentKind.Text => "text",
        DocumentKind.Html => "html",
        DocumentKind.Pdf => "pdf",
        DocumentKind.Epub => "epub",
        DocumentKind.Word => "word",
        DocumentKind.Notebook => "notebook",
        DocumentKind.Folder => "folder",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind of document."),
    };

    private static DocumentKind KindOf(string? name)
    {
        foreach (DocumentKind kind in Enum.GetValues<DocumentKind>())
        {
            if (NameOf(kind) == name) return kind;
        }
        throw new FormatException($"a document of the kind '{name}'");
    }
}
