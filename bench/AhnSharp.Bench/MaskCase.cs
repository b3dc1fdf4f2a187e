using System;
using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Bench;

/// <summary>A schema and an answer that is valid for it: the hard cases of masks, and two that people have.</summary>
public sealed record MaskCase(string Name, string Schema, string Answer)
{
    private const string Prose = "The quick brown fox, who was née Schmidt, jumps over 12 lazy dogs and says nothing. ";

    private const string InvoiceSchema = """
        {"$defs": {"money": {"type": "object", "properties": {"amount": {"type": "number", "minimum": 0, "maximum": 1000000,
          "multipleOf": 0.01}, "currency": {"enum": ["EUR", "USD", "GBP"]}}, "required": ["amount", "currency"],
          "additionalProperties": false}},
         "type": "object", "properties": {"number": {"type": "string", "pattern": "^INV-[0-9]{4,8}$"},
          "lines": {"type": "array", "minItems": 1, "maxItems": 20, "items": {"type": "object", "properties": {
           "text": {"type": "string", "maxLength": 200}, "quantity": {"type": "integer", "minimum": 1, "maximum": 999},
           "price": {"$ref": "#/$defs/money"}, "discount": {"anyOf": [{"type": "null"}, {"type": "number", "minimum": 0,
           "exclusiveMaximum": 1}]}}, "required": ["text", "quantity", "price"], "additionalProperties": false}}},
         "required": ["number", "lines"]}
        """;

    public static IReadOnlyList<MaskCase> All { get; } =
    [
        new("invoice", InvoiceSchema, Invoice()),
        new("any JSON", "{}", Invoice()),
        new("free string", """{"type": "string"}""", Text()),
        new("maxLength far", """{"type": "string", "maxLength": 100000}""", Text()),
        new("maxLength near", "{\"type\": \"string\", \"maxLength\": " + 20 * Prose.Length + "}", Text()),
        new("pattern with maxLength", """{"type": "string", "pattern": "^[\\p{L}0-9 ,.]+$", "maxLength": 5000}""", Text()),
        new("1,000 names", "{\"type\": \"array\", \"items\": {\"enum\": " + List(1000) + "}}", List(60)),
        new("numbers with ranges",
            """{"type": "array", "items": {"type": "number", "minimum": -273.15, "maximum": 123456.789, "multipleOf": 0.001}}""",
            "[" + string.Join(", ", Enumerable.Range(0, 60).Select(i => FormattableString.Invariant($"{i * 1234.567 % 123456:F3}"))) + "]"),
        new("nested 80 deep", "{}", Nested(80)),
        Optional(12),
        Optional(200),
    ];

    public override string ToString() => Name;

    private static string Text() => "\"" + string.Concat(Enumerable.Repeat(Prose, 20)) + "\"";

    private static string List(int count)
    {
        string[] first = ["alpha", "beta", "gamma", "delta", "epsilon"], second = ["North", "South", "East", "West"];
        IEnumerable<string> names = Enumerable.Range(0, count).Select(i => $"\"{first[i % 5]} {second[i / 5 % 4]} {i * 7919 % 1000}\"");
        return "[" + string.Join(", ", names) + "]";
    }

    private static MaskCase Optional(int count)
    {
        string Properties(string value) =>
            string.Join(", ", Enumerable.Range(0, count).Select(i => $"\"{(char)('a' + i % 26)}_name{i}\": {value}"));
        return new MaskCase($"{count} optional properties, open",
            "{\"type\": \"object\", \"properties\": {" + Properties("""{"type": "string"}""") + "}}",
            "{" + Properties("\"some words\"") + "}");
    }

    private static string Nested(int depth) =>
        string.Concat(Enumerable.Range(0, depth).Select(i => i % 2 == 0 ? "[" : "{\"key\": ")) + "1"
        + string.Concat(Enumerable.Range(0, depth).Select(i => i % 2 == 0 ? "}" : "]"));

    private static string Invoice() =>
        "{\"number\": \"INV-20261\", \"lines\": [" + string.Join(", ", Enumerable.Range(0, 8).Select(i =>
            $"{{\"text\": \"Blood of type {i}, one litre, delivered\", \"quantity\": 2, "
            + "\"price\": {\"amount\": 12.50, \"currency\": \"GBP\"}, \"discount\": 0.25}")) + "]}";
}
