using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Sessions;
using Xunit;

namespace AhnSharp.Tests.Generation;

public sealed class TextSessionTests(DemoText demo) : IClassFixture<DemoText>
{
    private static readonly SessionOptions Small = new() { Window = 100, Sinks = 4 };

    [Fact]
    public async Task The_same_seed_gives_the_same_text_and_another_seed_another()
    {
        async Task<string> Write(ulong seed)
        {
            using TextSession session = demo.Model.CreateSession();
            return await session.AnswerAsync(DemoText.Prose(3), Drawing(seed));
        }
        string text = await Write(1);
        Assert.NotEmpty(text);
        Assert.Equal(text, await Write(1));
        Assert.NotEqual(text, await Write(2));
    }

    [Fact]
    public async Task An_answer_ends_at_max_tokens_and_says_so()
    {
        using TextSession session = demo.Model.CreateSession(raw: true);
        await session.AnswerAsync(DemoText.Prose(3), new GenerationOptions { MaxTokens = 5 });
        GenerationStatistics took = session.Statistics!;
        Assert.Equal(StopReason.MaxTokens, took.StopReason);
        Assert.Equal(5, took.GeneratedTokens);
        Assert.True(took.PromptTokens > 10 && took.TimeToFirstToken > TimeSpan.Zero && took.TokensPerSecond > 0);
        // The last token is part of the text and waits for what follows.
        Assert.Equal(took.PromptTokens + 4, session.State.Position);
        await session.AnswerAsync("More.", new GenerationOptions { MaxTokens = 1 });
        Assert.Equal(took.PromptTokens + 5 + demo.Tokenizer.Encode("More.").Length, session.State.Position);
    }

    [Fact]
    public async Task An_answer_ends_before_a_stop_string()
    {
        async Task<(string Text, GenerationStatistics Took)> Write(params string[] stop)
        {
            using TextSession session = demo.Model.CreateSession(raw: true);
            string text = await session.AnswerAsync(DemoText.Prose(5), new GenerationOptions { MaxTokens = 40, Stop = [.. stop] });
            return (text, session.Statistics!);
        }
        (string whole, _) = await Write();
        // A stop string from the middle, across the tokens' borders.
        string middle = whole.Substring(whole.Length / 2, 5);
        (string cut, GenerationStatistics took) = await Write("never in it", middle);
        Assert.Equal(whole[..whole.IndexOf(middle, StringComparison.Ordinal)], cut);
        Assert.Equal(StopReason.StopString, took.StopReason);
        Assert.Equal(middle, took.StopString);
    }

    [Fact]
    public async Task An_answer_about_a_book_ends_at_an_end_token()
    {
        using TextSession session = demo.Model.CreateSession(system: DemoText.System);
        await session.ReadAsync(DemoText.BookWithCode);
        Assert.Equal(DemoText.Answer, await session.AnswerAsync(DemoText.Question));
        Assert.Equal(StopReason.EndToken, session.Statistics!.StopReason);
        Assert.True(session.State.Tally.Compressed > 0, "the book is longer than the window");
    }

    [Fact]
    public async Task Ids_are_read_behind_a_text_whose_last_word_waited_and_one_beyond_the_vocabulary_changes_nothing()
    {
        using TextSession session = demo.Model.CreateSession(raw: true);
        await session.ReadAsync("The code of Oliver");
        int[] ids = demo.Tokenizer.Encode(" is 4827.");
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => session.ReadAsync((int[])[ids[0], -5]));
        await session.ReadAsync(ids);
        Assert.Equal([.. demo.Tokenizer.Encode("The code of Oliver"), .. ids], session.State.Tokens.ToArray());

