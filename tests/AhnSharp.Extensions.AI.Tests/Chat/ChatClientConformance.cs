using System;
using System.Collections.Generic;
using System.ComponentModel.DataAnnotations;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.AI;
using Xunit;

namespace AhnSharp.Extensions.AI.Tests.Chat;

/// <summary>
/// What programs may expect of every chat client of Microsoft.Extensions.AI. It runs against ours, and against OpenAI's behind a recorded
/// service: what that one does not do, this suite must not ask for.
/// </summary>
public abstract class ChatClientConformance
{
    private const string Question = "Which colour has the sky?";

    protected abstract IChatClient Client { get; }

    [Fact]
    public async Task Streaming_says_what_a_whole_response_says()
    {
        ChatResponse whole = await Client.GetResponseAsync(Question, DemoClient.Brief);
        List<ChatResponseUpdate> updates = await Client.GetStreamingResponseAsync(Question, DemoClient.Brief).ToListAsync();
        ChatResponse streamed = updates.ToChatResponse();
        Assert.True(updates.Count > 1);
        Assert.Equal(whole.Text, streamed.Text);
        Assert.NotEmpty(whole.Text);
        Assert.Equal(whole.FinishReason, streamed.FinishReason);
        Assert.Equal(whole.ModelId, streamed.ModelId);
        Assert.Equal(whole.Usage!.InputTokenCount, streamed.Usage!.InputTokenCount);
        Assert.Equal(whole.Usage.OutputTokenCount, streamed.Usage.OutputTokenCount);
    }

    [Fact]
    public async Task A_response_is_one_message_of_the_assistant_with_an_id_and_its_usage()
    {
        ChatResponse response = await Client.GetResponseAsync(Question, DemoClient.Brief);
        ChatMessage message = Assert.Single(response.Messages);
        Assert.Equal(ChatRole.Assistant, message.Role);
        Assert.False(string.IsNullOrEmpty(response.ResponseId));
        Assert.True(response.Usage is { InputTokenCount: > 0, OutputTokenCount: > 0 });
        Assert.Equal(response.Usage!.InputTokenCount + response.Usage.OutputTokenCount, response.Usage.TotalTokenCount);
        Assert.NotNull(response.CreatedAt);
    }

    [Fact]
    public async Task Updates_belong_to_one_response_and_the_last_says_why_it_ended()
    {
        List<ChatResponseUpdate> updates = await Client.GetStreamingResponseAsync(Question, DemoClient.Brief).ToListAsync();
        Assert.Single(updates.Select(update => update.ResponseId).Distinct());
        Assert.All(updates, update => Assert.True(update.Role is null || update.Role == ChatRole.Assistant));
        Assert.Single(updates.Select(update => update.FinishReason).OfType<ChatFinishReason>().Distinct());
        Assert.NotNull(updates[^1].FinishReason);
        Assert.Single(updates.SelectMany(update => update.Contents).OfType<UsageContent>());
    }

    [Fact]
    public async Task A_function_is_called_and_its_result_goes_back()
    {
        int calls = 0;
        AIFunction function = AIFunctionFactory.Create(
            ([Range(1, 31)] int day) => $"rain on day {day}, call {++calls}", "weather", "The weather.");
        FunctionInvokingChatClient client = new(Client); // not disposed: that would end the client of the other tests
        ChatOptions options = Calling(function);
        ChatResponse response = await client.GetResponseAsync("How is the weather?", options);
        FunctionCallContent[] called = [.. response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>()];
        FunctionResultContent[] results = [.. response.Messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>()];
        Assert.True(calls > 0 && called.Length == calls);
        Assert.Equal(called.Select(call => call.CallId), results.Select(result => result.CallId));
        Assert.Equal(called.Length, called.Select(call => call.CallId).Distinct().Count());
        Assert.All(called, call => Assert.Equal("weather", call.Name));
        Assert.All(called, call => Assert.True(call.Arguments!.ContainsKey("day")));
        Assert.Equal(ChatRole.Assistant, response.Messages[^1].Role);
    }

    [Fact]
    public async Task Calls_are_why_a_response_ended()
    {
        AIFunction function = AIFunctionFactory.Create(([Range(1, 31)] int day) => $"rain on day {day}", "weather", "The weather.");
        ChatOptions options = Calling(function);
        ChatResponse whole = await Client.GetResponseAsync("How is the weather?", options);
        ChatResponse streamed = await Client.GetStreamingResponseAsync("How is the weather?", options).ToChatResponseAsync();
        foreach (ChatResponse response in new[] { whole, streamed })
        {
            Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
            Assert.NotEmpty(response.Messages[0].Contents.OfType<FunctionCallContent>());
        }
    }

    [Fact]
    public async Task A_request_that_is_cancelled_ends()
    {
        using CancellationTokenSource cancel = new();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Client.GetResponseAsync(Question, DemoClient.Brief, cancel.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await Client.GetStreamingResponseAsync(Question, DemoClient.Brief, cancel.Token).ToListAsync());
    }

    [Fact]
    public async Task What_is_given_is_not_changed()
    {
        ChatOptions options = DemoClient.Brief;
        options.Instructions = "Be brief.";
        List<ChatMessage> messages = [new(ChatRole.User, Question)];
        await Client.GetResponseAsync(messages, options);
        Assert.Equal(Question, Assert.Single(messages).Text);
        Assert.Equal((16, "Be brief.", (string?)null), (options.MaxOutputTokens, options.Instructions, options.ConversationId));
    }

    [Fact]
    public async Task Nothing_is_refused_as_nothing()
    {
        await Assert.ThrowsAsync<ArgumentNullException>(() => Client.GetResponseAsync((IEnumerable<ChatMessage>)null!));
        Assert.Throws<ArgumentNullException>(() => Client.GetService(null!));
    }

    [Fact]
    public void It_says_what_it_is()
    {
        ChatClientMetadata metadata = Assert.IsType<ChatClientMetadata>(Client.GetService(typeof(ChatClientMetadata)));
        Assert.False(string.IsNullOrEmpty(metadata.ProviderName));
        Assert.False(string.IsNullOrEmpty(metadata.DefaultModelId));
        Assert.Same(Client, Client.GetService(typeof(IChatClient)));
        Assert.Null(Client.GetService(typeof(IChatClient), "another"));
        Assert.Null(Client.GetService(typeof(string)));
    }

    private static ChatOptions Calling(AIFunction function) => new()
    {
        Tools = [function],
        ToolMode = ChatToolMode.RequireSpecific(function.Name),
        AllowMultipleToolCalls = false,
        MaxOutputTokens = 200,
    };
}
