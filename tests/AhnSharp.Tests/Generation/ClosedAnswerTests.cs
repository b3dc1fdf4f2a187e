using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using AhnSharp.Constraints;
using AhnSharp.Generation;
using AhnSharp.Sessions;
using AhnSharp.Tests.Constraints;
using AhnSharp.Tests.Tokenizer;
using AhnSharp.Tokenizer;
using Xunit;

namespace AhnSharp.Tests.Generation;

/// <summary>Answers under a constraint that reach a limit of tokens: they are closed in time.</summary>
public sealed class ClosedAnswerTests(DemoText demo) : IClassFixture<DemoText>
{
    private static readonly Constraint s_letters = Constraint.JsonSchema("""
        {"type": "array", "minItems": 1, "items": {"type": "object", "properties": {"from": {"type": "string"},
         "lines": {"type": "array", "items": {"type": "string"}}}, "required": ["from", "lines"], "additionalProperties": false}}
        """);

    [Fact]
    public async Task An_answer_whose_tokens_run_out_is_closed_and_says_so()
    {
        int closed = 0;
        for (int most = 16; most <= 66; most += 10)
        {
            (string text, GenerationStatistics took) = await Ask(Options(most, temperature: 1, seed: (ulong)most));
            Assert.True(s_letters.Matches(text), text);
            Assert.True(took.IsWhole);
            Assert.InRange(took.GeneratedTokens, 16, most);
            closed += took.StopReason == StopReason.MaxTokens ? 1 : 0;
        }
        Assert.InRange(closed, 3, 6);
    }

    [Fact]
    public async Task One_that_ends_by_itself_within_them_is_never_changed()
    {
        Constraint constraint = Constraint.JsonSchema(SchemaCase.All[2].Schema);
        for (ulong seed = 1; seed <= 2; seed++)
        {
            CompletionOptions far = Options(5_000, temperature: 1, seed, constraint);
            (string text, GenerationStatistics took) = await Ask(far);
            Assert.Equal((StopReason.Complete, true), (took.StopReason, took.IsWhole));
            (string again, GenerationStatistics near) = await Ask(Options(took.GeneratedTokens, temperature: 1, seed, constraint));
            Assert.Equal((text, StopReason.Complete), (again, near.StopReason));
            // With one token less it is another text, and whole.
            (string closed, near) = await Ask(Options(took.GeneratedTokens - 1, temperature: 1, seed, constraint));
            Assert.True(constraint.Matches(closed), closed);
            Assert.Equal((StopReason.MaxTokens, true), (near.StopReason, near.IsWhole));
        }
    }

    [Fact]
    public async Task Where_the_shortest_answer_does_not_fit_it_is_refused_with_both_numbers()
    {
        Constraint constraint = Constraint.Literal("Whatever happens, this is what I say.");
        int least = demo.Tokenizer.Encode("Whatever happens, this is what I say.").Length;
        string message = (await Assert.ThrowsAsync<ArgumentException>(
            () => Ask(Options(least - 1, 0, 1, constraint)))).Message;
        Assert.Contains($"at least {least} tokens", message, StringComparison.Ordinal);
        Assert.Contains($"found {least - 1}", message, StringComparison.Ordinal);
        Assert.Equal("Whatever happens, this is what I say.", (await Ask(Options(least, 0, 1, constraint))).Text);

        await using TextEngine engine = new(demo.Model, new TextEngineOptions { MaxAnswers = 2 });
        await Assert.ThrowsAsync<ArgumentException>(() => engine.Complete(Turns, Options(least - 1, 0, 1, constraint)).TextAsync());
    }

    [Fact]
    public async Task The_end_of_the_context_is_a_limit_as_well()
    {
        int prompt = (int)(await Ask(Options(20, 0, 1))).Took.PromptTokens;
        CompletionOptions options = Options(1_000, 1, 4) with
        {
            Session = new SessionOptions { Mode = MemoryMode.Full, ContextTokens = prompt + 40 },
        };
        (string text, GenerationStatistics took) = await Ask(options);
        Assert.True(s_letters.Matches(text), text);
        Assert.Equal((StopReason.MaxTokens, true), (took.StopReason, took.IsWhole));
        Assert.InRange(took.GeneratedTokens, 20, 40);
    }

    [Fact]
    public async Task Several_answers_to_one_prompt_are_closed_each_by_itself()
    {
        await using TextEngine engine = new(demo.Model, new TextEngineOptions { MaxAnswers = 4 });
        using CompletionSet set = engine.CompleteMany(Turns, 4, Options(30, 1, 7));
        string[] texts = await Task.WhenAll(set.Answers.Select(answer => answer.TextAsync()));
        Assert.All(texts, text => Assert.True(s_letters.Matches(text), text));
        Assert.All(set.Answers, answer => Assert.True(answer.Statistics!.IsWhole));
        Assert.True(texts.Distinct().Count() > 1);
    }

