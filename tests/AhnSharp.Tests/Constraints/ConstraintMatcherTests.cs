using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using AhnSharp.Constraints;
using AhnSharp.Tokenizer;
using Xunit;

namespace AhnSharp.Tests.Constraints;

/// <summary>Masks, steps and forks of one answer, with the demo model's tokenizer.</summary>
public sealed class ConstraintMatcherTests
{
    private static readonly QwenTokenizer s_tokenizer = Vocabularies.Demo;

    // More logits than tokens, as in Qwen's files.
    private static readonly int s_size = s_tokenizer.VocabularySize + 70;

    public static TheoryData<string, Func<Constraint>> Kinds => new()
    {
        { "words", () => Constraint.Choice(["red", "green", "green tea", "grün", "Grüße"]) },
        { "a counted string", () => Constraint.Regex("\"([^\"\\\\]|\\\\[\"nu]){3,40}\"( and [a-z]{1,90}){0,3}") },
        { "two readings", () => Constraint.Regex("(the [a-z ]*cat|(the|a) (dog|[a-z]+)s{2,70})+") },
        { "a tool call", () => Constraint.Sequence(
            Constraint.Literal("<tool_call>\n{\"name\": \""), Constraint.Choice(["look", "look_up"]),
                Constraint.Literal("\"}\n</tool_call>")) },
        { "a pattern with a length", () => Constraint.JsonSchema("{\"type\": \"string\", \"pattern\": \"a.c.*é{2}\", \"maxLength\": 45}") },
        { "a pattern with a short length", () => Constraint.JsonSchema("{\"type\": \"string\", \"pattern\": \"a.c\", \"maxLength\": 4}") },
        { "names beside free names", () => Constraint.JsonSchema(
            "{\"type\": \"object\", \"properties\": {\"the\": {}, \"there\": {\"type\": \"string\"}, \"other\": {}}, "
                + "\"minProperties\": 0}") },
        { "a short string", () => Constraint.JsonSchema("""{"type": "string", "minLength": 2, "maxLength": 20}""") },
        { "short lists of short strings", () => Constraint.JsonSchema(
            """{"type": "array", "items": {"type": "string", "maxLength": 9}, "minItems": 1, "maxItems": 6}""") },
        { "few words", () => Constraint.Regex("([a-z]{2,24} ?){1,9}!") },
        { "few of one kind", () => Constraint.Regex("(a|ab|b[a-z]){0,30}b?c") },
        { "a short text that need not end", () => Constraint.Regex("[a-zA-Z ]{0,30}") },
        { "any JSON", () => Constraint.JsonValue },
        { "anything", () => Constraint.Regex("(?s).*") },
    };

    [Theory, MemberData(nameof(Kinds))]
    public void The_mask_has_the_bits_of_the_tokens_whose_bytes_the_automaton_takes(string name, Func<Constraint> make)
    {
        Random random = new(name.Length);
        for (int run = 0; run < 3; run++)
        {
            ConstraintMatcher matcher = new(make(), s_tokenizer, s_size);
            for (int step = 0; step < 10; step++)
            {
                bool[] single = [.. Enumerable.Range(0, s_size + 5).Select(matcher.Fork().Allows)];
                ulong[] mask = matcher.Allowed.ToArray();
                Assert.Equal((s_size + 63) / 64, mask.Length);
                for (int id = 0; id < s_size + 5; id++)
                {
                    bool bit = id < mask.Length * 64 && (mask[id / 64] >> id % 64 & 1) != 0;
                    Assert.True(single[id] == bit, $"{name}, step {step}, token {id}: Allows says {single[id]}, the mask {bit}");
                    Assert.Equal(bit, matcher.Allows(id));
                }
                int[] allowed = [.. Enumerable.Range(0, s_size).Where(id => single[id] && !s_tokenizer.EndTokens.Contains(id))];
                Assert.True(allowed.Length > 0 || matcher.MustEnd, $"{name}, step {step}: nothing is allowed");
                Assert.Equal(matcher.MustEnd, allowed.Length == 0);
                if (allowed.Length == 0) break;
                Assert.True(matcher.Accept(allowed[random.Next(allowed.Length)]));
            }
        }
    }

