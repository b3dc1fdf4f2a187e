using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json;
using AhnSharp.Constraints;
using AhnSharp.Tokenizer;
using Xunit;

namespace AhnSharp.Tests.Constraints;

/// <summary>
/// Ten schemas, with JsonSchema.Net as the judge: what masks let through is valid, and what is valid and written as people write it the
/// masks let through.
/// </summary>
public sealed class SchemaGenerationTests
{
    private static readonly QwenTokenizer s_tokenizer = Vocabularies.Demo;
    private static readonly Json.Schema.EvaluationOptions s_options = new() { RequireFormatValidation = true };

    private static readonly Dictionary<string, Json.Schema.JsonSchema> s_judges =
        SchemaCase.All.ToDictionary(schema => schema.Name, schema => Json.Schema.JsonSchema.FromText(schema.Schema));

    // Every token by its bytes, as Latin-1.
    private static readonly Dictionary<string, int> s_tokens = Enumerable.Range(0, s_tokenizer.VocabularySize)
        .Where(id => !s_tokenizer.IsUnused(id) && !s_tokenizer.IsSpecial(id))
        .GroupBy(id => Encoding.Latin1.GetString(s_tokenizer.BytesOf(id))).ToDictionary(same => same.Key, same => same.First());

    public static TheoryData<SchemaCase> Cases => new(SchemaCase.All);

    [Theory, MemberData(nameof(Cases))]
    public void Texts_of_allowed_tokens_drawn_by_chance_are_valid(SchemaCase schema)
    {
        Constraint constraint = Constraint.JsonSchema(schema.Schema);
        NextToken chance = ConstrainedDraw.Chance(new Random(20 + schema.Name.Length), s_tokenizer);
        for (int run = 0; run < 8; run++)
        {
            string? text = ConstrainedDraw.Text(constraint, s_tokenizer, s_tokenizer.VocabularySize, chance, 2_000);
            Assert.NotNull(text);
            Assert.True(IsValid(schema, text), $"not valid for {schema}: {text}");
            // Another two of the ways to write it each time.
            foreach (string rewritten in Rewritten(text).Where((_, way) => way % 7 == run % 7))
                CheckAllowed(constraint, schema, rewritten, new Random(run));
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Valid_text_is_never_changed(SchemaCase schema)
    {
        Constraint constraint = Constraint.JsonSchema(schema.Schema);
        foreach (string text in schema.Texts)
        {
            foreach (string rewritten in Rewritten(text.Trim()))
            {
                for (int seed = 0; seed < 2; seed++) CheckAllowed(constraint, schema, rewritten, new Random(seed));
            }
        }
    }

    [Fact]
    public void The_judge_refuses_what_is_not_valid()
    {
        Assert.False(IsValid(SchemaCase.All[0], """{"name": "x", "age": 1.5, "alive": true}"""));
        Assert.False(IsValid(SchemaCase.All[3], SchemaCase.All[3].Texts[0].Replace("02-29", "02-30", StringComparison.Ordinal)));
        Assert.False(IsValid(SchemaCase.All[9], SchemaCase.All[9].Texts[0].Replace("12.50", "12.505", StringComparison.Ordinal)));
    }

    internal static bool IsValid(SchemaCase schema, string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        return s_judges[schema.Name].Evaluate(document.RootElement, s_options).IsValid;
    }

    private static void CheckAllowed(Constraint constraint, SchemaCase schema, string text, Random random)
    {
        Assert.True(IsValid(schema, text), $"not valid for {schema}: {text}");
        foreach (int[] ids in new[] { s_tokenizer.Encode(text), OtherIds(text, random) })
        {
            ConstraintMatcher matcher = new(constraint, s_tokenizer, s_tokenizer.VocabularySize);
            for (int i = 0; i < ids.Length; i++)
            {
                Assert.True(
                    matcher.Allows(ids[i]) && (i % 7 != 0 || (matcher.Allowed[ids[i] / 64] >> ids[i] % 64 & 1) != 0)
                        && matcher.Accept(ids[i]),
                    $"{schema}: '{s_tokenizer.Decode([ids[i]])}' is not allowed behind {s_tokenizer.Decode(ids.AsSpan(0, i))}");
            }
            Assert.True(matcher.MayEnd && matcher.Allows(s_tokenizer.EndTokens[0]), text);
        }
    }

    // The same bytes in tokens of random lengths.
    private static int[] OtherIds(string text, Random random)
    {
        string bytes = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
        List<int> ids = [];
        for (int at = 0; at < bytes.Length;)
        {
            int length = Math.Min(random.Next(1, 8), bytes.Length - at);
            while (!s_tokens.ContainsKey(bytes.Substring(at, length))) length--;
            ids.Add(s_tokens[bytes.Substring(at, length)]);
            at += length;
        }
        return [.. ids];
    }

    /// <summary>The value of a text as programs and people write it: compact, on one line with spaces, over lines; escaped or
    /// not.</summary>
    private static IEnumerable<string> Rewritten(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        foreach (bool ascii in new[] { false, true })
        {
            foreach ((string comma, string colon, string? indent) in new[]
            {
                (",", ":", null), (", ", ": ", null), (",", ": ", "  "), (",", ": ", "    "), (",", ": ", "\t"), (",", " : ", "  "),
            })
            {
                StringBuilder written = new();
                Write(document.RootElement, written, comma, colon, indent, 0, ascii);
                yield return written.ToString();
            }
        }
    }

    private static void Write(JsonElement value, StringBuilder text, string comma, string colon, string? indent, int depth, bool ascii)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                text.Append(Quoted(value.GetString()!, ascii));
                break;
            case JsonValueKind.Array or JsonValueKind.Object:
                bool list = value.ValueKind == JsonValueKind.Array, first = true;
                text.Append(list ? '[' : '{');
                foreach ((string? name, JsonElement part) in list
                    ? value.EnumerateArray().Select(item => ((string?)null, item))
                    : value.EnumerateObject().Select(property => ((string?)property.Name, property.Value)))
                {
                    text.Append(first ? "" : comma);
                    first = false;
                    if (indent is not null) text.Append('\n').Insert(text.Length, indent, depth + 1);
                    if (name is not null) text.Append(Quoted(name, ascii)).Append(colon);
                    Write(part, text, comma, colon, indent, depth + 1, ascii);
                }
                if (indent is not null && !first) text.Append('\n').Insert(text.Length, indent, depth);
                text.Append(list ? ']' : '}');
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }

    private static string Quoted(string text, bool ascii)
    {
        StringBuilder quoted = new("\"");
        foreach (char c in text)
        {
            quoted.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\t' => "\\t",
                < ' ' => "\\u" + ((int)c).ToString("x4", CultureInfo.InvariantCulture),
                > '~' when ascii => "\\u" + ((int)c).ToString(c % 2 == 0 ? "x4" : "X4", CultureInfo.InvariantCulture),
                _ => c.ToString(),
            });
        }
        return quoted.Append('"').ToString();
    }
}