        // Without ids: the last token of an answer, which waits.
        session.Reset();
        await session.AnswerAsync(DemoText.Prose(3), new GenerationOptions { MaxTokens = 5 });
        Assert.Equal(StopReason.MaxTokens, session.Statistics!.StopReason);
        long before = session.State.Position;
        await session.ReadAsync(ReadOnlyMemory<int>.Empty);
        Assert.Equal(before + 1, session.State.Position);
    }

    [Fact]
    public async Task A_later_turn_reads_only_what_is_new()
    {
        using TextSession session = demo.Model.CreateSession();
        await session.AnswerAsync(DemoText.Prose(40), new GenerationOptions { MaxTokens = 8 });
        long position = session.State.Position;
        await session.AnswerAsync("And?", new GenerationOptions { MaxTokens = 8 });
        Assert.InRange(session.Statistics!.PromptTokens, 5, 20);
        Assert.Equal(position + session.Statistics.PromptTokens + session.Statistics.GeneratedTokens - 1, session.State.Position);
    }

    [Fact]
    public async Task Reading_reports_what_is_held()
    {
        using TextSession session = demo.Model.CreateSession(Small);
        List<ReadingProgress> reports = [];
        await session.ReadAsync(DemoText.Prose(60), new Recorder(reports));
        ReadingProgress last = reports[^1];
        Assert.Equal(last.TokensTotal, last.TokensRead);
        Assert.Equal(session.State.Position, last.TokensRead);
        Assert.Equal(104, last.Tally.Exact);
        Assert.Equal(last.TokensRead - 104, last.Tally.Compressed);
        Assert.True(last.StateBytes > 0 && last.TokensPerSecond > 0);
        Assert.Equal(reports.Select(r => r.TokensRead).Order(), reports.Select(r => r.TokensRead));
    }

    [Fact]
    public async Task Cancellation_is_prompt_and_leaves_whole_chunks_that_can_be_continued()
    {
        string text = DemoText.Prose(4000);
        using TextSession session = demo.Model.CreateSession(Small, raw: true);
        List<double> milliseconds = [];
        // Tests run side by side, so the system may give the processor to others for longer: the best of three counts.
        while (milliseconds.Count == 0 || (milliseconds.Min() >= 100 && milliseconds.Count < 3))
        {
            session.Reset();
            using CancellationTokenSource cancel = new();
            TaskCompletionSource running = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Task reading = session.ReadAsync(text, new Trigger(running), cancel.Token);
            await running.Task;
            // Into the middle of a chunk.
            await Task.Delay(20);
            long asked = Stopwatch.GetTimestamp();
            cancel.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
            milliseconds.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
        }
        Assert.True(
            milliseconds.Min() < 100, $"cancellation took {string.Join(", ", milliseconds.Select(ms => $"{ms:F0}"))} ms, at most 100");
        long position = session.State.Position;
        Assert.True(position > 0 && position % demo.Model.Model.ChunkTokens == 0, $"the session stands at {position}");

        int[] ids = demo.Tokenizer.Encode(text);
        int next = ids[position];
        using LanguageSession fresh = demo.Model.Model.CreateSession(Small);
        demo.Model.Model.Forward(fresh, ids.AsSpan(0, (int)position));
        demo.Model.Model.Forward(fresh, [next]);
        demo.Model.Model.Forward(session.State, [next]);
        Assert.Equal(fresh.LastLogits.ToArray(), session.State.LastLogits.ToArray());
    }

    [Fact]
    public async Task A_cancelled_reading_is_finished_before_what_follows()
    {
        string text = DemoText.Prose(600);
        using TextSession session = demo.Model.CreateSession(Small, raw: true);
        using CancellationTokenSource cancel = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => session.ReadAsync(text, new Trigger(cancel), cancel.Token));
        await session.AnswerAsync(" The end.", new GenerationOptions { MaxTokens = 1 });
        Assert.Equal(demo.Tokenizer.Encode(text + " The end.").Length, session.State.Position);
    }

    [Fact]
    public async Task A_cancelled_answer_says_so_and_the_conversation_goes_on()
    {
        using TextSession session = demo.Model.CreateSession();
        using CancellationTokenSource cancel = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (string piece in session.AskAsync("Tell me a story.", Drawing(1), null, cancel.Token)) cancel.Cancel();
        });
        Assert.Equal(StopReason.Cancelled, session.Statistics!.StopReason);
        await foreach (string piece in session.AskAsync("Go on.", Drawing(1))) break;
        Assert.Equal(StopReason.Cancelled, session.Statistics!.StopReason);
        Assert.NotEmpty(await session.AnswerAsync("And on.", Drawing(1)));
    }

    [Fact]
    public async Task A_text_over_the_context_is_an_error_with_both_numbers_and_changes_nothing()
    {
        using TextSession session = demo.Model.CreateSession(new SessionOptions { Mode = MemoryMode.Full, ContextTokens = 300 });
        ContextOverflowException error = await Assert.ThrowsAsync<ContextOverflowException>(() => session.ReadAsync(DemoText.Prose(200)));
        Assert.Equal(300, error.LimitTokens);
        Assert.True(error.NeededTokens > 300);
        Assert.Equal(0, session.State.Position);
        await Assert.ThrowsAsync<ContextOverflowException>(() => session.AnswerAsync(DemoText.Prose(200)));
        Assert.Equal(0, session.State.Position);
        Assert.NotEmpty(await session.AnswerAsync(
            "Hello there.", new GenerationOptions { MaxTokens = 3, Sampling = new() { Temperature = 1, Seed = 1 } }));
    }

    [Fact]
    public async Task One_call_at_a_time()
    {
        using TextSession session = demo.Model.CreateSession(raw: true);
        await using IAsyncEnumerator<string> first = session.AskAsync(DemoText.Prose(3), Drawing(1)).GetAsyncEnumerator();
        Assert.True(await first.MoveNextAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(() => session.AnswerAsync("x"));
        Assert.Throws<InvalidOperationException>(session.Reset);
        await first.DisposeAsync();
        session.Reset();
        Assert.Equal(0, session.State.Position);
    }

    [Fact]
    public async Task Dispose_ends_what_runs()
    {
        TextSession session = demo.Model.CreateSession(raw: true);
        TaskCompletionSource running = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task reading = session.ReadAsync(DemoText.Prose(4000), new Trigger(running));
        await running.Task;
        session.Dispose();
        session.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => session.AnswerAsync("x"));
    }

    [Fact]
    public void A_system_turn_without_a_template_is_refused() =>
        Assert.Throws<ArgumentException>(() => demo.Model.CreateSession(system: "Be brief.", raw: true));

    private static GenerationOptions Drawing(ulong seed) =>
        new() { MaxTokens = 24, Sampling = new() { Temperature = 1, TopP = 0.95f, Seed = seed } };

    // Progress<T> would report later, on another thread.
    private sealed class Recorder(List<ReadingProgress> reports) : IProgress<ReadingProgress>
    {
        public void Report(ReadingProgress value) => reports.Add(value);
    }

    private sealed class Trigger(Action fire) : IProgress<ReadingProgress>
    {
        public Trigger(TaskCompletionSource running) : this(() => running.TrySetResult())
        {
        }

        public Trigger(CancellationTokenSource cancel) : this(cancel.Cancel)
        {
        }

        public void Report(ReadingProgress value)
        {
            if (value.TokensRead >= 512) fire();
        }
    }
}
