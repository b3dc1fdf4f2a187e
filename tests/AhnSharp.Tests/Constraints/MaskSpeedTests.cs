using System;
using System.Diagnostics;
using System.Linq;
using AhnSharp.Constraints;
using Xunit;
using Xunit.Abstractions;

namespace AhnSharp.Tests.Constraints;

/// <summary>
/// Time of masks over Qwen's 152k tokens. What is promised holds on a machine of its own (bench/AhnSharp.Bench measures that); tests share
/// theirs, so they fail at ten times as much.
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
    public void Masks_of_a_long_string(string schema) => CheckTimes(schema.Replace('\'', '"'), $"\"{s_prose}\"");

    [SharedFact(Vocabularies.QwenFile)]
    public void Masks_of_an_object_with_everything() => CheckTimes(SchemaCase.All[^1].Schema, SchemaCase.All[^1].Texts[0].Trim());

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

    // The best of eight first answers, each under a constraint of which nothing is known: spaces make it another text.
    private void CheckTimes(string schema, string text)
    {
        double mean = double.MaxValue, worst = double.MaxValue;
        for (int run = 0; run < 8; run++)
        {
            (double thisMean, double thisWorst) = Measure(Constraint.JsonSchema(schema + new string(' ', run)), text);
            (mean, worst) = (Math.Min(mean, thisMean), Math.Min(worst, thisWorst));
        }
        output.WriteLine($"{schema}: {mean:F1} µs per token, at worst {worst:F0} µs");
        Assert.True(mean < 2_000 && worst < 50_000, $"{schema}: {mean:F0} µs, at worst {worst:F0} µs");
    }

    private static (double Mean, double Worst) Measure(Constraint constraint, string text)
    {
        ConstraintMatcher matcher = new(constraint, Vocabularies.Qwen, Size);
        int[] ids = Vocabularies.Qwen.Encode(text);
        double total = 0, worst = 0;
        foreach (int id in ids)
        {
            long start = Stopwatch.GetTimestamp();
            _ = matcher.Allowed;
            double time = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            (total, worst) = (total + time, Math.Max(worst, time));
            Assert.True(matcher.Accept(id), Vocabularies.Qwen.Decode([id]));
        }
        Assert.True(matcher.MayEnd);
        return (total / ids.Length, worst);
    }
}
