using System;
using System.Linq;
using System.Text;
using AhnSharp.Constraints;
using Xunit;
using Xunit.Abstractions;

namespace AhnSharp.Tests.Constraints;

/// <summary>
/// What masks over Qwen's 152k tokens cost, counted in steps (a shared machine tells no time; bench/AhnSharp.Bench does): 20,000 are the
/// 200 µs that are promised in the mean, 500,000 the 5 ms at worst.
/// </summary>
public sealed class MaskSpeedTests(ITestOutputHelper output)
{
    private const int Size = 152_064;
    private static readonly string s_prose = string.Concat(Enumerable.Repeat("The quick brown fox, who was née Schmidt, jumps over "
        + "12 dogs. ", 20));

    [SharedTheory(Vocabularies.QwenFile)]
    [InlineData("{'type': 'string'}")]
    [InlineData("{'type': 'string', 'maxLength': 100000}")]
    [InlineData("{'type': 'string', 'maxLength': 1240}")]
    [InlineData("{'type': 'string', 'pattern': '^[\\\\p{L}0-9 ,.]+$', 'maxLength': 3000}")]
    [InlineData("{}")]
    public void Masks_of_a_long_string(string schema) => CheckCost(schema.Replace('\'', '"'), $"\"{s_prose}\"");

    [SharedFact(Vocabularies.QwenFile)]
    public void Masks_of_an_object_with_everything() => CheckCost(SchemaCase.All[^1].Schema, SchemaCase.All[^1].Texts[0].Trim());

    // Before the marks and commas of members stood once for all, and strings were parts of their own, it took 31,500 steps, now 7,000.
    [SharedTheory(Vocabularies.QwenFile)]
    [InlineData(true)]
    [InlineData(false)]
    public void Masks_of_200_optional_properties(bool open)
    {
        string Properties(string value) => string.Join(", ", Enumerable.Range(0, 200).Select(i =>
            $"\"{(char)('a' + i % 26)}_{i * 37 % 100}_name{i}\": {value}"));
        CheckCost($"{{\"properties\": {{{Properties("{\"type\": \"string\"}")}}}, \"type\": \"object\", "
            + $"\"additionalProperties\": {(open ? "true" : "false")}}}", "{" + Properties("\"some words\"") + "}");
    }

    [SharedFact(Vocabularies.QwenFile)]
    public void Places_that_differ_in_what_lies_around_them_share_a_walk()
    {
        ConstraintMatcher matcher = new(
            Constraint.JsonSchema("{\"type\": \"array\", \"items\": {\"type\": \"string\", \"maxLength\": 5000}, \"maxItems\": 500}"),
            Vocabularies.Qwen, Size);
        foreach (int id in Vocabularies.Qwen.Encode("[\"one two three\", \"four five six\", \"seven eight nine\"]"))
        {
            _ = matcher.Allowed;
            Assert.True(matcher.Accept(id));
        }
        // The beginning, between items (the first, some, white space), within a string: not one for each of 20 tokens.
        Assert.InRange(matcher.Walks, 2, 9);
    }

    // Up to its end the string has 30 places, and each was a walk of its own: 12 in this text.
    [SharedFact(Vocabularies.QwenFile)]
    public void Places_that_differ_in_what_a_counter_has_left_share_a_walk()
    {
        string text = s_prose[..30];
        ConstraintMatcher matcher = new(
            Constraint.JsonSchema($"{{\"type\": \"string\", \"maxLength\": {text.EnumerateRunes().Count()}}}"), Vocabularies.Qwen, Size);
        foreach (char letter in $"\"{text}\"")
        {
            _ = matcher.Allowed;
            Assert.True(matcher.Accept(Encoding.UTF8.GetBytes([letter])));
        }
        Assert.True(matcher.MustEnd);
        Assert.InRange(matcher.Walks, 2, 4);
    }

    private void CheckCost(string schema, string text)
    {
        ConstraintMatcher matcher = new(Constraint.JsonSchema(schema), Vocabularies.Qwen, Size);
        int[] ids = Vocabularies.Qwen.Encode(text);
        long worst = 0;
        foreach (int id in ids)
        {
            long before = matcher.Work;
            _ = matcher.Allowed;
            worst = Math.Max(worst, matcher.Work - before);
            Assert.True(matcher.Accept(id), Vocabularies.Qwen.Decode([id]));
        }
        Assert.True(matcher.MayEnd);
        long mean = matcher.Work / ids.Length;
        string shown = schema[..Math.Min(100, schema.Length)];
        output.WriteLine($"{shown}: {mean} steps per token, at worst {worst}, {ids.Length} tokens, {matcher.Walks} walks");
        Assert.InRange(mean, 10, 20_000);
        Assert.InRange(worst, 1_000, 500_000);
    }
}
