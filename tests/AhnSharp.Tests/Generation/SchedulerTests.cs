using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Generation;
using AhnSharp.Sessions;
using Xunit;

namespace AhnSharp.Tests.Generation;

public sealed class SchedulerTests : IClassFixture<DemoText>
{
    private readonly TextModel _demo;

    public SchedulerTests(DemoText demo) => _demo = demo.Model;

    [Fact]
    public void Texts_join_and_leave_at_every_step_and_each_is_cut_as_if_it_were_alone()
    {
        string[] prompts =
        [
            "It was a dark night, and the Count", "My dear Mina,", "The ship",
            string.Join(' ', Enumerable.Repeat("the wolves of the mountain", 40)),
        ];
        Scheduler scheduler = new(_demo.Model, pieceTokens: 32);
        List<(Sequence Sequence, List<int> Pieces)> all = [];
        for (int step = 0; step < 400 && (scheduler.Count > 0 || all.Count < prompts.Length); step++)
        {
            // A new one every third step, while the others read and write.
            if (step % 3 == 0 && all.Count < prompts.Length)
            {
                all.Add(Watched(prompts[all.Count]));
                scheduler.Add(all[^1].Sequence);
            }
            scheduler.Step();
        }
        Assert.Equal(0, scheduler.Count);
        for (int i = 0; i < prompts.Length; i++)
        {
            (Sequence sequence, List<int> pieces) = all[i];
            (Sequence alone, List<int> alonePieces) = Watched(prompts[i]);
            Scheduler one = new(_demo.Model, pieceTokens: 32);
            one.Add(alone);
            while (one.Step())
            {
            }
            Assert.Null(sequence.Failure);
            Assert.Equal(StopReason.MaxTokens, sequence.Answer!.Statistics.StopReason);
            Assert.Equal(alonePieces, pieces);
            Assert.Equal(alone.Session.Position, sequence.Session.Position);
            Assert.NotEmpty(sequence.TakeText());
            sequence.Session.Dispose();
            alone.Session.Dispose();
        }
    }

    [Fact]
    public async Task A_sequence_alone_says_what_a_generator_says()
    {
        const string prompt = "It was a dark night, and the Count";
        Scheduler scheduler = new(_demo.Model);
        Sequence sequence = Begin(prompt);
        scheduler.Add(sequence);
        while (scheduler.Step())
        {
        }
        using TextSession session = _demo.CreateSession(new SessionOptions { Window = 64, Sinks = 8 }, raw: true);
        string expected = await session.AnswerAsync(prompt, new GenerationOptions { MaxTokens = 20 });
        Assert.Equal(expected, sequence.TakeText());
        sequence.Session.Dispose();
    }

    [Fact]
    public void One_that_is_cancelled_or_has_no_room_ends_alone()
    {
        Scheduler scheduler = new(_demo.Model, pieceTokens: 64);
        using CancellationTokenSource cancellation = new();
        Sequence cancelled = Begin("My dear friend,"), full = Begin("It was", context: 12), goes = Begin("The Count");
        cancelled.Cancellation = cancellation.Token;
        foreach (Sequence sequence in new[] { cancelled, full, goes }) scheduler.Add(sequence);
        for (int i = 0; i < 4; i++) scheduler.Step();
        cancellation.Cancel();
        while (scheduler.Step())
        {
        }
        Assert.IsAssignableFrom<OperationCanceledException>(cancelled.Failure);
        Assert.Equal(StopReason.Cancelled, cancelled.Answer!.Statistics.StopReason);
        Assert.IsType<ContextOverflowException>(full.Failure);
        Assert.Equal(12, full.Session.Position);
        Assert.Null(goes.Failure);
        Assert.Equal(StopReason.MaxTokens, goes.Answer!.Statistics.StopReason);
    }

    [Fact]
    public void Whoever_writes_gets_a_token_in_every_pass_while_a_long_prompt_is_read()
    {
        Scheduler scheduler = new(_demo.Model, pieceTokens: 32);
        Sequence writes = Begin("The Count");
        scheduler.Add(writes);
        scheduler.Step();
        Sequence reads = Begin(string.Join(' ', Enumerable.Repeat("night and day", 300)), write: false);
        scheduler.Add(reads);
        int waiting = reads.WaitingCount;
        for (int i = 0; i < 5; i++)
        {
            int generated = writes.Answer!.Statistics.GeneratedTokens;
            scheduler.Step();
            Assert.Equal(generated + 1, writes.Answer.Statistics.GeneratedTokens);
            Assert.Equal(waiting - 32 * (i + 1), reads.WaitingCount);
        }
    }

    [Fact]
    public async Task A_running_scheduler_takes_texts_from_any_thread()
    {
        Scheduler scheduler = new(_demo.Model, pieceTokens: 32);
        using CancellationTokenSource end = new();
        Task running = Task.Run(() => scheduler.Run(end.Token));
        Task<string>[] texts = [.. Enumerable.Range(0, 6).Select(async i =>
        {
            await Task.Delay(10 * i, end.Token);
            TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Sequence sequence = Begin($"It was {i}");
            sequence.Advanced = () =>
            {
                if (sequence.IsAtRest) done.TrySetResult();
            };
            scheduler.Add(sequence);
            await done.Task.WaitAsync(TimeSpan.FromMinutes(2), end.Token);
            return sequence.TakeText();
        })];
        string[] found = await Task.WhenAll(texts);
        Assert.All(found, Assert.NotEmpty);
        await end.CancelAsync();
        await running;
    }

