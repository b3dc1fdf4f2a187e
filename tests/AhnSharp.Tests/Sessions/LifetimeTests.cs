using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using AhnSharp.Tests.Model;
using Xunit;

namespace AhnSharp.Tests.Sessions;

/// <summary>Whatever the order of calls on whatever threads: a sentence or a right result, never freed memory.</summary>
public sealed class LifetimeTests
{
    private static readonly SessionOptions s_small = new() { Window = 40, Sinks = 4 };

    [Fact]
    public async Task Disposing_a_session_in_the_middle_of_a_pass_waits_for_its_end()
    {
        using var file = new TinyModelFile(ForkTests.Tiny(HippocampusKind.DeltaNet), chunk: 64);
        LanguageSession session = file.Model.CreateSession(s_small);
        using ManualResetEventSlim inside = new(), go = new();
        file.Model.Stage.BeforeLayer = n =>
        {
            if (n != 1) return;
            inside.Set();
            go.Wait();
        };
        Task pass = Task.Run(() => file.Model.Forward(session, SessionTests.Ids(60, 1)));
        inside.Wait();
        Task disposing = Task.Run(session.Dispose);
        Assert.NotSame(disposing, await Task.WhenAny(disposing, Task.Delay(100)));
        go.Set();
        await pass;
        await disposing;
        file.Model.Stage.BeforeLayer = null;
        Assert.Throws<ObjectDisposedException>(() => file.Model.Forward(session, [1]));
        Assert.Throws<ObjectDisposedException>(session.Fork);
        Assert.Throws<ObjectDisposedException>(session.Describe);
        Assert.Throws<ObjectDisposedException>(() => session.Save(Stream.Null));
        Assert.Throws<ObjectDisposedException>(() => session.ReadTokens());
        Assert.Throws<ObjectDisposedException>(session.Reset);
        session.Dispose();
    }

    [Fact]
    public void Whoever_reads_logits_cannot_pull_the_session_from_under_the_pass()
    {
        using var file = new TinyModelFile(ForkTests.Tiny(HippocampusKind.GatedDeltaNet), chunk: 64);
        using LanguageSession session = file.Model.CreateSession(s_small);
        List<Type> refused = [];
        file.Model.Forward(session, [1, 2, 3], (_, _) =>
        {
            foreach (Action action in new Action[]
            {
                session.Dispose, session.Reset, () => session.Fork().Dispose(), () => session.Save(Stream.Null),
            })
                refused.Add(Record.Exception(action)!.GetType());
        });
        Assert.Equal(12, refused.Count);
        Assert.All(refused, type => Assert.Equal(typeof(InvalidOperationException), type));
        Assert.Equal(3, session.Position);
    }

    [Fact]
    public void Eight_threads_of_random_calls_on_shared_sessions_find_no_freed_memory()
    {
        TimeSpan time = double.TryParse(
            Environment.GetEnvironmentVariable("AHN_LIFETIME_MINUTES"), CultureInfo.InvariantCulture, out double minutes)
            ? TimeSpan.FromMinutes(minutes)
            : TimeSpan.FromSeconds(LongForm.Or(8, 60));
        using var file = new TinyModelFile(ForkTests.Tiny(HippocampusKind.DeltaNet), chunk: 32);
        LanguageSession[] shared = [.. Enumerable.Range(0, 4).Select(_ => file.Model.CreateSession(s_small))];
        OnThreads(8, time, (_, random) => Act(file, shared, random));
        foreach (LanguageSession session in shared) session.Dispose();
    }

    /// <summary>Calls that may meet a disposed session or a cancellation, and nothing else, on threads for some time.</summary>
    /// <param name="count">Of the threads.</param>
    /// <param name="time">How long; every thread calls three times at least.</param>
    /// <param name="act">Is given the number of its thread, which is the seed of the other.</param>
    internal static void OnThreads(int count, TimeSpan time, Action<int, Random> act)
    {
        long started = Stopwatch.GetTimestamp();
        int[] done = new int[count];
        ConcurrentBag<Exception> failures = [];
        Thread[] threads = [.. Enumerable.Range(0, count).Select(number => new Thread(() =>
        {
            var random = new Random(number);
            while (Stopwatch.GetElapsedTime(started) < time || done[number] < 3)
            {
                Exception? failure = Record.Exception(() => act(number, random));
                if (failure is not (null or ObjectDisposedException or OperationCanceledException)) failures.Add(failure);
                done[number]++;
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Assert.Empty(failures);
    }

    private static void Act(TinyModelFile file, LanguageSession[] shared, Random random)
    {
        int place = random.Next(shared.Length);
        LanguageSession session = Volatile.Read(ref shared[place]);
        int[] ids = SessionTests.Ids(random.Next(1, 50), random.Next());
        switch (random.Next(11))
        {
            case 0:
                Interlocked.Exchange(ref shared[place], file.Model.CreateSession(s_small)).Dispose();
                break;
            case 1:
                session.Reset();
                break;
            case 2:
                Interlocked.Exchange(ref shared[place], session.Fork()).Dispose();
                break;
            case 3:
                using (MemoryStream saved = new())
                {
                    session.Save(saved);
                    saved.Position = 0;
                    Interlocked.Exchange(ref shared[place], file.Model.LoadSession(saved)).Dispose();
                }
                break;
            case 4:
                Assert.True(session.Describe().Tally.Seen >= 0);
                break;
            case 5:
                using (CancellationTokenSource soon = new(TimeSpan.FromMilliseconds(random.Next(1, 4))))
                    file.Model.Forward(session, ids, soon.Token);
                break;
            case 6:
                Assert.True(session.ReadTokens().Length >= 0 && session.LastLogits.Length > 0 && LanguageSession.BytesTogether(shared) > 0);
                break;
            default:
                LanguageSession other = Volatile.Read(ref shared[(place + 1) % shared.Length]);
                if (other == session) return;
                StepOutcome[] outcomes = new StepOutcome[2];
                file.Model.Step([new SequenceSlice(session, ids.AsMemory(0, 1)),
                    new SequenceSlice(other, ids.AsMemory(0, Math.Min(ids.Length, 31)))], outcomes);
                Assert.All(outcomes, outcome => Assert.True(outcome.Cause is null or ObjectDisposedException, outcome.Cause?.ToString()));
                break;
        }
    }
}
