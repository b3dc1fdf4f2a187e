using System;
using System.Globalization;
using System.Linq;

namespace AhnSharp.Tests.Constraints;

/// <summary>JSON schemas drawn by chance: every kind of value, nested, repeated, merged, and about themselves.</summary>
internal static class RandomSchema
{
    public static string Draw(Random random) =>
        $"{{\"$defs\": {{\"node\": {Value(random, 2)}, \"list\": {{\"type\": \"object\", \"properties\": {{\"v\": {Value(random, 1)}, "
        + "\"next\": {\"anyOf\": [{\"type\": \"null\"}, {\"$ref\": \"#/$defs/list\"}]}}, \"required\": [\"v\", \"next\"], "
        + $"\"additionalProperties\": false}}}}, \"allOf\": [{Value(random, 4)}]}}";

    private static string Value(Random random, int depth) => random.Next(depth > 0 ? 13 : 7) switch
    {
        0 => """{"type": "boolean"}""",
        1 => $$"""{"type": "string", "minLength": {{random.Next(70)}}, "maxLength": {{random.Next(70, 160)}}}""",
        2 => """{"enum": ["red", "blue-green", null, 12345, "a rather long name", {"k": [1, 2]}]}""",
        3 => $$"""{"type": "integer", "minimum": {{random.Next(-500, 500)}}, "maximum": {{random.Next(1_000, 2_000_000)}}}""",
        4 => FormattableString.Invariant(
            $"{{\"type\": \"number\", \"exclusiveMinimum\": {random.NextDouble() * 10:f3}, \"multipleOf\": 0.001}}"),
        5 => random.Next(3) switch
        {
            0 => """{"type": "string", "pattern": "^[A-Z]{2}-\\d{4}$"}""",
            1 => """{"type": "string", "pattern": "a.c|(é|xyz)+", "maxLength": 40}""",
            _ => """{"type": "string", "format": "date-time"}""",
        },
        6 => random.Next(2) == 0 ? """{"type": "string"}""" : """{"type": ["null", "number"]}""",
        7 or 8 => $$"""{"type": "array", "minItems": {{random.Next(5)}}, "maxItems": {{random.Next(5, 90)}}, "items": """
            + Value(random, depth - 1) + "}",
        9 => $$"""{"type": "array", "prefixItems": [{{Value(random, depth - 1)}}, {{Value(random, depth - 1)}}], "minItems": """
            + random.Next(3).ToString(CultureInfo.InvariantCulture) + "}",
        10 => $$"""{"anyOf": [{{Value(random, depth - 1)}}, {{Value(random, depth - 1)}}]}""",
        11 => random.Next(4) switch
        {
            0 => """{"$ref": "#/$defs/node"}""",
            1 => """{"$ref": "#/$defs/list"}""",
            2 => """{"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 3}""",
            _ => "{}",
        },
        _ => Members(random, depth - 1),
    };

    private static string Members(Random random, int depth)
    {
        int count = random.Next(1, 6);
        string[] names = [.. Enumerable.Range(0, count).Select(i => $"\"{"name of member ".AsSpan(0, 1 + random.Next(15))}{i}\"")];
        return "{\"type\": \"object\", \"properties\": {" + string.Join(", ", names.Select(name => $"{name}: {Value(random, depth)}"))
            + $"}}, \"required\": [{string.Join(", ", names.Where(_ => random.Next(2) == 0))}], \"additionalProperties\": "
            + (random.Next(4) == 0 ? "true}" : "false}");
    }
}
