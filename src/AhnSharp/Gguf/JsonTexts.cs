using System;
using System.Text.Json;

namespace AhnSharp.Gguf;

/// <summary>
/// Whether names and strings of parsed JSON are text. Half a character (a lone \ud800) is valid JSON and no text, and would be met, as an
/// InvalidOperationException, wherever such a string is first read.
/// </summary>
internal static class JsonTexts
{
    /// <summary>What was expected and found, for the sentence of a refusal.</summary>
    public const string Expected = "texts of whole characters", Found = "half of one (a lone surrogate, \\ud800 to \\udfff)";

    /// <param name="json">What was parsed: vocabularies have a hundred thousand strings, and are walked only where such an escape
    /// occurs.</param>
    /// <param name="root">What came of it.</param>
    public static bool AreWhole(ReadOnlySpan<byte> json, JsonElement root) =>
        (json.IndexOf("\\ud"u8) < 0 && json.IndexOf("\\uD"u8) < 0) || IsWhole(root);

    /// <inheritdoc cref="AreWhole(ReadOnlySpan{byte}, JsonElement)"/>
    public static bool AreWhole(ReadOnlySpan<char> json, JsonElement root) =>
        json.IndexOf("\\ud", StringComparison.OrdinalIgnoreCase) < 0 || IsWhole(root);

    private static bool IsWhole(JsonElement root)
    {
        try
        {
            Read(root);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    // As deep as the parser allows.
    private static void Read(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.String) element.GetString();
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement one in element.EnumerateArray()) Read(one);
        }
        if (element.ValueKind != JsonValueKind.Object) return;
        foreach (JsonProperty field in element.EnumerateObject())
        {
            _ = field.Name;
            Read(field.Value);
        }
    }
}
