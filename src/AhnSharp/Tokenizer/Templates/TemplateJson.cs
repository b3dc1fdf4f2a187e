using System;
using System.Collections.Generic;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>JSON ↔ values, written as Python's json.dumps(ensure_ascii=False) writes it: <c>", "</c> and <c>": "</c>, keys in their order.</summary>
internal static class TemplateJson
{
    // Python's own limit for text → int, which would else take time in the square of the digits.
    private const int MaximumDigits = 4300;

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
                OrderedDictionary<string, object?> map = new(StringComparer.Ordinal);
                foreach (JsonProperty property in element.EnumerateObject()) map[Checked(() => property.Name)] = Read(property.Value);
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
        if (number.Length > MaximumDigits) throw new JsonException($"an integer has more than {MaximumDigits} digits.");
        return BigInteger.Parse(number, CultureInfo.InvariantCulture);
    }

    /// <summary>json.dumps of a value, on one line, or with <paramref name="indent"/> spaces a level.</summary>
    public static TemplateString Write(object? value, int? indent, TemplateBudget budget)
    {
        StringBuilder json = new();
        Write(value, indent, 0, json, budget);
        budget.Characters(json.Length);
        return TemplateString.OfValue(json.ToString());
    }

    private static void Write(object? value, int? indent, int level, StringBuilder json, TemplateBudget budget)
    {
        budget.Step();
        budget.Enter();
        switch (value)
        {
            case null:
                json.Append("null");
                break;
            case bool truth:
                json.Append(truth ? "true" : "false");
                break;
            case long or double or BigInteger:
                json.Append(PythonText.Number(value));
                break;
            case TemplateString text:
                WriteString(text.Text, json, budget);
                break;
            case List<object?> list:
                WriteItems('[', ']', list.Count, i => Write(list[i], indent, level + 1, json, budget), indent, level, json, budget);
                break;
            case OrderedDictionary<string, object?> map:
                WriteItems('{', '}', map.Count, i => WriteProperty(map.GetAt(i), indent, level, json, budget), indent, level, json, budget);
                break;
            default:
                throw new ChatTemplateException(budget.Line, $"tojson cannot write {TemplateValue.Describe(value)}.");
        }
        budget.Leave();
    }

    private static void WriteProperty(KeyValuePair<string, object?> property, int? indent, int level, StringBuilder json, TemplateBudget budget)
    {
        WriteString(property.Key, json, budget);
        json.Append(": ");
        Write(property.Value, indent, level + 1, json, budget);
    }

    private static void WriteItems(char open, char close, int count, Action<int> write, int? indent, int level, StringBuilder json, TemplateBudget budget)
    {
        json.Append(open);
        for (int i = 0; i < count; i++)
        {
            if (i > 0) json.Append(indent is null ? ", " : ",");
            NewLine(level + 1);
            write(i);
        }
        if (count > 0) NewLine(level);
        json.Append(close);

        void NewLine(int depth)
        {
            if (indent is not int spaces) return;
            budget.Characters((long)spaces * depth);
            json.Append('\n').Append(' ', spaces * depth);
        }
    }

    private static void WriteString(string text, StringBuilder json, TemplateBudget budget)
    {
        budget.Characters(text.Length);
        json.Append('"');
        foreach (char character in text)
        {
            switch (character)
            {
                case '"': json.Append("\\\""); break;
                case '\\': json.Append("\\\\"); break;
                case '\n': json.Append("\\n"); break;
                case '\r': json.Append("\\r"); break;
                case '\t': json.Append("\\t"); break;
                case '\b': json.Append("\\b"); break;
                case '\f': json.Append("\\f"); break;
                case < ' ': json.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"); break;
                default: json.Append(character); break;
            }
        }
        json.Append('"');
    }
}
