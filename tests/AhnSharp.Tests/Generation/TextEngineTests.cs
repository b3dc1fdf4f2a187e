using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Generation;
using AhnSharp.Sessions;
using AhnSharp.Tokenizer;
using Xunit;

namespace AhnSharp.Tests.Generation;

public sealed class TextEngineTests(DemoText demo) : IClassFixture<DemoText>
{
    private static readonly CompletionOptions Short = new() { Generation = new() { MaxTokens = 24 } };
    private readonly TextModel _model = demo.Model;

    [Fact]
    public async Task Eight_answers_at_once_say_what_each_says_alone_and_share_their_passes()
    {
        string[] questions = [.. Enumerable.Range(0, 8).Select(i => $"What is the code of number {i}, and of {i * 7}?")];
        await using TextEngine engine = new(_model, new TextEngineOptions { CacheBytes = 0, MaxAnswers = 9 });
        Task<string> first = engine.Complete(
            [new("user", "Who comes first?")], Short, new FirstPassGate(engine, questions.Length + 1)).TextAsync();
        string[] together = await Task.WhenAll(questions.Select(async question =>
        {
            Completion completion = engine.Complete([new("user", question)], Short);
            string text = await completion.TextAsync();
            Assert.Equal(0, completion.Statistics!.ReusedTokens);
            return text;
        }));
        await first;
        for (int i = 0; i < questions.Length; i++)
            Assert.Equal(await _model.Complete([new("user", questions[i])], null, Short).TextAsync(), together[i]);
        TextEngineLoad idle = engine.Load;
        Assert.Equal((0, 0, 0L), (idle.Active, idle.Waiting, idle.StateBytes));
        Assert.True(idle.PromptTokens > 100 && idle.GeneratedTokens > 40, $"{idle}");
        Assert.True(idle.Passes < idle.GeneratedTokens / 2, $"{idle}: its passes were not shared");
    }

    [Fact]
    public async Task More_answers_than_may_be_written_at_once_wait_for_their_turn()
    {
        await using TextEngine engine = new(_model, new TextEngineOptions { MaxAnswers = 2 });
        int most = 0;
        await Task.WhenAll(Enumerable.Range(0, 6).Select(async i =>
        {
            await foreach (string _ in engine.Complete([new("user", $"Who is {i}?")], Short))
                most = Math.Max(most, engine.Load.Active);
        }));
        Assert.InRange(most, 1, 2);
    }

    [Fact]
    public async Task Several_answers_share_a_prompt_that_is_read_once()
    {
        await using TextEngine engine = new(_model);
        ChatMessage[] messages = [new("system", DemoText.System), new("user", DemoText.BookWithCode + "\n\n" + DemoText.Question)];
        using CompletionSet greedy = engine.CompleteMany(messages, 3, Short);
        string[] same = await Task.WhenAll(greedy.Answers.Select(answer => answer.TextAsync()));
        Assert.Equal(DemoText.Answer, same[0].Trim());
        Assert.All(same, text => Assert.Equal(same[0], text));
        GenerationStatistics[] took = [.. greedy.Answers.Select(answer => answer.Statistics!)];
        long prompt = took[0].PromptTokens + took[0].ReusedTokens;
        Assert.All(took, one => Assert.Equal(prompt, one.PromptTokens + one.ReusedTokens));
        Assert.Equal(prompt, took.Sum(one => one.PromptTokens));
        Assert.Equal(2, took.Count(one => one.PromptTokens == 0));

        CompletionOptions drawn = new() { Generation = new() { MaxTokens = 24, Sampling = new() { Temperature = 3, Seed = 5 } } };
        using CompletionSet different = engine.CompleteMany(messages, 3, drawn);
        string[] texts = await Task.WhenAll(different.Answers.Select(answer => answer.TextAsync()));
        Assert.Equal(3, texts.Distinct().Count());
        Assert.Equal([5UL, 6, 7], different.Answers.Select(answer => answer.Statistics!.Seed!.Value));
        Assert.Throws<ArgumentOutOfRangeException>(() => engine.CompleteMany(messages, 0));
    }

