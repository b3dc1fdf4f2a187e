using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using AhnSharp.Documents;
using AhnSharp.Documents.Reading;
using AhnSharp.Files;

namespace AhnSharp.Server.Documents;

/// <summary>
/// The text of a file, kept so that it is taken out once: for readings that go on after a restart, and for those who look it up.
/// </summary>
/// <remarks>One JSON object: what <see cref="DocumentEntry"/> writes, and the parts.</remarks>
internal static class ExtractedText
{
    public static void Write(string path, Document document)
    {
        using PartialFile file = new(path);
        using (Utf8JsonWriter json = new(file.Stream))
        {
            json.WriteStartObject();
            json.WritePropertyName("document");
            DocumentEntry.Of(document).Write(json);
            json.WriteStartArray("parts");
            foreach (DocumentPart part in document.Parts)
            {
                json.WriteStartObject();
                if (part.Page is { } page) json.WriteNumber("page", page);
                if (part.Path is not null) json.WriteString("path", part.Path);
                json.WriteString("text", part.Text);
                json.WriteEndObject();
                json.Flush();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        file.Commit();
    }

    /// <summary>The document; null where it was not taken out yet, or what was kept is damaged.</summary>
    public static Document? Read(string path)
    {
        if (!File.Exists(path)) return null;
        try
        {
            using FileStream file = File.OpenRead(path);
            using JsonDocument json = JsonDocument.Parse(file);
            DocumentEntry entry = DocumentEntry.Parse(json.RootElement.GetProperty("document"));
            return new Document
            {
                Name = entry.Name,
                Kind = entry.Kind,
                Title = entry.Title,
                Author = entry.Author,
                Pages = entry.Pages,
                Notes = entry.Notes,
                Parts = [.. json.RootElement.GetProperty("parts").EnumerateArray().Select(PartOf)],
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null; // it is taken out again
        }
    }

    private static DocumentPart PartOf(JsonElement json) => new(
        json.GetProperty("text").GetString()!,
        json.TryGetProperty("page", out JsonElement page) ? page.GetInt32() : null,
        json.TryGetProperty("path", out JsonElement path) ? path.GetString() : null);
}
