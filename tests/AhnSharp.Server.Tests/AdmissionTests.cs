using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Server.Http;
using AhnSharp.Server.Models;
using Xunit;

namespace AhnSharp.Server.Tests;

public sealed class AdmissionTests
{
    [Fact]
    public async Task Clients_have_their_turns_one_after_the_other()
    {
        Admission admission = new(1, 100);
        IDisposable first = await admission.EnterAsync("a", null, 0, default);
        List<string> order = [];
        List<Task> waiting = [];
        foreach (string client in (string[])["a", "a", "a", "b", "c", "b"])
        {
            waiting.Add(Task.Run(async () =>
            {
                using IDisposable turn = await admission.EnterAsync(client, null, 0, default);
                lock (order) order.Add(client);
            }));
            await UntilAsync(() => admission.Waiting == waiting.Count);
        }
        first.Dispose();
        await Task.WhenAll(waiting);
        Assert.Equal(["a", "b", "c", "a", "b", "a"], order);
        Assert.Equal((0, 0), (admission.Running, admission.Waiting));
    }

    [Fact]
    public async Task Priority_goes_first_and_a_limit_of_a_client_holds_nobody_else()
    {
        Admission admission = new(2, 100);
        IDisposable one = await admission.EnterAsync("a", 1, 0, default);
        Task<IDisposable> second = admission.EnterAsync("a", 1, 5, default);
        IDisposable other = await admission.EnterAsync("b", null, 0, default);
        Task<IDisposable> low = admission.EnterAsync("c", null, 0, default), high = admission.EnterAsync("d", null, 9, default);
        Assert.False(second.IsCompleted);
        other.Dispose();
        (await high).Dispose();
        (await low).Dispose();
        Assert.False(second.IsCompleted);
        one.Dispose();
        (await second).Dispose();
        Assert.Equal((0, 0), (admission.Running, admission.Waiting));
    }

    [Fact]
    public async Task Who_leaves_the_queue_leaves_nothing_behind()
    {
        Admission admission = new(1, 2);
        IDisposable running = await admission.EnterAsync("a", null, 0, default);
        using CancellationTokenSource leave = new();
        Task<IDisposable> left = admission.EnterAsync("b", null, 0, leave.Token), stays = admission.EnterAsync("c", null, 0, default);
        ApiException refused = await Assert.ThrowsAsync<ApiException>(() => admission.EnterAsync("d", null, 0, default));
        Assert.Equal((429, "queue_full"), (refused.Status, refused.Code));
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        Assert.Equal(1, admission.Waiting);
        running.Dispose();
        running.Dispose(); // a second time frees nothing more
        (await stays).Dispose();
        Assert.Equal((0, 0), (admission.Running, admission.Waiting));
    }

    [Fact]
    public async Task No_turn_is_lost_or_given_twice()
    {
        const int slots = 3;
        Admission admission = new(slots, int.MaxValue);
        int running = 0, most = 0, done = 0;
        await Task.WhenAll(Enumerable.Range(0, 400).Select(i => Task.Run(async () =>
        {
            using CancellationTokenSource leave = new();
            if (i % 5 == 0) leave.CancelAfter(i % 7);
            try
            {
                using IDisposable turn = await admission.EnterAsync($"client {i % 11}", i % 3 == 0 ? 1 : null, i % 2, leave.Token);
                int now = Interlocked.Increment(ref running);
                InterlockedMax(ref most, now);
                await Task.Yield();
                Interlocked.Decrement(ref running);
                Interlocked.Increment(ref done);
            }
            catch (OperationCanceledException)
            {
            }
        })));
        Assert.InRange(most, 1, slots);
        Assert.InRange(done, 320, 400);
        Assert.Equal((0, 0), (admission.Running, admission.Waiting));
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (int seen = Volatile.Read(ref most); seen < value; seen = Volatile.Read(ref most))
            Interlocked.CompareExchange(ref most, value, seen);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (int i = 0; i < 5000 && !condition(); i++) await Task.Delay(2);
        Assert.True(condition());
    }
}
