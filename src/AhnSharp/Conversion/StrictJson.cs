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
            if (JsonTexts.AreWhole(json.Span, document.RootElement)) return document;
            document.Dispose();
            throw NoText(source);
        }
        catch (InvalidOperationException e)
        {
            // Of a field's name: the parser compares names to find one that stands twice.
            throw NoText(source, e);
        }
        catch (JsonException e)
        {
            throw new InvalidModelException($"{source}: not valid JSON ({GgufText.Shortened(e.Message)}).", e);
        }
    }

    private static InvalidModelException NoText(string source, Exception? cause = null) =>
        new($"{source}: expected {JsonTexts.Expected}, found {JsonTexts.Found}.", cause!);
}
