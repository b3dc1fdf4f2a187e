using System;
using System.ClientModel;
using System.Collections.Generic;
using System.ComponentModel;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Anthropic;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using OllamaSharp;
using OllamaSharp.Models;
using OpenAI;
using Xunit;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace AhnSharp.Server.Tests;

/// <summary>Clients that nobody here wrote, against a server that really listens.</summary>
public sealed class ClientTests(DemoServer server) : IClassFixture<DemoServer>
{
    public static TheoryData<string> All => ["OpenAI", "Anthropic", "OllamaSharp"];

    private IChatClient Client(string name) => name switch
    {
        "OpenAI" => OpenAI().GetChatClient(DemoServer.Model).AsIChatClient(),
        "Anthropic" => Anthropic().AsIChatClient(DemoServer.Model, 64),
        _ => new OllamaApiClient(server.Address, DemoServer.Model),
    };

    private OpenAIClient OpenAI() =>
        new(new ApiKeyCredential("none"), new OpenAIClientOptions
        {
            Endpoint = new Uri(server.Address, "v1"),
            NetworkTimeout = TimeSpan.FromMinutes(2),
        });

    private AnthropicClient Anthropic() => new() { ApiKey = "none", BaseUrl = server.Address.ToString(), MaxRetries = 0 };

    private static ChatMessage[] Book =>
        [new(ChatRole.System, DemoText.System), new(ChatRole.User, DemoText.BookWithCode + "\n\n" + DemoText.Question)];

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_question_is_answered(string name)
    {
        using IChatClient client = Client(name);
        ChatResponse answer = await client.GetResponseAsync(Book, new ChatOptions { Temperature = 0, MaxOutputTokens = 32 });
        Assert.Equal(DemoText.Answer, answer.Text.Trim());
        Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
        Assert.True(answer.Usage!.OutputTokenCount > 2);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_stream_says_what_the_whole_answer_says(string name)
    {
        using IChatClient client = Client(name);
        ChatOptions options = new() { Temperature = 0, MaxOutputTokens = 24 };
        string whole = (await client.GetResponseAsync("The wind rose, and", options)).Text;
        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync("The wind rose, and", options).ToListAsync();
        Assert.Equal(whole, updates.ToChatResponse().Text);
        Assert.True(updates.Count > 4, $"{updates.Count} updates");
        Assert.Equal(ChatFinishReason.Length, updates.ToChatResponse().FinishReason);
        Assert.Equal(24, updates.ToChatResponse().Usage!.OutputTokenCount);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_function_is_called_and_its_result_is_answered_with(string name)
    {
        List<string> asked = [];
        AIFunction weather = AIFunctionFactory.Create(([Description("A town.")] string place) =>
        {
            asked.Add(place);
            return "storm";
        }, "weather");
        using IChatClient client = Client(name).AsBuilder().UseFunctionInvocation().Build();
        // The demo model was never taught to call: it has to. Ollama's interface has no word for that, and its model decides.
        ChatOptions options = new() { Temperature = 0, MaxOutputTokens = 64, Tools = [weather], ToolMode = ChatToolMode.RequireAny };
        ChatResponse answer = await client.GetResponseAsync("How is the weather in Whitby?", options);
        if (name != "OllamaSharp")
        {
            Assert.NotEmpty(asked);
            Assert.Contains(answer.Messages.SelectMany(static message => message.Contents),
                static content => content is Microsoft.Extensions.AI.FunctionResultContent);
        }
        Assert.NotEmpty(answer.Messages);
    }

    [Theory]
    [InlineData("OpenAI")]
    [InlineData("OllamaSharp")]
    public async Task A_schema_is_kept(string name)
    {
        using IChatClient client = Client(name);
        ChatResponse<Person> answer = await client.GetResponseAsync<Person>(
            "Who is the captain?", new ChatOptions { Temperature = 0, MaxOutputTokens = 200 });
        // The demo model writes prose where nothing holds it.
        Assert.NotNull(answer.Result.Name);
    }

    [Fact]
    public async Task Anthropic_counts_tokens_as_the_answer_does()
    {
        (_, JsonElement count) = await server.PostAsync("/v1/messages/count_tokens",
            "{\"model\":\"demo\",\"system\":\"You are brief.\",\"messages\":[{\"role\":\"user\",\"content\":\"Who?\"}]}");
        (_, JsonElement answer) = await server.PostAsync("/v1/messages",
            "{\"model\":\"demo\",\"max_tokens\":4,\"system\":\"You are brief.\",\"messages\":[{\"role\":\"user\",\"content\":\"Who?\"}]}");
        JsonElement usage = answer.GetProperty("usage");
        Assert.Equal(count.GetProperty("input_tokens").GetInt32(),
            usage.GetProperty("input_tokens").GetInt32() + usage.GetProperty("cache_read_input_tokens").GetInt32());
    }

    [Fact]
    public async Task Embeddings_come_through_two_clients_alike()
    {
        IEmbeddingGenerator<string, Embedding<float>> one = OpenAI().GetEmbeddingClient(DemoServer.Model).AsIEmbeddingGenerator();
        IEmbeddingGenerator<string, Embedding<float>> other = new OllamaApiClient(server.Address, DemoServer.Model);
        ReadOnlyMemory<float> a = await one.GenerateVectorAsync("the sea"), b = await other.GenerateVectorAsync("the sea");
        Assert.Equal(a.Length, b.Length);
        for (int i = 0; i < a.Length; i++) Assert.Equal(a.Span[i], b.Span[i], 1e-6);
    }

    [Fact]
    public async Task Ollama_lists_shows_and_tells_what_runs()
    {
        using OllamaApiClient client = new(server.Address, DemoServer.Model);
        Assert.Equal(DemoServer.Model, Assert.Single(await client.ListLocalModelsAsync()).Name);
        Assert.NotEmpty((await client.ShowModelAsync(DemoServer.Model)).Info.Architecture!);
        await client.GenerateAsync(new GenerateRequest { Model = DemoServer.Model, Prompt = "The" }).ToListAsync();
        Assert.Equal(DemoServer.Model, Assert.Single(await client.ListRunningModelsAsync()).Name);
        Assert.NotEmpty(await client.GetVersionAsync());
    }

    [Fact]
    public async Task OpenAIs_client_is_told_what_is_wrong()
    {
        ClientResultException refused = await Assert.ThrowsAsync<ClientResultException>(
            () => OpenAI().GetChatClient("gpt-9").CompleteChatAsync("Hello"));
        Assert.Equal(404, refused.Status);
        Assert.Contains(DemoServer.Model, refused.Message);
    }

    [Fact]
    public async Task OpenAIs_client_lists_models_and_goes_on_with_texts()
    {
        Assert.Contains((await OpenAI().GetOpenAIModelClient().GetModelsAsync()).Value, static model => model.Id == DemoServer.Model);
    }

    [Fact]
    public async Task Semantic_Kernel_asks_through_its_own_connector()
    {
        Kernel kernel = Kernel.CreateBuilder().AddOpenAIChatCompletion(DemoServer.Model, new Uri(server.Address, "v1"), "none").Build();
        Assert.NotEmpty((await kernel.InvokePromptAsync("Who was Vlad?", cancellationToken: CancellationToken.None)).ToString());
    }

    private sealed record Person
    {
        public required string Name { get; init; }

        public required int Age { get; init; }
    }
}
