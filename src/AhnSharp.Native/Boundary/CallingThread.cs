using System;
using System.Threading;
using System.Threading.Tasks;

namespace AhnSharp.Native.Boundary;

/// <summary>Waits on the calling thread for work that runs elsewhere, and calls the caller's functions on that thread alone.</summary>
/// <remarks>The work stands still while a function of the caller runs: what it says is known before the next chunk begins.</remarks>
internal sealed class CallingThread(Action<ReadingProgress>? onProgress) : IProgress<ReadingProgress>
{
    private readonly object _gate = new();
    private ReadingProgress? _report;

    /// <summary>Where the engine reports to; null where nobody listens.</summary>
    internal IProgress<ReadingProgress>? Progress => onProgress is null ? null : this;

    /// <summary>Returns when the work has ended, or throws what it threw.</summary>
    internal void Wait(Task work)
    {
        if (onProgress is not null) Serve(work, onProgress);
        work.GetAwaiter().GetResult();
    }

    /// <summary>Returns or throws what the work does.</summary>
    internal T Wait<T>(Task<T> work)
    {
        Wait((Task)work);
        return work.Result;
    }

    /// <summary>From the thread of the work: waits until the caller was told.</summary>
    public void Report(ReadingProgress value)
    {
        lock (_gate)
        {
            _report = value;
            Monitor.PulseAll(_gate);
            while (_report is not null) Monitor.Wait(_gate);
        }
    }

    private void Serve(Task work, Action<ReadingProgress> tell)
    {
        _ = work.ContinueWith(
            _ =>
            {
                lock (_gate) Monitor.PulseAll(_gate);
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        while (true)
        {
            ReadingProgress report;
            lock (_gate)
            {
                while (_report is null && !work.IsCompleted) Monitor.Wait(_gate);
                if (_report is not { } waiting) return;
                report = waiting;
            }
            try
            {
                tell(report);
            }
            finally
            {
                lock (_gate)
                {
                    _report = null;
                    Monitor.PulseAll(_gate);
                }
            }
        }
    }
}
