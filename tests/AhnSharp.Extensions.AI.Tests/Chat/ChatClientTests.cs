using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using AhnSharp.Generation;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace AhnSharp.Extensions.AI.Tests.Chat;

public sealed class ChatClientTests(DemoClient demo) : IClassFixture<DemoClient>
{
    private const string Question = "What is the code of Oliver?", Story = "The wind rose, and the ship";

    [Fact]
    public async Task It_answers_from_what_the_messages_say()
    {
        ChatMessage[] messages = [new(ChatRole.System, DemoText.System), new(ChatRole.User, DemoText.BookWithCode + "\n\n" + Question)];
        ChatResponse response = await demo.Client.GetResponseAsync(messages, DemoClient.Brief);
        Assert.Equal(DemoText.Answer, response.Text.Trim());
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        // The next turn reads what is new alone.
        ChatResponse next = await demo.Client.GetResponseAsync(
            [.. messages, .. response.Messages, new ChatMessage(ChatRole.User, "Again?")], DemoClient.Brief);
        Assert.True(next.Usage!.CachedInputTokenCount >= response.Usage!.InputTokenCount, "the first turn was read again");
        Assert.InRange(next.Usage.InputTokenCount!.Value - next.Usage.CachedInputTokenCount!.Value, 1, 60);
    }

    [Fact]
    public async Task Eight_streams_at_once_share_their_passes()
    {
        TextEngine engine = await demo.Host.LoadEngineAsync();
        TextEngineLoad before = engine.Load;
        CompletionOptions brief = new() { Generation = new() { MaxTokens = 32 } };
        Task<string> first = engine.Complete([new("user", "Who comes first?")], brief, new FirstPassGate(engine, 8)).TextAsync();
        await Task.WhenAll(Enumerable.Range(0, 7).Select(async i =>
        {
            List<ChatResponseUpdate> updates =
                await demo.Client.GetStreamingResponseAsync($"Who is number {i}?", new ChatOptions { MaxOutputTokens = 32 }).ToListAsync();
            Assert.NotEmpty(updates.ToChatResponse().Text);
        }));
        await first;
        TextEngineLoad after = engine.Load;
        long written = after.GeneratedTokens - before.GeneratedTokens, passes = after.Passes - before.Passes;
        Assert.True(passes < written / 2, $"{written} tokens were written in {passes} passes");
    }

    [Fact]
    public async Task Options_are_followed()
    {
        ChatOptions drawn = new() { MaxOutputTokens = 24, Temperature = 3, TopK = 400, TopP = 0.99f, Seed = 7 };
        string first = (await demo.Client.GetResponseAsync(Story, drawn)).Text;
        Assert.Equal(first, (await demo.Client.GetResponseAsync(Story, drawn)).Text);
        drawn.Seed = 8;
        Assert.NotEqual(first, (await demo.Client.GetResponseAsync(Story, drawn)).Text);

        ChatResponse greedy = await demo.Client.GetResponseAsync(Story, new ChatOptions { MaxOutputTokens = 12 });
        Assert.Equal((ChatFinishReason.Length, 12), (greedy.FinishReason!.Value, greedy.Usage!.OutputTokenCount!.Value));
        string stop = greedy.Text.Trim().Split(' ')[1];
        ChatResponse stopped = await demo.Client.GetResponseAsync(Story, new ChatOptions { MaxOutputTokens = 12, StopSequences = [stop] });
        Assert.Equal(ChatFinishReason.Stop, stopped.FinishReason);
        Assert.DoesNotContain(stop, stopped.Text, StringComparison.Ordinal);
        ChatResponse told = await demo.Client.GetResponseAsync(
            Story, new ChatOptions { MaxOutputTokens = 12, Instructions = "You are a captain of a ship." });
        Assert.True(told.Usage!.InputTokenCount > greedy.Usage.InputTokenCount);
    }

    [Fact]
    public async Task Log_probabilities_come_with_their_updates()
    {
        ChatOptions options = new() { MaxOutputTokens = 8, AdditionalProperties = new() { ["logprobs"] = true, ["top_logprobs"] = 3 } };
        List<ChatResponseUpdate> updates = await demo.Client.GetStreamingResponseAsync(Story, options).ToListAsync();
        GeneratedToken[] tokens =
            [.. updates.SelectMany(update => (IReadOnlyList<GeneratedToken>?)update.AdditionalProperties?["logprobs"] ?? [])];
        Assert.Equal(8, tokens.Length);
        Assert.All(tokens, token => Assert.Equal((3, token.Id), (token.Top.Length, token.Top[0].Id)));
    }

    [Fact]
    public async Task A_bias_a_grammar_and_a_regular_expression_hold()
    {
        string greedy = (await demo.Client.GetResponseAsync(Question, DemoClient.Brief)).Text;
        int first = (await demo.Host.LoadAsync()).Tokenizer.Encode(greedy)[0];
        ChatOptions biased = DemoClient.Brief;
        biased.AdditionalProperties = new() { ["logit_bias"] = new Dictionary<string, object?> { [$"{first}"] = -100 } };
        Assert.NotEqual(greedy[..3], (await demo.Client.GetResponseAsync(Question, biased)).Text[..3]);
        ChatOptions regex = new() { AdditionalProperties = new() { ["regex"] = "[0-9]{4}" } };
        Assert.Matches("^[0-9]{4}$", (await demo.Client.GetResponseAsync(Question, regex)).Text);
        ChatOptions grammar = new() { AdditionalProperties = new() { ["grammar"] = "root ::= \"yes\" | \"no\"" } };
        Assert.Contains((await demo.Client.GetResponseAsync(Question, grammar)).Text, new[] { "yes", "no" });
    }

