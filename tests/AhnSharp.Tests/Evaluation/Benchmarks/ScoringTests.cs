using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Text.Json;
using AhnSharp.Evaluation.Benchmarks;
using Xunit;

namespace AhnSharp.Tests.Evaluation.Benchmarks;

/// <summary>Against the scores that the authors' own functions gave to made-up answers (Fixtures/benchmarks/README.md).</summary>
public sealed class ScoringTests
{
    [Theory]
    [InlineData("qa_f1", 30)]
    [InlineData("rouge_l", 30)]
    [InlineData("code", 27)]
    [InlineData("classification", 8)]
    [InlineData("retrieval", 5)]
    [InlineData("retrieval_zh", 3)]
    [InlineData("count", 4)]
    [InlineData("lveval", 15)]
    [InlineData("infinite:passkey", 6)]
    [InlineData("infinite:kv_retrieval", 4)]
    [InlineData("infinite:longdialogue_qa_eng", 4)]
    [InlineData("infinite:longbook_choice_eng", 15)]
    [InlineData("infinite:longbook_qa_chn", 5)]
    [InlineData("infinite:longbook_qa_eng", 4)]
    [InlineData("ruler:all", 4)]
    [InlineData("ruler:part", 4)]
    public void Every_score_is_the_authors(string metric, int atLeast)
    {
        using JsonDocument cases = JsonDocument.Parse(File.ReadAllText(Fixture.File("benchmarks/scores.json")));
        JsonElement[] of = [.. cases.RootElement.EnumerateArray().Where(one => one.GetProperty("metric").GetString() == metric)];
        Assert.True(of.Length >= atLeast, $"{of.Length} cases of {metric}");
        Assert.True(
            of.Select(one => one.GetProperty("score").GetDouble()).Distinct().Count() > 1, "cases that all score alike show nothing");
        var wrong = new List<string>();
        foreach (JsonElement one in of)
        {
            double expected = one.GetProperty("score").GetDouble(), found = Score(metric, one);
            if (Math.Abs(expected - found) > (metric.StartsWith("ruler", StringComparison.Ordinal) ? 5.1e-5 : 1e-12))
                wrong.Add($"expected {expected}, found {found}: {one}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Word_overlap_by_hand()
    {
        // "the cat sat on mat" against "a cat on the red mat": words cat, sat, on, mat and cat, on, red, mat; 3 shared of 4 and 4.
        Assert.Equal(0.75, WordOverlap.F1(AnswerText.Words("The cat sat on mat."), AnswerText.Words("A cat on the red mat")), 1e-12);
        // "x x y" and "x y y": x once, y once; 2 of 3.
        Assert.Equal(2.0 / 3, WordOverlap.F1(["x", "x", "y"], ["x", "y", "y"]), 1e-12);
    }

    private static double Score(string metric, JsonElement one)
    {
        string answer = one.GetProperty("answer").GetString()!,
            truth = one.TryGetProperty("truth", out JsonElement given) ? given.GetString() ?? "" : "";
        ImmutableArray<string> Texts(string field) => [.. one.GetProperty(field).EnumerateArray().Select(text => text.GetString()!)];
        return metric switch
        {
            "qa_f1" => LongBench.Score("hotpotqa", answer, truth, []),
            "rouge_l" => LongBench.Score("gov_report", answer, truth, []),
            "code" => LongBench.Score("lcc", answer, truth, []),
            "classification" => LongBench.Score("trec", answer, truth, Texts("classes")),
            "retrieval" => LongBench.Score("passage_retrieval_en", answer, truth, []),
            "retrieval_zh" => LongBench.Score("passage_retrieval_zh", answer, truth, []),
            "count" => LongBench.Score("passage_count", answer, truth, []),
            "lveval" => LvEval.Score(answer, truth, one.GetProperty("keywords").GetString()),
            "ruler:all" => Ruler.Score(anyCounts: false, answer, Texts("truths")),
            "ruler:part" => Ruler.Score(anyCounts: true, answer, Texts("truths")),
            _ => InfiniteBench.Score(metric[(metric.IndexOf(':', StringComparison.Ordinal) + 1)..], answer, Texts("truths")),
        };
    }
}
