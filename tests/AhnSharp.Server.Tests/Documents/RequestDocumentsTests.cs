using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Generation;
using AhnSharp.Server.Documents;
using AhnSharp.Server.Http;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using AhnSharp.Tokenizer;
using Xunit;

namespace AhnSharp.Server.Tests.Documents;

public sealed class RequestDocumentsTests(DemoText demo) : IClassFixture<DemoText>, IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DemoModels _models = new(demo.Model);
    private DocumentStore _store = null!;

    public Task InitializeAsync()
    {
        _store = new DocumentStore(new DocumentStoreOptions { Folder = _folder.PathOf("store") }, _models);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        await _models.DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_just_sent_is_waited_for_and_passages_of_the_conversation_have_no_place()
    {
        string id = (await _store.AddAsync("a.txt", DemoText.BookWithCode)).Record.Id;
        using IOpenDocuments open = await new RequestDocuments(_store).OpenAsync([id], _models.Engine, DemoModels.Name, default);
        Assert.Equal(_store.Get(id).Record.TokensTotal, open.Context.Tokens.Seen);
        IReadOnlyList<AnswerPassage> passages = open.PlacesOf([new AnswerSource(96, 32, "", 1), new AnswerSource(1 << 20, 32, "", 1)]);
        AnswerPassage inside = passages[0], behind = passages[1];
        Assert.Equal((id, "a.txt"), (inside.DocumentId, inside.Name));
        Assert.Null(behind.DocumentId);
        // Tokens 96 to 128 are the range that is told.
        using LanguageSession session = demo.Model.Model.LoadSession(open.Context.Path);
        string said = demo.Tokenizer.Decode(session.ReadTokens().AsSpan(96, 32)), text = _store.Texts.TextOf(_store.Get(id).Record);
        Assert.Equal(said, text.Substring((int)inside.FirstCharacter!.Value, inside.Characters!.Value));
    }

    [Fact]
    public async Task Patience_ends_with_how_far_it_is()
    {
        _models.Gate = Task.Delay(Timeout.Infinite);
        string id = (await _store.AddAsync("a.txt", "A text.")).Record.Id;
        RequestDocuments documents = new(_store) { Patience = TimeSpan.FromMilliseconds(100) };
        ApiException early = await Assert.ThrowsAsync<ApiException>(
            () => documents.OpenAsync([id], _models.Engine, DemoModels.Name, default));
        Assert.Equal((409, "document_not_ready"), (early.Status, early.Code));
        Assert.NotNull(early.RetryAfter);
    }

    [Fact]
    public async Task Several_are_read_together_once_and_that_goes_with_the_first_deleted()
    {
        DocumentView first = await _store.AddAsync("a.txt", "The first text."), second = await _store.AddAsync("b.txt", "The second.");
        string[] ids = [first.Record.Id, second.Record.Id];
        RequestDocuments documents = new(_store);
        long seen;
        using (IOpenDocuments open = await documents.OpenAsync(ids, _models.Engine, DemoModels.Name, default))
            seen = open.Context.Tokens.Seen;
        Assert.True(seen > ids.Sum(id => _store.Get(id).Record.TokensTotal) / 2, $"{seen} tokens are not those of both");
        long read = _models.Engine.Load.PromptTokens;
        (await documents.OpenAsync(ids, _models.Engine, DemoModels.Name, default)).Dispose();
        Assert.Equal(read, _models.Engine.Load.PromptTokens);
        Assert.Equal(2, _store.List(10).Page.Count);
        await _store.DeleteAsync(ids[1]);
        await _store.DeleteAsync(ids[0]);
        Assert.Empty(StoreOf.Files(_folder.PathOf("store")));
    }

    [Fact]
    public async Task Many_ask_and_delete_at_once_and_nothing_is_lost()
    {
        Random random = new(3);
        int[] texts = [.. Enumerable.Range(0, 60).Select(_ => random.Next(4))];
        RequestDocuments documents = new(_store);
        await Parallel.ForEachAsync(texts, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (text, _) =>
        {
            string id = (await _store.AddAsync($"{text}.txt", DemoText.Prose(3 + text))).Record.Id;
            using (IOpenDocuments open = await documents.OpenAsync([id], _models.Engine, DemoModels.Name, default))
            {
                string answer = await _models.Engine.Complete(open.Context, [new ChatMessage("user", "Who?")],
                    new CompletionOptions { Generation = new() { MaxTokens = 2 } }).TextAsync(default);
                Assert.NotNull(answer);
            }
            await _store.DeleteAsync(id);
        });
        Assert.Empty(_store.List(10).Page);
        Assert.Empty(StoreOf.Files(_folder.PathOf("store")));
        for (int tries = 0; tries < 500 && _models.Leases > 0; tries++) await Task.Delay(10);
        Assert.Equal(0, _models.Leases);
    }
}
