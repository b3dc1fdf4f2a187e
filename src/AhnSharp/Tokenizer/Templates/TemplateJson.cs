using System;
using System.Collections.Generic;
using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>JSON text → values.</summary>
internal static class TemplateJson
{
    /// <summary>Values of JSON text; a key given twice keeps its last value. Throws <see cref="JsonException"/>.</summary>
    public static object? Read(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return Read(document.RootElement);
    }

    private static object? Read(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                TemplateMap map = new();
                foreach (JsonProperty property in element.EnumerateObject()) map.Set(Checked(() => property.Name), Read(property.Value));
                return map;
            case JsonValueKind.Array:
                List<object?> list = [];
                foreach (JsonElement item in element.EnumerateArray()) list.Add(Read(item));
                return list;
            case JsonValueKind.String:
                return TemplateString.OfValue(Checked(() => element.GetString()!));
            case JsonValueKind.Number:
                return ReadNumber(element.GetRawText());
            default:
                return element.ValueKind == JsonValueKind.Null ? null : element.ValueKind == JsonValueKind.True;
        }
    }

    private static string Checked(Func<string> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException wrong)
        {
            throw new JsonException("a string holds half of a surrogate pair.", wrong);
        }
    }

    private static object ReadNumber(string number)
    {
        if (number.AsSpan().IndexOfAny('.', 'e', 'E') >= 0) return double.Parse(number, CultureInfo.InvariantCulture);
        if (long.TryParse(number, CultureInfo.InvariantCulture, out long integer)) return integer;
        if (number.Length > TemplateNumber.MaximumDigits)
            throw new JsonException($"an integer has more than {TemplateNumber.MaximumDigits} digits.");
        return BigInteger.Parse(number, CultureInfo.InvariantCulture);
    }
}
