using System;
using System.Threading.Tasks;
using Microsoft.Extensions.AI;
using Xunit;

namespace AhnSharp.Extensions.AI.Tests.Chat;

public sealed class ConversationTests(DemoClient demo) : IClassFixture<DemoClient>
{
    [Fact]
    public async Task Under_its_id_a_conversation_goes_on_with_new_messages_alone()
    {
        string id = demo.Client.StartConversation();
        ChatOptions options = new() { MaxOutputTokens = 16, ConversationId = id };
        ChatResponse first = await demo.Client.GetResponseAsync(DemoText.BookWithCode, options);
        Assert.Equal(id, first.ConversationId);
        ChatResponse second = await demo.Client.GetResponseAsync(DemoText.Question, options);
        ChatResponse whole = await demo.Client.GetResponseAsync(
            [new(ChatRole.User, DemoText.BookWithCode), .. first.Messages, new(ChatRole.User, DemoText.Question)], DemoClient.Brief);
        Assert.Equal(whole.Text, second.Text);
        Assert.True(second.Usage!.CachedInputTokenCount >= first.Usage!.InputTokenCount);
        Assert.True(demo.Client.EndConversation(id));
        Assert.False(demo.Client.EndConversation(id));
        await Assert.ThrowsAsync<ArgumentException>(() => demo.Client.GetResponseAsync("And?", options));
    }

    [Fact]
    public async Task A_request_that_failed_leaves_its_conversation_as_it_was()
    {
        string id = demo.Client.StartConversation();
        ChatOptions options = new() { MaxOutputTokens = 8, ConversationId = id };
        ChatResponse first = await demo.Client.GetResponseAsync("Hello.", options);
        ChatMessage picture = new(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")]);
        await Assert.ThrowsAsync<NotSupportedException>(() => demo.Client.GetResponseAsync([picture], options));
        ChatResponse second = await demo.Client.GetResponseAsync("Who?", options);
        ChatResponse whole = await demo.Client.GetResponseAsync(
            [new(ChatRole.User, "Hello."), .. first.Messages, new(ChatRole.User, "Who?")], new ChatOptions { MaxOutputTokens = 8 });
        Assert.Equal(whole.Text, second.Text);
    }

    [Fact]
    public async Task A_document_that_was_read_before_is_asked_about()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("book.ahn");
        TextModel model = await demo.Host.LoadAsync();
        using (TextSession session = model.CreateSession(system: DemoText.System))
        {
            await session.ReadAsync(DemoText.BookWithCode);
            session.Save(path);
        }
        using AhnChatClient client = demo.Client.ForDocument(path);
        ChatResponse response = await client.GetResponseAsync(DemoText.Question, DemoClient.Brief);
        Assert.Equal(DemoText.Answer, response.Text.Trim());
        Assert.True(response.Usage!.CachedInputTokenCount > 500);
        ArgumentException refused = await Assert.ThrowsAsync<ArgumentException>(() => client.GetResponseAsync(
            DemoText.Question, new ChatOptions { Instructions = "Be brief." }));
        Assert.Contains("book.ahn", refused.Message, StringComparison.Ordinal);
        using AhnChatClient missing = demo.Client.ForDocument(folder.PathOf("none.ahn"));
        await Assert.ThrowsAnyAsync<Exception>(() => missing.GetResponseAsync("Who?"));
    }
}