    [Fact]
    public async Task It_runs_on_one_thread_of_its_own_and_whoever_leaves_waits_for_one_pass()
    {
        Scheduler scheduler = new(_demo.Model, pieceTokens: 32);
        using CancellationTokenSource end = new();
        ConcurrentDictionary<int, bool> threads = [];
        Task running = Task.Factory.StartNew(
            () => scheduler.Run(end.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        for (int i = 0; i < 3; i++)
        {
            using SemaphoreSlim advanced = new(0);
            long passes = 0;
            Sequence sequence = Begin($"It was {i}", most: 100_000);
            sequence.Advanced = () =>
            {
                threads[Environment.CurrentManagedThreadId] = Thread.CurrentThread.IsThreadPoolThread;
                advanced.Release();
            };
            scheduler.Add(sequence);
            for (int pass = 0; pass < 5; pass++) Assert.True(await advanced.WaitAsync(TimeSpan.FromMinutes(1)));
            passes = scheduler.Passes;
            await scheduler.RemoveAsync(sequence).WaitAsync(TimeSpan.FromMinutes(1));
            Assert.InRange(scheduler.Passes - passes, 0, 20);
            Assert.Equal(0, scheduler.Count);
            sequence.Advanced = null;
            await Task.Delay(20); // it has nothing to do, and waits
        }
        Assert.False(Assert.Single(threads).Value);
        await end.CancelAsync();
        await running;
        Sequence late = Begin("It was late");
        scheduler.Add(late);
        await scheduler.RemoveAsync(late).WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(0, scheduler.Count);
    }

    [Fact]
    public void A_piece_is_one_to_a_chunk() =>
        Assert.All([0, -1, _demo.Model.ChunkTokens + 1],
            piece => Assert.Throws<ArgumentOutOfRangeException>(() => new Scheduler(_demo.Model, piece)));

    [Fact]
    public void However_many_prompts_there_are_who_writes_waits_for_one_piece_alone()
    {
        const int piece = 32;
        Scheduler scheduler = new(_demo.Model, piece);
        Sequence writes = Begin("It was a dark night, and the Count", most: 2000);
        scheduler.Add(writes);
        scheduler.Step();
        int read = 0;
        Sequence[] prompts = [.. Enumerable.Range(0, 6).Select(i => Begin(
            $"{i} " + string.Join(' ', Enumerable.Repeat("the wolves of the mountain", 40)), most: 1))];
        foreach (Sequence prompt in prompts)
        {
            prompt.Read = count => read += count;
            scheduler.Add(prompt);
        }
        while (prompts.Any(static prompt => !prompt.IsAtRest))
        {
            read = 0;
            scheduler.Step();
            Assert.InRange(read, 0, piece + prompts.Length); // and a row of each that has begun to write
        }
        Assert.False(writes.IsAtRest);
        scheduler.Remove(writes);
        foreach (Sequence sequence in (Sequence[])[writes, .. prompts]) sequence.Session.Dispose();
    }

    [Fact]
    public void A_prompt_of_whole_chunks_is_read_while_others_write()
    {
        Scheduler scheduler = new(_demo.Model); // pieces as long as a chunk: beside a row that is written none has room
        Sequence writes = Begin("It was a dark night, and the Count", most: 2000);
        scheduler.Add(writes);
        scheduler.Step();
        Sequence reads = Begin(string.Join(' ', Enumerable.Repeat("the wolves of the mountain", _demo.Model.ChunkTokens)), most: 2);
        scheduler.Add(reads);
        int steps = 0;
        while (!reads.IsAtRest && !writes.IsAtRest && scheduler.Step()) steps++;
        Assert.True(reads.IsAtRest, $"{reads.WaitingCount} tokens still wait after {steps} passes");
        Assert.False(writes.IsAtRest);
        scheduler.Remove(writes);
        writes.Session.Dispose();
        reads.Session.Dispose();
    }

    private (Sequence Sequence, List<int> Pieces) Watched(string prompt)
    {
        Sequence sequence = Begin(prompt);
        List<int> pieces = [];
        sequence.Read = pieces.Add;
        return (sequence, pieces);
    }

    private Sequence Begin(string prompt, int? context = null, bool write = true, int most = 20)
    {
        SessionOptions options =
            context is null ? new() { Window = 64, Sinks = 8 } : new() { Mode = MemoryMode.Full, ContextTokens = context };
        int[] ids = _demo.Tokenizer.Encode(prompt);
        GenerationOptions generation = new() { MaxTokens = most };
        Sequence sequence = new(_demo.Model.CreateSession(options), ids);
        if (write) sequence.Answer = sequence.NewAnswer(_demo.Tokenizer, generation);
        return sequence;
    }
}