    [Fact]
    public async Task A_call_that_the_model_began_by_itself_is_closed_where_there_is_room_for_it()
    {
        JsonNode note = JsonNode.Parse("""
            {"type": "function", "function": {"name": "note", "parameters": {"type": "object",
              "properties": {"text": {"type": "string"}}, "required": ["text"]}}}
            """)!;
        Dictionary<int, float> push = new() { [demo.Tokenizer.IdOf("<tool_call>")!.Value] = 100 };
        for (ulong seed = 1; seed <= 4; seed++)
        {
            (string text, GenerationStatistics took) = await Ask(new()
            {
                Tools = [note],
                ParallelCalls = false,
                Generation = new() { MaxTokens = 60, Sampling = new() { Temperature = 1, Seed = seed, LogitBias = push } },
            });
            AnswerReader reader = new(hasTools: true);
            AnswerPart[] parts = [.. reader.Push(text).ToArray(), .. reader.Finish()];
            Assert.Contains(parts, part => part.Kind == AnswerPartKind.CallEnds);
            string arguments = string.Concat(parts.Where(part => part.Kind == AnswerPartKind.CallArguments).Select(part => part.Text));
            using JsonDocument document = JsonDocument.Parse(arguments);
            Assert.True(document.RootElement.TryGetProperty("text", out _));
            Assert.True(took.IsWhole);
        }
        // Five tokens are too few for a call that was begun: it is cut, and says so.
        (_, GenerationStatistics cut) = await Ask(new()
        {
            Tools = [note],
            Generation = new() { MaxTokens = 5, Sampling = new() { LogitBias = push } },
        });
        Assert.Equal((StopReason.MaxTokens, false), (cut.StopReason, cut.IsWhole));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(40)]
    public void Thoughts_end_in_time_for_the_answer(int opened)
    {
        QwenTokenizer tokenizer = QwenTokenizer.FromGguf(SmallVocabulary.Metadata(values =>
        {
            string[] tokens = (string[])values["tokenizer.ggml.tokens"];
            int[] types = (int[])values["tokenizer.ggml.token_type"];
            (tokens[^2], tokens[^1], types[^2], types[^1]) = ("<think>", "</think>", 4, 4);
        }));
        int open = tokenizer.IdOf("<think>")!.Value, close = tokenizer.IdOf("</think>")!.Value, letter = tokenizer.Encode("z")[0];
        const int most = 40;
        Constraint constraint = Constraint.Choice(["yes", "no, never"]);
        GenerationOptions options = new() { MaxTokens = most, Constraint = constraint, Sampling = new() { Temperature = 0 } };
        int size = tokenizer.VocabularySize;
        Answer answer = new(tokenizer, options, Sampler.For(tokenizer, size, options.Sampling), [], 0, 0);
        LastLogits logits = new(size);
        List<int> said = [];
        for (int at = 0; !answer.HasEnded; at++)
        {
            // It thinks as long as it may; where it has ended its thoughts by itself, nothing is changed.
            float[] row = new float[size];
            row[at == 0 ? open : opened == at ? close : letter] = 10;
            row[tokenizer.Encode("n")[0]] = 1;
            logits.Set(row);
            if (answer.Accept(logits, out _) is { } id) said.Add(id);
        }
        bool byItself = opened == 9;
        Assert.Equal(byItself ? 9 : most - 4, said.IndexOf(close));
        string text = tokenizer.Decode([.. said.Skip(said.IndexOf(close) + 1)]);
        Assert.Contains(text, new[] { "yes", "no, never" });
        Assert.True(answer.Statistics.IsWhole);
        Assert.Equal(byItself ? StopReason.Complete : StopReason.MaxTokens, answer.Statistics.StopReason);
    }

    private static ChatMessage[] Turns => [new("user", "Write letters, please.")];

    private static CompletionOptions Options(int most, float temperature, ulong seed, Constraint? constraint = null) => new()
    {
        Generation = new()
        {
            Constraint = constraint ?? s_letters,
            MaxTokens = most,
            Sampling = new() { Temperature = temperature, Seed = seed },
        },
    };

    private async Task<(string Text, GenerationStatistics Took)> Ask(CompletionOptions options)
    {
        Completion completion = demo.Model.Complete(Turns, null, options);
        return (await completion.TextAsync(), completion.Statistics!);
    }
}