    [Fact]
    public async Task One_that_leaves_or_has_no_room_does_not_touch_the_others()
    {
        await using TextEngine engine = new(_model);
        using CancellationTokenSource cancel = new();
        Completion leaves = engine.Complete([new("user", DemoText.Prose(200))], Short);
        Task cancelled = leaves.TextAsync(cancel.Token);
        CompletionOptions small = Short with { Session = new SessionOptions { Mode = MemoryMode.Full, ContextTokens = 16 } };
        Task<string> full = engine.Complete([new("user", DemoText.Prose(5))], small).TextAsync();
        Task<string> goes = engine.Complete([new("user", "Who was Count Dracula?")], Short).TextAsync();
        await Task.Delay(50);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        await Assert.ThrowsAsync<ContextOverflowException>(() => full);
        Assert.Equal(await _model.Complete([new("user", "Who was Count Dracula?")], null, Short).TextAsync(), await goes);
        Assert.Equal(0, engine.Load.Active);
        // A reader that leaves in the middle frees its turn too.
        await foreach (string _ in engine.Complete([new("user", "Say much.")], Short)) break;
        Assert.Equal(0, engine.Load.Active);
    }

    [Fact]
    public async Task Disposal_ends_what_is_written_and_refuses_what_comes()
    {
        TextEngine engine = new(_model, new TextEngineOptions { MaxAnswers = 1 });
        CompletionOptions @long = new() { Generation = new() { MaxTokens = 100_000 } };
        await using IAsyncEnumerator<string> written = engine.Complete([new("user", "Say much.")], @long).GetAsyncEnumerator();
        Assert.True(await written.MoveNextAsync());
        Task<string> waiting = engine.Complete([new("user", "And I?")], Short).TextAsync();
        await engine.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () =>
        {
            while (await written.MoveNextAsync())
            {
            }
        });
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => engine.Complete([new("user", "And I?")], Short).TextAsync());
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task A_document_that_was_read_before_is_asked_by_many_and_never_read_again()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("book.ahn");
        string first, second;
        using (TextSession session = _model.CreateSession(system: DemoText.System))
        {
            await session.ReadAsync(DemoText.BookWithCode);
            session.Save(path);
            first = await session.AnswerAsync(DemoText.Question, Short.Generation);
            second = await session.AnswerAsync("And who else?", Short.Generation);
        }
        await using TextEngine engine = new(_model);
        using DocumentContext document = engine.OpenDocument(path);
        Assert.Equal(DemoText.System, document.System);
        Completion one = engine.Complete(document, [new("user", DemoText.Question)], Short);
        Assert.Equal(first, await one.TextAsync());
        Assert.Contains(DemoText.Answer, first, StringComparison.Ordinal);
        Assert.True(one.Statistics!.ReusedTokens >= document.Tokens.Seen, $"{one.Statistics.ReusedTokens} of {document.Tokens.Seen}");
        Completion two = engine.Complete(
            document, [new("user", DemoText.Question), new("assistant", first), new("user", "And who else?")], Short);
        Assert.Equal(second, await two.TextAsync());
        Assert.True(two.Statistics!.ReusedTokens > document.Tokens.Seen, "the first turn was read again");
        using CompletionSet three = engine.CompleteMany(document, [new("user", DemoText.Question)], 3, Short);
        Assert.All(await Task.WhenAll(three.Answers.Select(answer => answer.TextAsync())), text => Assert.Equal(first, text));

        Assert.Contains("system", Assert.Throws<ArgumentException>(
            () => engine.Complete(document, [new("system", "Be brief."), new("user", "Who?")])).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<NotSupportedException>(() => engine.Complete(document, [new("user", "Who?")],
            Short with { Tools = [System.Text.Json.Nodes.JsonNode.Parse("{}")!] }).TextAsync());
    }

    [Fact]
    public async Task A_text_is_continued_as_it_stands()
    {
        await using TextEngine engine = new(_model);
        using TextSession session = _model.CreateSession(raw: true);
        const string text = "It was a dark night, and the Count";
        Assert.Equal(await session.AnswerAsync(text, Short.Generation), await engine.Continue(text, Short).TextAsync());
        Assert.Throws<ArgumentException>(() => engine.Continue(""));
    }

    [Fact]
    public void Options_out_of_range_are_refused_by_name()
    {
        foreach ((string name, TextEngineOptions options) in new (string, TextEngineOptions)[]
        {
            ("MaxAnswers", new() { MaxAnswers = 0 }), ("CacheBytes", new() { CacheBytes = -1 }), ("PieceTokens", new() { PieceTokens = 0 }),
        })
        {
            string message = Assert.Throws<ArgumentException>(() => new TextEngine(_model, options)).Message;
            Assert.StartsWith(name, message, StringComparison.Ordinal);
        }
    }
}
