using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Text;
using System.Text.Json;
using AhnSharp.Constraints;
using AhnSharp.Tests.Tokenizer;
using AhnSharp.Tokenizer;
using Xunit;
using Xunit.Abstractions;

namespace AhnSharp.Tests.Constraints;

/// <summary>Answers whose tokens run out are closed on the shortest way, within the number of tokens that was promised.</summary>
public sealed class ClosingTests(ITestOutputHelper output)
{
    private static readonly QwenTokenizer s_tokenizer = Vocabularies.Demo;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, LongForm.Or(inShort: 40, inLong: 1_000))];

    [Theory, MemberData(nameof(Seeds))]
    public void Random_schemas_close_from_any_point(int seed)
    {
        Random random = new(seed);
        string schema = RandomSchema.Draw(random);
        Constraint constraint = Make(schema);
        for (int run = 0; run < 3; run++)
        {
            string text = Closed(constraint, random, random.Next(1, 90), spare: random.Next(4));
            Assert.True(constraint.Matches(text), $"{schema}\n{text}");
            using JsonDocument document = JsonDocument.Parse(text);
            Assert.True(Json.Schema.JsonSchema.FromText(schema).Evaluate(document.RootElement).IsValid, $"{schema}\n{text}");
        }
    }

    [Theory, MemberData(nameof(ConstraintMatcherTests.Kinds), MemberType = typeof(ConstraintMatcherTests))]
    public void Every_kind_of_constraint_closes_from_any_point(string name, Func<Constraint> make)
    {
        Random random = new(name.Length);
        for (int run = 0; run < 6; run++)
        {
            Constraint constraint = make();
            string text = Closed(constraint, random, random.Next(1, 60), spare: random.Next(4));
            Assert.True(constraint.Matches(text), $"{name}: {text}");
        }
    }

    // In single bytes tokens are bytes, and a search that takes all texts by their length finds the shortest there is.
    [Theory]
    [InlineData("(abc|de){2,3}f*")]
    [InlineData("((a|bb)c{3,5}){1,2}|x{7}")]
    [InlineData("a(b(c(d|efg)?h){2}|ii+)j")]
    [InlineData("[0-9]{4}-[0-9]{2}(-[0-9]{2})?")]
    [InlineData("(ab){70,90}c")]
    public void The_end_that_is_promised_is_the_shortest(string pattern)
    {
        QwenTokenizer bytes = SmallVocabulary.Tokenizer;
        ConstraintMatcher start = new(Constraint.Regex(pattern), bytes, bytes.VocabularySize);
        List<ConstraintMatcher> reached = [start];
        for (int step = 0; step < 6 && reached.Count < 400; step++)
            reached = [.. reached, .. reached.SelectMany(matcher => Next(matcher, "abcdefghijx0-"u8))];
        foreach (ConstraintMatcher matcher in reached.Take(100))
        {
            List<ConstraintMatcher> wave = [matcher];
            int shortest = 0;
            for (; !wave.Exists(one => one.MayEnd); shortest++)
            {
                // Places that are alike allow the same bytes for a while; a few hundred of a wave are enough for these patterns.
                wave = [.. wave.SelectMany(one => Next(one, "abcdefghijx0-"u8)).Take(500)];
            }
            Assert.InRange(matcher.TokensToEnd, 0, shortest);
            Assert.Equal(shortest, matcher.BytesToEnd);
        }
    }

    [Fact]
    public void Longer_tokens_on_the_way_are_counted()
    {
        ConstraintMatcher matcher = new(Constraint.JsonSchema(
            """{"type": "object", "properties": {"description": {"type": "string"}}, "required": ["description"]}"""),
            s_tokenizer, s_tokenizer.VocabularySize);
        Assert.Equal("{\"description\":\"\"}".Length, matcher.BytesToEnd);
        Assert.InRange(matcher.TokensToEnd, 3, 12);
        int tokens = (int)matcher.TokensToEnd;
        StringBuilder text = new();
        for (; tokens > 0; tokens--)
        {
            Assert.True(matcher.Narrow(tokens - 1));
            int id = Ids(matcher)[0];
            Assert.True(matcher.Accept(id));
            text.Append(s_tokenizer.Decode([id]));
            Assert.InRange(matcher.TokensToEnd, 0, tokens - 1);
        }
        Assert.Equal("{\"description\":\"\"}", text.ToString());
    }

    [Fact]
    public void Five_hundred_open_lists_are_closed()
    {
        // JSON takes two or three frames a level, so this is beyond half of the depth, where other masks are made.
        ConstraintMatcher matcher = new(Constraint.JsonValue, s_tokenizer, s_tokenizer.VocabularySize);
        int open = 0;
        while (matcher.Fork().Accept("["u8) && open < 500)
        {
            Assert.True(matcher.Accept("["u8));
            open++;
        }
        Assert.InRange(open, 200, 500);
        Assert.Equal(open, matcher.BytesToEnd);
        int tokens = (int)matcher.TokensToEnd;
        string text = new string('[', open) + Close(matcher, tokens, new Random(1));
        Assert.True(Constraint.JsonValue.Matches(text));
        output.WriteLine($"{open} lists: {tokens} tokens");
    }

    [Theory]
    [InlineData(
        """{"type": "array", "minItems": 10000, "items": {"type": "object", "properties": {"a": {}}, "required": ["a"]}}""", 80_001)]
    [InlineData("""{"type": "string", "minLength": 100000000}""", 100_000_002)]
    [InlineData("""{"type": "array", "minItems": 100000, "items": {"type": "array", "minItems": 100000}}""", 20_000_200_001)]
    [InlineData("""{"type": "string", "pattern": "^(a{1000}){1000}$"}""", 1_000_002)]
    [InlineData("""{"type": "string", "pattern": "d{20}.*é", "maxLength": 5000}""", 24)]
    public void Ends_of_any_length_are_known_in_bounded_time(string schema, long bytes)
    {
        Constraint constraint = Constraint.JsonSchema(schema);
        ConstraintMatcher matcher = new(constraint, s_tokenizer, s_tokenizer.VocabularySize);
        Stopwatch watch = Stopwatch.StartNew();
        Assert.Equal(bytes, matcher.BytesToEnd);
        Assert.InRange(matcher.TokensToEnd, bytes / 128, bytes);
        Random random = new(5);
        for (int step = 0; step < 20 && !matcher.MayEnd; step++)
        {
            long before = matcher.TokensToEnd;
            Assert.True(matcher.Narrow(before - 1));
            int[] ids = Ids(matcher);
            Assert.True(matcher.Accept(ids[random.Next(ids.Length)]));
            Assert.InRange(matcher.TokensToEnd, 0, before - 1);
        }
        Assert.True(watch.Elapsed.TotalSeconds < 20, $"{watch.Elapsed}");
    }

    [Fact]
    public void Where_no_end_can_be_reached_nothing_is_narrowed()
    {
        ConstraintMatcher matcher = new(Constraint.Literal("quite a long text"), s_tokenizer, s_tokenizer.VocabularySize);
        Assert.False(matcher.Narrow(matcher.TokensToEnd - 2));
        Assert.False(matcher.Narrow(-1));
        Assert.True(matcher.Narrow(matcher.TokensToEnd - 1));
    }

    private static Constraint Make(string schema)
    {
        try
        {
            return Constraint.JsonSchema(schema);
        }
        catch (ConstraintException refused)
        {
            throw new InvalidOperationException($"{refused.Message}\n{schema}", refused);
        }
    }

    // So many tokens by chance, then an end within what is promised there and a few to spare.
    private static string Closed(Constraint constraint, Random random, int steps, int spare)
    {
        ConstraintMatcher matcher = new(constraint, s_tokenizer, s_tokenizer.VocabularySize);
        List<byte> text = [];
        for (int step = 0; step < steps && !matcher.MustEnd; step++)
        {
            int[] ids = Ids(matcher);
            int id = ids[random.Next(ids.Length)];
            if (!matcher.Accept(id)) Assert.Fail($"Token {id} has a bit and is refused.");
            text.AddRange(s_tokenizer.BytesOf(id).ToArray());
        }
        string begun = Encoding.UTF8.GetString([.. text]);
        string end = Close(matcher, matcher.TokensToEnd + spare, random, text);
        Assert.StartsWith(begun.TrimEnd('\uFFFD'), end, StringComparison.Ordinal);
        return end;
    }

    private static string Close(ConstraintMatcher matcher, long tokens, Random random, List<byte>? before = null)
    {
        List<byte> text = before ?? [];
        for (; tokens > 0 && !matcher.MustEnd; tokens--)
        {
            Assert.InRange(matcher.TokensToEnd, 0, tokens);
            int[] ids = Ids(matcher);
            int id = ids[random.Next(ids.Length)];
            if (!matcher.CanEndBehind(id, tokens - 1))
            {
                Assert.True(matcher.Narrow(tokens - 1), $"nothing closes '{Encoding.UTF8.GetString([.. text])}' in {tokens} tokens");
                ids = Ids(matcher);
                if (ids.Length == 0) break;
                id = ids[random.Next(ids.Length)];
                Assert.True(matcher.CanEndBehind(id, tokens - 1));
            }
            Assert.True(matcher.Accept(id));
            text.AddRange(s_tokenizer.BytesOf(id).ToArray());
        }
        Assert.True(matcher.MayEnd, Encoding.UTF8.GetString([.. text]));
        return Encoding.UTF8.GetString([.. text]);
    }

    // Tokens of text that are allowed.
    private static int[] Ids(ConstraintMatcher matcher)
    {
        ReadOnlySpan<ulong> allowed = matcher.Allowed;
        List<int> ids = [];
        for (int id = 0; id < s_tokenizer.VocabularySize; id++)
        {
            if ((allowed[id / 64] >> id % 64 & 1) != 0 && !s_tokenizer.EndTokens.Contains(id)) ids.Add(id);
        }
        return [.. ids];
    }

    private static List<ConstraintMatcher> Next(ConstraintMatcher matcher, ReadOnlySpan<byte> values)
    {
        List<ConstraintMatcher> next = [];
        foreach (byte value in values)
        {
            ConstraintMatcher fork = matcher.Fork();
            if (fork.Accept([value])) next.Add(fork);
        }
        return next;
    }
}
