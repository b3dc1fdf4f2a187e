using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using AhnSharp.Generation;
using AhnSharp.Sessions;
using AhnSharp.Tokenizer;
using Xunit;

namespace AhnSharp.Tests.Generation;

/// <summary>Calls that a model makes by itself, held to the schemas of its tools.</summary>
public sealed class HeldCallTests(DemoText demo) : IClassFixture<DemoText>
{
    private static readonly JsonNode[] s_tools =
    [
        JsonNode.Parse("""
            {"type": "function", "function": {"name": "weather", "parameters": {"type": "object",
              "properties": {"city": {"enum": ["Rome", "Oslo"]}, "days": {"type": "integer", "minimum": 1, "maximum": 7}},
              "required": ["city", "days"]}}}
            """)!,
        JsonNode.Parse("""{"type": "function", "function": {"name": "stop"}}""")!,
    ];

    private static readonly CompletionOptions s_options = new() { Tools = s_tools, Generation = new() { MaxTokens = 3_000 } };

    // What a model wants to write and may not.
    public static TheoryData<string> Wrong =>
    [
        "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"town\": \"Oslo\", \"days\": 3}}\n</tool_call>",
        "<tool_call>\n{\"name\": \"wether\", \"arguments\": {}}\n</tool_call>",
        "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Paris\", \"days\": \"three\"}}\n</tool_call>",
        "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Rome\"}}\n</tool_call>",
        "<tool_call>\n{\"name\": \"stop\", \"arguments\": {\"now\": true}}\n</tool_call>",
        "<tool_call>\nweather(Oslo)\n</tool_call>",
        "<tool_call>weather</tool_call>",
        "<tool_call></tool_call>",
        "<tool_call>",
        "<tool_call>\n{\"name\": \"stop\"}\n</tool",
        "I look it up.\n\n<tool_call>\n{'name': 'weather'}\n</tool_call>\n",
        "<think>\nA <tool_call> or none?\n</think>\n\n<tool_call>\n[]\n</tool_call>",
        "<tool_call>\n{\"name\": \"stop\"}\n</tool_call>\nand <tool_call>\n{\"name\": \"go\"}\n</tool_call>\n",
        "a <tool_cal, a <tool_<tool_call>x",
    ];

    // What it may write, to the last character.
    public static TheoryData<string> Right =>
    [
        "Just text with < and <tool and a {\"name\": 5}.",
        "see <tool_cal",
        "</tool_call>",
        "<think>\nUse <tool_call> rubbish?\n</think>\n\nNo.",
        "<think>never ends <tool_call> {",
        "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Oslo\", \"days\": 3}}\n</tool_call>",
        "<tool_call>{\"name\":\"weather\",\"arguments\":{\"city\":\"Oslo\",\"days\":3}}</tool_call>",
        "<tool_call>\n{\n  \"name\": \"stop\",\n  \"arguments\": {}\n}\n</tool_call>\n\n",
        "<tool_call> {\"name\": \"stop\"} </tool_call> Done.",
        "Both:\n<tool_call>\n{\"name\": \"stop\", \"arguments\": {}}\n</tool_call>\n<tool_call>\n{\"name\": \"stop\", \"arguments\": {}}\n"
            + "</tool_call>\nThat was <tool_cal.",
    ];

    [Theory, MemberData(nameof(Wrong))]
    public void What_begins_as_a_call_is_one_by_a_schema(string wanted)
    {
        foreach ((QwenTokenizer tokenizer, int[] ids) in Ways(wanted))
        {
            for (int seed = 1; seed <= 5; seed++)
            {
                Wish wish = new(tokenizer, ids, s_options, seed);
                Assert.Equal(StopReason.EndToken, wish.Reason);
                int mark = wanted.IndexOf("<tool_call>", Math.Max(0, wanted.IndexOf("</think>", StringComparison.Ordinal)),
                    StringComparison.Ordinal);
                Assert.StartsWith(wanted[..mark], wish.Text, StringComparison.Ordinal);
                CheckCalls(wish.Text);
            }
        }
    }

