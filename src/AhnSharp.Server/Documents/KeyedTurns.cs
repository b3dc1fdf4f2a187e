using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace AhnSharp.Server.Documents;

/// <summary>One at a time for each key, in the order in which they come.</summary>
internal sealed class KeyedTurns
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Queue> _queues = new(StringComparer.Ordinal);

    /// <summary>Waits for a turn, which ends when it is disposed.</summary>
    public async Task<IDisposable> EnterAsync(string key, CancellationToken cancellation)
    {
        Queue queue;
        lock (_gate)
        {
            if (!_queues.TryGetValue(key, out queue!)) _queues[key] = queue = new Queue();
            queue.Users++;
        }
        try
        {
            await queue.Turn.WaitAsync(cancellation).ConfigureAwait(false);
            return new Turn(this, key, queue);
        }
        catch
        {
            Leave(key, queue);
            throw;
        }
    }

    private void Leave(string key, Queue queue)
    {
        lock (_gate)
        {
            if (--queue.Users > 0) return;
            _queues.Remove(key);
            queue.Turn.Dispose();
        }
    }

    private sealed class Queue
    {
        public SemaphoreSlim Turn { get; } = new(1);

        public int Users { get; set; }
    }

    private sealed class Turn(KeyedTurns turns, string key, Queue queue) : IDisposable
    {
        public void Dispose()
        {
            queue.Turn.Release();
            turns.Leave(key, queue);
        }
    }
}
