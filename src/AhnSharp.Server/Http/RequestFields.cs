using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;

namespace AhnSharp.Server.Http;

/// <summary>The fields of an object that a client has sent: each is taken by its name, and what nobody took is refused.</summary>
/// <remarks>A field that is null counts as left out, as OpenAI's clients mean it.</remarks>
internal sealed class RequestFields
{
    private readonly Dictionary<string, JsonElement> _fields = new(StringComparer.Ordinal);
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <param name="json">The object.</param>
    /// <param name="path">Where it stands in the body; empty: it is the body.</param>
    public RequestFields(JsonElement json, string path = "")
    {
        Path = path;
        if (json.ValueKind != JsonValueKind.Object)
            throw ApiException.Invalid(path.Length == 0 ? "body" : path, $"expected an object, found {Kind(json)}.");
        foreach (JsonProperty property in json.EnumerateObject())
        {
            if (!_fields.TryAdd(property.Name, property.Value))
                throw ApiException.Invalid(PathOf(property.Name), "expected once, found twice.");
        }
    }

    /// <summary>Where the object stands in the body.</summary>
    public string Path { get; }

    /// <summary>The path of one of its fields.</summary>
    public string PathOf(string name) => Path.Length == 0 ? name : $"{Path}.{name}";

    /// <summary>A field of any kind; null where it is left out or null.</summary>
    public JsonElement? Take(string name)
    {
        _taken.Add(name);
        return _fields.TryGetValue(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    public string? Text(string name) => Take(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(name, "a text", value);

    public string RequiredText(string name) => Text(name) ?? throw Missing(name);

    public bool? Flag(string name) => Take(name) is not { } value ? null : value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(name, "true or false", value),
    };

    public int? WholeNumber(string name, int from, int to)
    {
        if (Take(name) is not { } value) return null;
        string range = string.Create(CultureInfo.InvariantCulture, $"a whole number from {from} to {to}");
        // 3.0 is one too, as clients of languages without whole numbers write it.
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double number) || number != Math.Floor(number)
            || number < from || number > to)
            throw Wrong(name, range, value);
        return (int)number;
    }

    public long? LongNumber(string name)
    {
        if (Take(name) is not { } value) return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number)
            ? number : throw Wrong(name, "a whole number of 64 bits", value);
    }

    public float? Number(string name, double from, double to)
    {
        if (Take(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double number) || !(number >= from && number <= to))
            throw Wrong(name, string.Create(CultureInfo.InvariantCulture, $"a number from {from} to {to}"), value);
        return (float)number;
    }

    /// <summary>One of several words; null where it is left out.</summary>
    public string? Word(string name, params ReadOnlySpan<string> words)
    {
        if (Take(name) is not { } value) return null;
        string? word = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        return word is not null && words.Contains(word) ? word : throw Wrong(name, $"one of {string.Join(", ", words!)}", value);
    }

    public RequestFields? Object(string name) => Take(name) is { } value ? new RequestFields(value, PathOf(name)) : null;

    /// <summary>The elements of an array; null where it is left out.</summary>
    /// <param name="name">The field.</param>
    /// <param name="most">How many it may have.</param>
    public IReadOnlyList<JsonElement>? Array(string name, int most)
    {
        if (Take(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Array) throw Wrong(name, "an array", value);
        int count = value.GetArrayLength();
        if (count > most) throw ApiException.Invalid(PathOf(name), $"expected at most {most} elements, found {count}.");
        return [.. value.EnumerateArray()];
    }

    /// <summary>A text, or an array of texts, as a list; null where it is left out.</summary>
    public IReadOnlyList<string>? Texts(string name, int most)
    {
        if (Take(name) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.String) return [value.GetString()!];
        return [.. Array(name, most)!.Select(
            (element, i) =>
                element.ValueKind == JsonValueKind.String ? element.GetString()! : throw Wrong($"{name}[{i}]", "a text", element))];
    }

    /// <summary>Names that are known and change nothing here, such as a name for the provider's own statistics.</summary>
    public void Ignore(params ReadOnlySpan<string> names)
    {
        foreach (string name in names) _taken.Add(name);
    }

    /// <summary>What is asked for and cannot be done; absent, null, or the value that means "no" passes.</summary>
    public void Refuse(string name, string because)
    {
        if (Take(name) is { ValueKind: not JsonValueKind.False }) throw ApiException.Unsupported(PathOf(name), because);
    }

    /// <summary>Refuses the first field that nobody took.</summary>
    public void RefuseTheRest()
    {
        foreach ((string name, JsonElement value) in _fields)
        {
            if (!_taken.Contains(name) && value.ValueKind != JsonValueKind.Null)
            {
                throw new ApiException(
                    400, "unknown_parameter", $"{PathOf(name)}: there is no such parameter here.")
                { Parameter = PathOf(name) };
            }
        }
    }

    public ApiException Missing(string name) =>
        new(400, "missing_required_parameter", $"{PathOf(name)}: expected, and left out.") { Parameter = PathOf(name) };

    public ApiException Wrong(string name, string expected, JsonElement found) =>
        ApiException.Invalid(PathOf(name), $"expected {expected}, found {Shown(found)}.");

    private static string Shown(JsonElement value)
    {
        const int most = 40;
        if (value.ValueKind is JsonValueKind.Object or JsonValueKind.Array) return Kind(value);
        string text = value.GetRawText();
        return text.Length <= most ? text : text[..most] + "…";
    }

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        _ => "nothing",
    };
}