    [Theory, MemberData(nameof(Right))]
    public void Text_and_calls_by_a_schema_are_never_changed(string wanted)
    {
        foreach ((QwenTokenizer tokenizer, int[] ids) in Ways(wanted))
        {
            Wish wish = new(tokenizer, ids, s_options, seed: 1);
            Assert.Equal((wanted, StopReason.EndToken), (wish.Text, wish.Reason));
            if (!wanted.Contains("</tool_call>", StringComparison.Ordinal) || wanted[0] == '/') Assert.Equal(0, wish.Held);
        }
    }

    [Fact]
    public void Behind_the_wrong_name_of_an_argument_only_the_right_one_is_allowed()
    {
        CallMatcher calls = MatcherOf(s_options);
        foreach (int id in demo.Tokenizer.EncodeWithSpecials("<tool_call>\n{\"name\": \"weather\", \"arguments\": {\""))
            Assert.True(calls.Accept(id));
        Assert.All(Enumerable.Range(0, demo.Tokenizer.VocabularySize).Where(calls.Open!.Allows), id =>
            Assert.StartsWith(demo.Tokenizer.Decode([id]), "city\":", StringComparison.Ordinal));
    }

    [Fact]
    public void Where_one_call_is_all_the_answer_ends_behind_it()
    {
        const string call = "<tool_call>\n{\"name\": \"stop\", \"arguments\": {}}\n</tool_call>";
        foreach ((QwenTokenizer tokenizer, int[] ids) in Ways("So. " + call + "\n" + call))
        {
            Wish wish = new(tokenizer, ids, s_options with { ParallelCalls = false }, seed: 1);
            Assert.Equal(("So. " + call, StopReason.Complete), (wish.Text.TrimEnd(), wish.Reason));
        }
    }

    [Fact]
    public void A_tool_that_cannot_be_held_takes_any_object_and_who_wants_none_held_has_none_held()
    {
        JsonNode odd = JsonNode.Parse("""{"function": {"name": "odd", "parameters": {"type": "array", "uniqueItems": true}}}""")!;
        const string call = "<tool_call>\n{\"name\": \"odd\", \"arguments\": {\"a\": [1, null]}}\n</tool_call>";
        int[] ids = demo.Tokenizer.EncodeWithSpecials(call);
        Assert.Equal(call, new Wish(demo.Tokenizer, ids, s_options with { Tools = [odd, .. s_tools] }, 1).Text);
        Assert.NotEqual(call, new Wish(demo.Tokenizer, ids, s_options, 1).Text);
        JsonNode unnamed = JsonNode.Parse("""{"type": "web_search"}""")!;
        Assert.Equal(call, new Wish(demo.Tokenizer, ids, s_options with { Tools = [unnamed, .. s_tools] }, 1).Text);
        Assert.Equal(call, new Wish(demo.Tokenizer, ids, s_options with { HoldsCalls = false }, 1).Text);
    }

    [Fact]
    public void A_call_begins_where_the_reader_of_answers_finds_one()
    {
        string[] parts = ["<", "<t", "tool", "_call>", "<tool_call>", "<think>", "</think>", "</", " ", "\n", "x", "<thin", "k>"];
        Random random = new(5);
        int found = 0;
        for (int run = 0; run < 20_000; run++)
        {
            bool inThoughts = random.Next(4) == 0;
            AnswerReader reader = new(hasTools: true, inThoughts);
            CallMarks marks = new(inThoughts);
            string text = string.Concat(Enumerable.Range(0, 8).Select(_ => parts[random.Next(parts.Length)]));
            for (int i = 0; i < text.Length; i++)
            {
                reader.Push(text[i].ToString());
                bool begins = marks.Take((byte)text[i]);
                Assert.True(begins == reader.IsInCall, $"'{text}', character {i}, inThoughts {inThoughts}");
                if (!begins) continue;
                found++;
                break;
            }
        }
        Assert.InRange(found, 2_000, 18_000);
    }