    [Fact]
    public void Control_and_unused_tokens_are_never_allowed_and_ends_only_where_the_text_may_end()
    {
        ConstraintMatcher matcher = new(Constraint.Regex("(?s).{2,}"), s_tokenizer, s_size);
        int end = s_tokenizer.EndTokens[0];
        for (int id = 0; id < s_size; id++)
        {
            if (s_tokenizer.IsUnused(id) || s_tokenizer.IsSpecial(id)) Assert.False(matcher.Allows(id), $"token {id}");
        }
        Assert.False(matcher.Allows(end) || matcher.MayEnd || matcher.Accept(end));
        foreach (int id in s_tokenizer.Encode("xy")) Assert.True(matcher.Accept(id));
        Assert.True(matcher.Allows(end) && matcher.MayEnd && !matcher.MustEnd);
        Assert.True(matcher.Accept(end));
        Assert.True(matcher.MustEnd && !matcher.Allows(s_tokenizer.Encode("x")[0]) && !matcher.Accept(s_tokenizer.Encode("x")[0]));
        Assert.Equal(s_tokenizer.EndTokens.Length, matcher.Allowed.ToArray().Sum(word => System.Numerics.BitOperations.PopCount(word)));
    }

    [Fact]
    public void A_token_that_is_refused_changes_nothing_and_forks_go_their_own_way()
    {
        ConstraintMatcher matcher = new(Constraint.Regex("ab(c|d)e"), s_tokenizer, s_size);
        Feed(matcher, "ab");
        ulong[] before = matcher.Allowed.ToArray();
        foreach (int id in new[] { Id("e"), Id("a"), -1, s_size + 3, s_tokenizer.EndTokens[0] }) Assert.False(matcher.Accept(id));
        Assert.Equal(before, matcher.Allowed.ToArray());
        ConstraintMatcher fork = matcher.Fork();
        Feed(fork, "de");
        Assert.True(fork.MustEnd);
        Assert.Equal(before, matcher.Allowed.ToArray());
        Feed(matcher, "ce");
        Assert.True(matcher.MustEnd);
    }

    [Fact]
    public void No_answer_ends_within_a_character()
    {
        ConstraintMatcher matcher = new(Constraint.Regex(".{1,3}"), s_tokenizer, s_size);
        foreach (byte value in Encoding.UTF8.GetBytes("é💡"))
        {
            int id = Enumerable.Range(0, s_tokenizer.VocabularySize).First(id => s_tokenizer.BytesOf(id).SequenceEqual([value]));
            Assert.True(matcher.Accept(id));
            Assert.Equal(value is 0xA9 or 0xA1, matcher.MayEnd);
        }
    }

    [Fact]
    public void Answers_of_many_threads_share_masks()
    {
        Constraint constraint = Constraint.Regex("([a-z]{3,50} ){2,9}(é|x)+");
        List<int[]> ends = [];
        System.Threading.Tasks.Parallel.For(0, 16, run =>
        {
            ConstraintMatcher matcher = new(constraint, s_tokenizer, s_size);
            Random random = new(run % 4);
            List<int> ids = [];
            for (int step = 0; step < 30; step++)
            {
                int[] allowed = [.. Enumerable.Range(0, s_tokenizer.VocabularySize).Where(id => !s_tokenizer.EndTokens.Contains(id)
                    && Bit(matcher, id))];
                if (allowed.Length == 0) break;
                ids.Add(allowed[random.Next(allowed.Length)]);
                Assert.True(matcher.Accept(ids[^1]));
            }
            lock (ends) ends.Add([run % 4, .. ids]);
        });
        foreach (IGrouping<int, int[]> same in ends.GroupBy(ids => ids[0])) Assert.All(same, ids => Assert.Equal(same.First(), ids));
    }

    private static bool Bit(ConstraintMatcher matcher, int id) => (matcher.Allowed[id / 64] >> id % 64 & 1) != 0;

    private static int Id(string text) => Assert.Single(s_tokenizer.Encode(text));

    private static void Feed(ConstraintMatcher matcher, string text)
    {
        foreach (int id in s_tokenizer.Encode(text)) Assert.True(matcher.Accept(id), text);
    }
}
