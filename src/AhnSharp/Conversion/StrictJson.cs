using System;
using System.Text.Json;
using System.Text.Unicode;
using AhnSharp.Gguf;

namespace AhnSharp.Conversion;

/// <summary>Parses JSON that comes from a download: valid UTF-8, bounded in depth, no field twice, every string whole.</summary>
internal static class StrictJson
{
    /// <param name="source">What the message names: the file.</param>
    /// <param name="json">The text.</param>
    /// <param name="maxDepth">Deeper nesting is refused.</param>
    public static JsonDocument Parse(string source, ReadOnlyMemory<byte> json, int maxDepth)
    {
        if (!Utf8.IsValid(json.Span)) throw new InvalidModelException($"{source}: the JSON is not valid UTF-8.");
        try
        {
            JsonDocument document = JsonDocument.Parse(
                json, new JsonDocumentOptions { MaxDepth = maxDepth, AllowDuplicateProperties = false });
            // Half a character (a lone \ud800) is valid JSON and no text. Vocabularies have a hundred thousand strings: they are walked
            // only where such an escape occurs.
            if (json.Span.IndexOf("\\ud"u8) >= 0 || json.Span.IndexOf("\\uD"u8) >= 0) Walk(document.RootElement);
            return document;
        }
        catch (JsonException e)
        {
            throw new InvalidModelException($"{source}: not valid JSON ({GgufText.Shortened(e.Message)}).", e);
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidModelException($"{source}: a string of this JSON holds half a character (a lone surrogate).", e);
        }
    }

    private static void Walk(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in element.EnumerateArray()) Walk(item);
                break;
            case JsonValueKind.Object:
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    _ = property.Name.Length;
                    Walk(property.Value);
                }
                break;
        }
    }
}