    [Fact]
    public async Task A_model_that_calls_calls_by_the_schema_and_one_that_does_not_writes_what_it_wrote()
    {
        CompletionOptions options = new() { Tools = s_tools, Generation = new() { MaxTokens = 32 } };
        Completion free = demo.Model.Complete([new("user", "How is the weather?")], null, options with { HoldsCalls = false });
        Completion held = demo.Model.Complete([new("user", "How is the weather?")], null, options);
        Assert.Equal(await free.TextAsync(), await held.TextAsync());
        // The demo model was not taught to call: it is pushed into one, and left alone there.
        Dictionary<int, float> push = new() { [demo.Tokenizer.IdOf("<tool_call>")!.Value] = 100 };
        for (ulong seed = 1; seed <= 4; seed++)
        {
            Completion pushed = demo.Model.Complete([new("user", "How is the weather?")], null, options with
            {
                ParallelCalls = false,
                Generation = new() { MaxTokens = 2_000, Sampling = new() { Temperature = 1, Seed = seed, LogitBias = push } },
            });
            CheckCalls(await pushed.TextAsync());
            Assert.Equal(StopReason.Complete, pushed.Statistics!.StopReason);
        }
    }

    private static void CheckCalls(string text)
    {
        AnswerReader reader = new(hasTools: true);
        AnswerPart[] parts = [.. reader.Push(text).ToArray(), .. reader.Finish()];
        Assert.DoesNotContain(parts, part => part.Kind == AnswerPartKind.CallBreaks
            || (part.Kind == AnswerPartKind.Text && part.Text.Contains("<tool_call>", StringComparison.Ordinal)));
        AnswerPart[] calls = [.. parts.Where(part => part.Kind == AnswerPartKind.CallBegins)];
        Assert.NotEmpty(calls);
        foreach (AnswerPart call in calls)
        {
            Assert.Contains(call.Text, new[] { "weather", "stop" });
            Assert.Contains(parts, part => part.Kind == AnswerPartKind.CallEnds && part.Call == call.Call);
            string arguments = string.Concat(
                parts.Where(part => part.Kind == AnswerPartKind.CallArguments && part.Call == call.Call).Select(part => part.Text));
            using JsonDocument document = JsonDocument.Parse(arguments);
            Assert.Equal(call.Text == "stop" ? 0 : 2, document.RootElement.EnumerateObject().Count());
            if (call.Text == "stop") continue;
            Assert.Contains(document.RootElement.GetProperty("city").GetString(), new[] { "Rome", "Oslo" });
            Assert.InRange(document.RootElement.GetProperty("days").GetInt32(), 1, 7);
        }
    }

    private CallMatcher MatcherOf(CompletionOptions options) => new(
        options.Drawn().Calls!, demo.Tokenizer, demo.Tokenizer.VocabularySize, parallel: true, inThoughts: false);

    // The marks as tokens of their own, in letters, in bytes, as control tokens, and cut so that a token ends the mark and goes on.
    private IEnumerable<(QwenTokenizer Tokenizer, int[] Ids)> Ways(string text)
    {
        yield return (demo.Tokenizer, demo.Tokenizer.EncodeWithSpecials(text));
        yield return (demo.Tokenizer, demo.Tokenizer.Encode(text));
        yield return (MarkVocabulary.Letters, MarkVocabulary.Letters.Encode(text));
        yield return (MarkVocabulary.Across, MarkVocabulary.Across.Encode(text));
        yield return (MarkVocabulary.Control, MarkVocabulary.Control.EncodeWithSpecials(text));
    }

    /// <summary>
    /// A model that wants to write a text, token by token and then its end, whatever else it has to write, which it draws at random.
    /// </summary>
    private sealed class Wish
    {
        public Wish(QwenTokenizer tokenizer, int[] ids, CompletionOptions options, int seed)
        {
            int size = tokenizer.VocabularySize;
            Answer answer = new(tokenizer, options.Drawn(), Sampler.For(tokenizer, size, new() { Temperature = 0 }), [], 0, 0);
            LastLogits logits = new(size);
            float[] row = new float[size];
            Random random = new(seed);
            for (int at = 0; !answer.HasEnded; at++)
            {
                for (int i = 0; i < size; i++) row[i] = (float)random.NextDouble();
                int wanted = at < ids.Length ? ids[at] : tokenizer.EndTokens[0];
                row[wanted] = 10;
                logits.Set(row);
                int? chosen = answer.Accept(logits, out string text);
                if (chosen != wanted && at < ids.Length) Held++;
                Text += text;
            }
            Reason = answer.Statistics.StopReason;
        }

        public string Text { get; } = "";

        public StopReason Reason { get; }

        /// <summary>Tokens of the text that it did not get.</summary>
        public int Held { get; }
    }
}
