using System;
using System.Diagnostics;
using AhnSharp.Hippocampus;
using AhnSharp.Model;
using Xunit;

namespace AhnSharp.Tests.Model;

/// <summary>Counts what all threads allocate, so no other test may run beside it.</summary>
[Collection(nameof(Alone))]
public class AllocationTests
{
    private const int W = 40, S = 4;

    [Theory]
    [MemberData(nameof(SessionTests.Kinds), MemberType = typeof(SessionTests))]
    public void NothingIsAllocatedAfterTheWindowIsFull(HippocampusKind kind)
    {
        const int Chunk = 64;
        using var file = new TinyModelFile(new TinyModel { Kind = kind }, threads: 2, chunk: Chunk);
        using Session session = file.Model.CreateSession(new SessionOptions { Window = W, Sinks = S });
        int[] ids = SessionTests.Ids(20 * (W + S), seed: 4);
        // The test host allocates a little by itself now and then; an engine that allocates does so in every attempt.
        long allocated = long.MaxValue, state = 0, resident = 0;
        for (int attempt = 0; attempt < 5 && allocated != 0; attempt++)
        {
            session.Reset();
            int at = W + S + Chunk;
            file.Model.Forward(session, ids.AsSpan(0, at));
            file.Model.Forward(session, ids.AsSpan(at++, 1)); // the one-row path, too, has run once
            state = session.StateBytes;
            resident = Process.GetCurrentProcess().WorkingSet64;
            long before = GC.GetTotalAllocatedBytes(precise: true);
            while (at < ids.Length)
            {
                int count = at % 3 == 0 ? 1 : Math.Min(Chunk, ids.Length - at);
                file.Model.Forward(session, ids.AsSpan(at, count));
                at += count;
            }
            allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        }
        Assert.Equal(0, allocated);
        Assert.Equal(state, session.StateBytes);
        Assert.InRange(Process.GetCurrentProcess().WorkingSet64, 0, resident * 1.01);

        using Session fresh = file.Model.CreateSession(new SessionOptions { Window = W, Sinks = S });
        file.Model.Forward(fresh, ids);
        Assert.True(SessionTests.RelativeError(fresh.LastLogits, session.LastLogits) < 1e-5);
    }
}