    [Fact]
    public async Task An_answer_that_must_be_an_object_of_a_type_is_one()
    {
        ChatResponse<Place> response = await demo.Client.GetResponseAsync<Place>(Question, new ChatOptions { MaxOutputTokens = 200 });
        Assert.True(Enum.IsDefined(response.Result.City));
        ChatResponse json = await demo.Client.GetResponseAsync(
            "Any object.", new ChatOptions { MaxOutputTokens = 40, ResponseFormat = ChatResponseFormat.Json });
        Assert.StartsWith("{", json.Text.TrimStart(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_may_be_several_or_one_or_none()
    {
        AIFunction one = AIFunctionFactory.Create(() => "1", "one"), two = AIFunctionFactory.Create(() => "2", "two");
        ChatOptions options = new()
        {
            Tools = [one, two],
            ToolMode = ChatToolMode.RequireAny,
            AllowMultipleToolCalls = false,
            Temperature = 1,
            Seed = 1,
            MaxOutputTokens = 100,
        };
        ChatResponse single = await demo.Client.GetResponseAsync("Call.", options);
        Assert.Single(single.Messages[0].Contents.OfType<FunctionCallContent>());
        Assert.Empty(single.Text);
        options.ToolMode = ChatToolMode.None;
        options.MaxOutputTokens = 8;
        Assert.Empty((await demo.Client.GetResponseAsync("Call.", options)).Messages[0].Contents.OfType<FunctionCallContent>());
        options.ToolMode = ChatToolMode.RequireSpecific("three");
        Assert.Contains("three", (await Assert.ThrowsAsync<ArgumentException>(
            () => demo.Client.GetResponseAsync("Call.", options))).Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, ChatOptions> Refused => new()
    {
        { "ModelId", new ChatOptions { ModelId = "gpt" } },
        { "AllowBackgroundResponses", new ChatOptions { AllowBackgroundResponses = true } },
        { "ConversationId", new ChatOptions { ConversationId = "unknown" } },
        { "Reasoning.Output", new ChatOptions { Reasoning = new() { Output = ReasoningOutput.Summary } } },
        { "Reasoning", new ChatOptions { Reasoning = new() { Effort = ReasoningEffort.High } } },
        { "RawRepresentationFactory", new ChatOptions { RawRepresentationFactory = _ => "text" } },
        { "Tools", new ChatOptions { Tools = [new HostedWebSearchTool()] } },
        { "'mirostat'", new ChatOptions { AdditionalProperties = new() { ["mirostat"] = 2 } } },
        { "'min_p'", new ChatOptions { AdditionalProperties = new() { ["min_p"] = "much" } } },
        { "'logit_bias'", new ChatOptions { AdditionalProperties = new() { ["logit_bias"] = 5 } } },
        { "'regex'", new ChatOptions { ResponseFormat = ChatResponseFormat.Json, AdditionalProperties = new() { ["regex"] = "a" } } },
        { "Temperature", new ChatOptions { Temperature = -1 } },
        { "MaxTokens", new ChatOptions { MaxOutputTokens = 0 } },
        { "TopLogProbabilities", new ChatOptions { AdditionalProperties = new() { ["top_logprobs"] = 21 } } },
        {
            "#/properties/a/not", new ChatOptions
            {
                ResponseFormat = ChatResponseFormat.ForJsonSchema(
                    JsonDocument.Parse("""{"type": "object", "properties": {"a": {"not": {"type": "string"}}}}""").RootElement),
            }
        },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_cannot_be_followed_is_refused_by_its_name(string name, ChatOptions options)
    {
        Exception refused = await Assert.ThrowsAnyAsync<Exception>(() => demo.Client.GetResponseAsync(Question, options));
        Assert.True(refused is NotSupportedException or ArgumentException or FormatException, refused.ToString());
        Assert.Contains(name, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_is_read_as_its_text_and_a_picture_is_refused()
    {
        ChatMessage file = new(ChatRole.User,
        [
            new DataContent(Encoding.UTF8.GetBytes("<p>The code of Rome is 1893.</p>"), "text/html") { Name = "rome.html" },
            new TextContent("What is the code of Rome?"),
        ]);
        Assert.Contains("1893", (await demo.Client.GetResponseAsync([file], DemoClient.Brief)).Text, StringComparison.Ordinal);
        ChatMessage picture = new(ChatRole.User, [new DataContent(new byte[] { 1, 2, 3 }, "image/png")]);
        NotSupportedException refused = await Assert.ThrowsAsync<NotSupportedException>(() => demo.Client.GetResponseAsync([picture]));
        Assert.Contains("image/png", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_composes_with_telemetry_logging_and_a_cache()
    {
        MemoryDistributedCache cache = new(Options.Create(new MemoryDistributedCacheOptions()));
        IChatClient client = demo.Client.AsBuilder().UseDistributedCache(cache).UseOpenTelemetry().UseLogging(NullLoggerFactory.Instance)
            .Build();
        string first = (await client.GetResponseAsync(Question, DemoClient.Brief)).Text;
        long written = (await demo.Host.LoadEngineAsync()).Load.GeneratedTokens;
        Assert.Equal(first, (await client.GetResponseAsync(Question, DemoClient.Brief)).Text);
        Assert.Equal(written, (await demo.Host.LoadEngineAsync()).Load.GeneratedTokens);
    }

    internal enum City
    {
        Oslo,
        Rome,
    }

    internal sealed record Place(City City);
}
