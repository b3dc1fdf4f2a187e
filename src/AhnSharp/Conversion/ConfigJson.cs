using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using AhnSharp.Files;
using AhnSharp.Gguf;

namespace AhnSharp.Conversion;

/// <summary>
/// A JSON file of a Hugging Face folder, read field by field; a field that is not what it should be is an
/// error naming file, field and value.
/// </summary>
internal sealed class ConfigJson
{
    private const long MaxBytes = 256L << 20;   // the largest in use, a tokenizer.json of 150 thousand tokens, has 11 MB
    private const int MaxDepth = 32;

    private ConfigJson(string path, JsonElement root)
    {
        Path = path;
        Root = root;
    }

    public string Path { get; }

    public JsonElement Root { get; }

    public static ConfigJson Load(string path)
    {
        long length = new FileInfo(path).Length;
        if (length > MaxBytes) throw new InvalidModelException($"{path}: {length} bytes of JSON; at most {MaxBytes} are read.");
        using JsonDocument document = StrictJson.Parse(path, PythonJson.WithoutWords(RegularFile.ReadAllBytes(path)), MaxDepth);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidModelException($"{path}: expected a JSON object, found {document.RootElement.ValueKind}.");
        }
        return new ConfigJson(path, document.RootElement.Clone());
    }

    /// <summary>The file, or null where the folder has none.</summary>
    public static ConfigJson? LoadIfThere(string path) => File.Exists(path) ? Load(path) : null;

    /// <summary>An object inside this file, or null where the field is missing or null.</summary>
    public ConfigJson? Object(string field) => Find(field) is not { } value
        ? null
        : new ConfigJson($"{Path}: {GgufText.Shortened(field)}",
            Expect(field, value, value.ValueKind == JsonValueKind.Object, "an object"));

    /// <summary>The field's value, or null where it is missing or null.</summary>
    public JsonElement? Find(string field) =>
        Root.TryGetProperty(field, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public string? Text(string field) =>
        Find(field) is { } value ? Expect(field, value, value.ValueKind == JsonValueKind.String, "a string").GetString() : null;

    /// <summary>A token's text, which stands alone or in an object with the field <c>content</c>.</summary>
    public string? TokenText(string field) =>
        Find(field) is { ValueKind: JsonValueKind.Object } ? Object(field)!.Text("content") : Text(field);

    public bool? Bool(string field) =>
        Find(field) is { } value
            ? Expect(field, value, value.ValueKind is JsonValueKind.True or JsonValueKind.False, "true or false").GetBoolean()
            : null;

    public int? Int(string field, int min, int max)
    {
        if (Find(field) is not { } value) return null;
        Expect(field, value, value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= min && number <= max,
            $"a whole number from {min} to {max}");
        return value.GetInt32();
    }

    public int RequiredInt(string field, int min, int max) => Int(field, min, max) ?? throw Missing(field);

    public double? Number(string field, double min, double max)
    {
        if (Find(field) is not { } value) return null;
        Expect(field, value, value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number >= min
            && number <= max, $"a number from {min} to {max}");
        return value.GetDouble();
    }

    /// <summary>One id or a list of ids, as <c>eos_token_id</c> is written; empty where the field is missing.</summary>
    public IReadOnlyList<int> Ids(string field)
    {
        if (Find(field) is not { } value) return [];
        if (value.ValueKind != JsonValueKind.Array) return [Id(field, value)];
        List<int> ids = [];
        foreach (JsonElement item in value.EnumerateArray()) ids.Add(Id(field, item));
        return ids;
    }

    public InvalidModelException Missing(string field) => new($"{Path}: expected the field {GgufText.Shortened(field)}, found none.");

    public InvalidModelException Wrong(string field, string expected, string found) =>
        new($"{Path}: {GgufText.Shortened(field)} should be {expected} and is {GgufText.Shortened(found)}.");

    private int Id(string field, JsonElement value)
    {
        Expect(field, value, value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int id) && id >= 0,
            "a token id or a list of them");
        return value.GetInt32();
    }

    private JsonElement Expect(string field, JsonElement value, bool holds, string expected)
    {
        if (holds) return value;
        string found = value.GetRawText();
        throw Wrong(field, expected, found.Length <= 60 ? found : string.Concat(found.AsSpan(0, 57), "…"));
    }
}
