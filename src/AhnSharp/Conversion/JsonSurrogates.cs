using System;
using System.Text;
using System.Text.Json;
using AhnSharp.Gguf;

namespace AhnSharp.Conversion;

/// <summary>Refuses JSON whose strings hold half a character (a lone <c>\ud800</c>), which is valid JSON and no text.</summary>
internal static class JsonSurrogates
{
    /// <summary>Walks the strings only where such an escape occurs at all: a vocabulary has a hundred thousand of them.</summary>
    public static void Check(string path, ReadOnlySpan<byte> json, JsonElement root)
    {
        if (json.IndexOf("\\ud"u8) < 0 && json.IndexOf("\\uD"u8) < 0) return;
        try
        {
            Walk(root);
        }
        catch (Exception e) when (e is InvalidOperationException or DecoderFallbackException)
        {
            throw new InvalidModelException($"{path}: a string of this JSON holds half a character (a lone surrogate).", e);
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
