using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using AhnSharp.Constraints;
using AhnSharp.Generation;
using Xunit;

namespace AhnSharp.Tests.Generation;

public sealed class ConstrainedAnswerTests(DemoText demo) : IClassFixture<DemoText>
{
    private static readonly JsonNode Weather = JsonNode.Parse("""
        {"type": "function", "function": {"name": "weather", "parameters": {"type": "object",
          "properties": {"city": {"enum": ["Rome", "Oslo"]}, "days": {"type": "integer", "minimum": 1, "maximum": 7}},
          "required": ["city", "days"], "additionalProperties": false}}}
        """)!;

    private static readonly JsonNode Stop = JsonNode.Parse("""{"type": "function", "function": {"name": "stop"}}""")!;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1.5f)]
    public async Task An_answer_is_what_it_must_be_and_ends_when_it_is_whole(float temperature)
    {
        GenerationOptions generation = new()
        {
            Constraint = Constraint.Choice(["yes", "no", "perhaps"]),
            Sampling = new() { Temperature = temperature, Seed = 3, TopK = 40 },
        };
        Completion completion = demo.Model.Complete([new("user", "Was it dark?")], null, new() { Generation = generation });
        Assert.Contains(await completion.TextAsync(), new[] { "yes", "no", "perhaps" });
        Assert.Equal(StopReason.Complete, completion.Statistics!.StopReason);
        // Four of a thousand are logits that a device would have picked; here all are looked at.
        GenerationOptions penalised = generation with { Sampling = generation.Sampling with { RepeatPenalty = 1.1f } };
        Assert.Contains(await demo.Model.Complete([new("user", "Was it dark?")], null, new() { Generation = penalised }).TextAsync(),
            new[] { "yes", "no", "perhaps" });
    }

    [Fact]
    public async Task Greedy_text_that_is_allowed_already_is_never_changed()
    {
        CompletionOptions free = new() { Generation = new() { MaxTokens = 24 } };
        ChatMessageList messages = new("What is the code of Oliver?");
        string text = await demo.Model.Complete(messages.All, null, free).TextAsync();
        Constraint[] constraints = [Constraint.Regex("[\\s\\S]*"), Constraint.Literal(text), Constraint.Choice([text, "else"])];
        foreach (Constraint constraint in constraints)
        {
            CompletionOptions held = new() { Generation = new() { MaxTokens = 24, Constraint = constraint } };
            Assert.Equal(text, await demo.Model.Complete(messages.All, null, held).TextAsync());
        }
    }

    [Fact]
    public async Task A_call_that_is_required_is_one_by_the_schema_of_its_tool()
    {
        CompletionOptions Options(ToolChoice choice, ulong seed, bool parallel = false) => new()
        {
            Tools = [Weather, Stop],
            ToolChoice = choice,
            ParallelCalls = parallel,
            Generation = new() { MaxTokens = 400, Sampling = new() { Temperature = 1, Seed = seed } },
        };
        HashSet<string> called = [];
        for (ulong seed = 1; seed <= 6; seed++)
        {
            List<(string Name, string Arguments)> calls = await CallsOf(Options(ToolChoice.Required, seed));
            (string name, string arguments) = Assert.Single(calls);
            called.Add(name);
            using JsonDocument document = JsonDocument.Parse(arguments);
            if (name != "weather") continue;
            Assert.Contains(document.RootElement.GetProperty("city").GetString(), new[] { "Rome", "Oslo" });
            Assert.InRange(document.RootElement.GetProperty("days").GetInt32(), 1, 7);
            Assert.Equal(2, document.RootElement.EnumerateObject().Count());
        }
        Assert.Subset(new HashSet<string> { "weather", "stop" }, called);
        // Several, as many as the model likes: all but one that the end of the answer cut are whole.
        List<(string Name, string Arguments)> several = await CallsOf(Options(ToolChoice.Named("weather"), 9, parallel: true));
        Assert.NotEmpty(several);
        Assert.All(several, call => Assert.Equal("weather", call.Name));
    }

    [Fact]
    public void Where_the_model_decides_an_answer_is_what_it_must_be_or_a_call()
    {
        CompletionOptions options = new() { Tools = [Weather, Stop], Generation = new() { Constraint = Constraint.Choice(["yes", "no"]) } };
        Constraint either = options.Drawn().Constraint!;
        Assert.True(either.Matches("yes"));
        Assert.True(either.Matches("<tool_call>\n{\"name\": \"stop\", \"arguments\": {}}\n</tool_call>"));
        Assert.False(either.Matches("<tool_call>\n{\"name\": \"maps\", \"arguments\": {}}\n</tool_call>"));
        Assert.False(either.Matches("perhaps"));
    }

    [Fact]
    public async Task Tools_that_must_not_be_called_are_not_told_of()
    {
        GenerationOptions generation = new() { MaxTokens = 8 };
        Completion without = demo.Model.Complete([new("user", "Hello.")], null, new() { Generation = generation });
        Completion none = demo.Model.Complete([new("user", "Hello.")], null,
            new() { Generation = generation, Tools = [Weather], ToolChoice = ToolChoice.None });
        Assert.Equal(await without.TextAsync(), await none.TextAsync());
        Assert.Equal(without.Statistics!.PromptTokens, none.Statistics!.PromptTokens);
    }

    [Fact]
    public void A_call_of_what_is_not_there_is_refused_by_name()
    {
        CompletionOptions options = new() { Tools = [Weather], ToolChoice = ToolChoice.Named("maps") };
        string message = Assert.Throws<ArgumentException>(() => demo.Model.Complete([new("user", "Hello.")], null, options)).Message;
        Assert.Contains("maps", message, StringComparison.Ordinal);
        Assert.Contains("weather", message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(
            () => demo.Model.Complete([new("user", "Hello.")], null, new() { ToolChoice = ToolChoice.Required }));
        Assert.Throws<ArgumentException>(() => demo.Model.Complete([new("user", "Hello.")], null,
            options with { ToolChoice = ToolChoice.Required, Generation = new() { Constraint = Constraint.JsonObject } }));
    }

    private async Task<List<(string Name, string Arguments)>> CallsOf(CompletionOptions options)
    {
        Completion completion = demo.Model.Complete([new("user", "How is the weather?")], null, options);
        string text = await completion.TextAsync();
        bool isCut = completion.Statistics!.StopReason == StopReason.MaxTokens;
        Assert.False(isCut && !options.ParallelCalls);
        AnswerReader reader = new(hasTools: true);
        List<AnswerPart> parts = [.. reader.Push(text)];
        parts.AddRange(reader.Finish());
        if (!isCut) Assert.DoesNotContain(parts, part => part.Kind is AnswerPartKind.Text or AnswerPartKind.CallBreaks);
        return [.. parts.Where(part => part.Kind == AnswerPartKind.CallBegins).Select(call => (call.Text, ArgumentsOf(call.Call)))];

        string ArgumentsOf(int call) => string.Concat(
            parts.Where(part => part.Kind == AnswerPartKind.CallArguments && part.Call == call).Select(part => part.Text));
    }

    private sealed record ChatMessageList(string Question)
    {
        public AhnSharp.Tokenizer.ChatMessage[] All =>
            [new("system", DemoText.System), new("user", DemoText.BookWithCode + "\n\n" + Question)];
    }
}
