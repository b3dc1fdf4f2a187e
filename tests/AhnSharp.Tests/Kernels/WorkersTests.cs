using System;
using System.Linq;
using System.Threading;
using AhnSharp.Kernels;
using Xunit;

namespace AhnSharp.Tests.Kernels;

public sealed class WorkersTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void Each_item_is_run_once(int threads)
    {
        using var workers = new Workers(threads);
        for (int items = 0; items < 40; items++)
        {
            var work = new Counting(items, threads);
            for (int i = 0; i < 20; i++) workers.Run(work, items);
            Assert.All(work.Runs, runs => Assert.Equal(20, runs));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_failure_reaches_the_caller_and_the_team_works_on(int threads)
    {
        using var workers = new Workers(threads);
        for (int i = 0; i < 50; i++)
        {
            InvalidOperationException e = Assert.Throws<InvalidOperationException>(() => workers.Run(new Failing(i), 50));
            Assert.Equal($"item {i}", e.Message);
            var work = new Counting(50, threads);
            workers.Run(work, 50);
            Assert.Equal(50, work.Runs.Sum());
        }
    }

    [Fact]
    public void Threads_that_fell_asleep_are_woken()
    {
        using var workers = new Workers(3);
        for (int i = 0; i < 30; i++)
        {
            Thread.Sleep(3);
            // Both others must come: each item waits until all three are being run.
            var work = new Meeting(3);
            workers.Run(work, 3);
            Assert.True(work.Met);
        }
    }

    [Fact]
    public void The_default_count_is_at_least_one_and_at_most_the_processors() =>
        Assert.InRange(Workers.DefaultCount, 1, Environment.ProcessorCount);

    [Fact]
    public void A_team_that_is_disposed_twice_ends_once()
    {
        var workers = new Workers(2);
        workers.Dispose();
        workers.Dispose();
    }

    private sealed class Counting(int items, int threads) : IWork
    {
        public int[] Runs { get; } = new int[items];

        public void Run(int item, int worker)
        {
            Assert.InRange(worker, 0, threads - 1);
            Interlocked.Increment(ref Runs[item]);
        }
    }

    private sealed class Failing(int failing) : IWork
    {
        public void Run(int item, int worker)
        {
            if (item == failing) throw new InvalidOperationException($"item {item}");
        }
    }

    private sealed class Meeting(int count) : IWork
    {
        private int _arrived;

        public bool Met => _arrived == count;

        public void Run(int item, int worker)
        {
            Interlocked.Increment(ref _arrived);
            if (!SpinWait.SpinUntil(() => Volatile.Read(ref _arrived) == count, TimeSpan.FromSeconds(30)))
            {
                throw new TimeoutException("A thread of the team was not woken.");
            }
        }
    }
}
