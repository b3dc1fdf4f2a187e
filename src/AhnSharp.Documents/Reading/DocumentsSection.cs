using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using AhnSharp.Gguf;

namespace AhnSharp.Documents.Reading;

/// <summary>What a snapshot says about the documents in it: which model read them, how far, and what each of them was.</summary>
/// <remarks>The section "documents" of a snapshot: one JSON object, UTF-8. Paths are written as they were given.</remarks>
public sealed record DocumentsSection
{
    /// <summary>Its name among the sections of a snapshot.</summary>
    public const string SectionName = "documents";

    private const int Version = 1;

    /// <summary>The model's file as it was named; null is the program's own default.</summary>
    public string? Model { get; init; }

    /// <summary>The adapter's file as it was named; null where there was none.</summary>
    public string? Ahn { get; init; }

    /// <summary>The system turn before the documents; null left it to the template.</summary>
    public string? System { get; init; }

    /// <summary>Tokens of the prompt that the session has read; a conversation after it is not counted.</summary>
    public required long TokensRead { get; init; }

    /// <summary>Tokens of the whole prompt.</summary>
    public required long TokensTotal { get; init; }

    /// <summary>The documents, in reading order.</summary>
    public required IReadOnlyList<DocumentEntry> Documents { get; init; }

    /// <summary>Whether everything was read.</summary>
    public bool IsWhole => TokensRead == TokensTotal;

    /// <summary>The section's bytes.</summary>
    public byte[] ToBytes()
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            if (Model is not null) json.WriteString("model", Model);
            if (Ahn is not null) json.WriteString("ahn", Ahn);
            if (System is not null) json.WriteString("system", System);
            json.WriteNumber("tokens_read", TokensRead);
            json.WriteNumber("tokens_total", TokensTotal);
            json.WriteStartArray("documents");
            foreach (DocumentEntry document in Documents) document.Write(json);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    /// <summary>Reads the section of a snapshot.</summary>
    /// <param name="file">The snapshot, for messages.</param>
    /// <param name="bytes">The section.</param>
    /// <exception cref="DocumentException">It is not what <see cref="ToBytes"/> writes.</exception>
    public static DocumentsSection Parse(string file, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(bytes);
            JsonElement root = json.RootElement;
            int version = root.GetProperty("version").GetInt32();
            if (version != Version)
            {
                throw new DocumentException(file, $"expected version {Version} of the section {SectionName}, found {version}; "
                    + "read the documents anew with this version of the program.");
            }
            DocumentsSection section = new()
            {
                Model = StringOf(root, "model"),
                Ahn = StringOf(root, "ahn"),
                System = StringOf(root, "system"),
                TokensRead = root.GetProperty("tokens_read").GetInt64(),
                TokensTotal = root.GetProperty("tokens_total").GetInt64(),
                Documents = [.. root.GetProperty("documents").EnumerateArray().Select(DocumentEntry.Parse)],
            };
            return section.TokensRead >= 0 && section.TokensRead <= section.TokensTotal && section.Documents.Count > 0
                ? section
                : throw new DocumentException(file, $"expected documents, and 0 to {section.TokensTotal} tokens read, "
                    + $"found {section.Documents.Count} and {section.TokensRead} in the section {SectionName}.");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new DocumentException(
                file, $"expected the documents in the section {SectionName}, "
                    + $"found something else ({GgufText.Shortened(e.Message.TrimEnd('.'))}).", e);
        }
    }

    internal static string? StringOf(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
}
