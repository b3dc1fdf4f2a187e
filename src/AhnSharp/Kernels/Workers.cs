using System;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Threading;
using AhnSharp.Machine;

namespace AhnSharp.Kernels;

/// <summary>A piece of work that is cut into items, each run once by one thread of the team.</summary>
internal interface IWork
{
    /// <summary>
    /// Does item <paramref name="item"/>; <paramref name="worker"/> in 0..Count-1 picks scratch that no other thread uses now.
    /// </summary>
    void Run(int item, int worker);
}

/// <summary>The thread team: runs the items of one piece of work at a time on all its threads, the caller's among them.</summary>
/// <remarks>
/// Each thread starts on its own contiguous share (long reads from memory run twice as fast as alternate 4 KiB pieces, facts: 47
/// against 20 GB/s) and then takes from the end of others' shares, so that both cores finish together. Which thread ran an item never
/// shows in the numbers. A thread that the system wakes only after the others have done everything is not waited for: on a busy machine
/// 100,000 tiny runs took 1 s instead of 81 s. Between pieces of work the threads spin for about 100 microseconds, then sleep. Run
/// allocates nothing. One caller at a time: callers on several threads must take turns (CpuModel does).
/// </remarks>
internal sealed class Workers : IDisposable
{
    private const int SpinsBeforeSleep = 500;
    private const int Closed = 1 << 30;
    private const int Padding = 16; // longs: shares lie 128 bytes apart, so that two threads never write to one cache line
    private readonly Thread[] _threads;
    private readonly long[] _shares; // low 32 bits: next item; high 32 bits: end
    private readonly object _gate = new();
    private IWork? _work;
    private ExceptionDispatchInfo? _failure;
    private int _epoch;
    private int _sleeping;
    private int _slept; // threads that have gone to sleep for the first time; under _gate
    private int _joined = Closed; // threads that are at the work now; the bit Closed lets no more in
    private volatile bool _stopping;

    /// <summary>Starts a team of <paramref name="count"/> threads, the caller's included.</summary>
    public Workers(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Count = count;
        _shares = new long[(count + 1) * Padding];
        _threads = new Thread[count - 1];
        for (int i = 0; i < _threads.Length; i++)
        {
            int worker = i + 1;
            _threads[i] = new Thread(() => Loop(worker)) { IsBackground = true, Name = $"ahn worker {worker}" };
            _threads[i].Start();
        }
        SleepOnce();
    }

    /// <summary>Threads in the team, the caller's included.</summary>
    public int Count { get; }

    /// <summary>What is told where the time goes; null: nothing is. Set while no work runs.</summary>
    public StepProfile? Profile { get; set; }

    /// <summary>One thread per physical core.</summary>
    public static int DefaultCount => Cores.Here.Threads;

    /// <summary>
    /// Runs items 0..<paramref name="items"/>-1 of <paramref name="work"/> and returns when all are done; a failure of any is thrown here.
    /// </summary>
    public void Run(IWork work, int items)
    {
        if (items <= 0) return;
        if (Count == 1 || items == 1)
        {
            for (int i = 0; i < items; i++) work.Run(i, 0);
            return;
        }
        for (int w = 0; w < Count; w++)
        {
            long from = (long)items * w / Count, to = (long)items * (w + 1) / Count;
            Volatile.Write(ref _shares[(w + 1) * Padding], to << 32 | from);
        }
        Profile?.BeginRun(Count);
        _work = work;
        Volatile.Write(ref _joined, 0);
        Interlocked.Increment(ref _epoch);
        if (Volatile.Read(ref _sleeping) > 0)
        {
            lock (_gate) Monitor.PulseAll(_gate);
        }
        Work(work, 0);
        Interlocked.Or(ref _joined, Closed);
        SpinWait spin = default;
        while (Volatile.Read(ref _joined) != Closed) spin.SpinOnce(sleep1Threshold: -1);
        _work = null;
        Profile?.EndRun(Count);
        if (_failure is { } failure)
        {
            _failure = null;
            failure.Throw();
        }
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        if (_stopping) return;
        _stopping = true;
        Interlocked.Increment(ref _epoch);
        lock (_gate) Monitor.PulseAll(_gate);
        foreach (Thread thread in _threads) thread.Join();
    }

    // The first sleep of a thread makes the object that it waits on (120 bytes in an image compiled ahead of time), and the first wait for
    // a lock makes the lock's. Both come here, at a millisecond for the team, so that no run allocates, however busy the machine is.
    private void SleepOnce()
    {
        if (_threads.Length == 0) return;
        while (true)
        {
            lock (_gate)
            {
                if (_slept == _threads.Length)
                {
                    Interlocked.Increment(ref _epoch);
                    long contended = Monitor.LockContentionCount;
                    Monitor.PulseAll(_gate);
                    // Who wakes finds the lock taken, and waits for it: after 1 to 12 ms here, after more than 20 on an emulated
                    // processor beside compilers, so it has a second.
                    for (int i = 0; i < 1000 && (i == 0 || Monitor.LockContentionCount == contended); i++) Thread.Sleep(1);
                    return;
                }
            }
            Thread.Yield();
        }
    }

    private void Loop(int worker)
    {
        int seen = 0;
        lock (_gate)
        {
            _slept++;
            Monitor.Wait(_gate);
        }
        while (true)
        {
            int spins = 0;
            while (Volatile.Read(ref _epoch) == seen)
            {
                if (++spins < SpinsBeforeSleep) Thread.SpinWait(8);
                else Sleep(seen);
            }
            seen = Volatile.Read(ref _epoch);
            if (_stopping) return;
            if (!TryJoin()) continue;
            Work(_work!, worker);
            Interlocked.Decrement(ref _joined);
        }
    }

    // _work and _shares are written before the work is opened and stay until everybody who joined has left.
    private bool TryJoin()
    {
        while (true)
        {
            int joined = Volatile.Read(ref _joined);
            if ((joined & Closed) != 0) return false;
            if (Interlocked.CompareExchange(ref _joined, joined + 1, joined) == joined) return true;
        }
    }

    // Interlocked.Increment of _sleeping here and of _epoch in Run are full fences: one of the two sees the other, so no wake-up is lost.
    private void Sleep(int seen)
    {
        Interlocked.Increment(ref _sleeping);
        lock (_gate)
        {
            while (Volatile.Read(ref _epoch) == seen) Monitor.Wait(_gate);
        }
        Interlocked.Decrement(ref _sleeping);
    }

    private void Work(IWork work, int worker)
    {
        StepProfile? profile = Profile;
        long started = profile is null ? 0 : Stopwatch.GetTimestamp();
        try
        {
            for (int other = 0; other < Count; other++)
            {
                ref long share = ref _shares[((worker + other) % Count + 1) * Padding];
                while (TryTake(ref share, fromFront: other == 0, out int item)) work.Run(item, worker);
            }
        }
#pragma warning disable CA1031 // Whatever an item throws must reach the caller of Run, not end the process from a worker thread.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(e), null);
        }
        profile?.Busy(worker, Stopwatch.GetTimestamp() - started);
    }

    private static bool TryTake(ref long share, bool fromFront, out int item)
    {
        while (true)
        {
            long old = Volatile.Read(ref share);
            int next = (int)old, end = (int)(old >> 32);
            item = fromFront ? next : end - 1;
            if (next >= end) return false;
            long taken = fromFront ? (long)end << 32 | (uint)(next + 1) : (long)(end - 1) << 32 | (uint)next;
            if (Interlocked.CompareExchange(ref share, taken, old) == old) return true;
        }
    }
}
