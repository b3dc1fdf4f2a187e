using System;
using System.Collections.Generic;
using System.Diagnostics;
using AhnSharp.Attention;
using AhnSharp.Cpu;
using AhnSharp.Sessions;

namespace AhnSharp.Checks;

/// <summary>
/// A long text takes what a short one takes: nothing is allocated once window and chunk are full, and the logits stay right.
/// </summary>
public static class FlatChecks
{
    private const int Chunk = 128;

    public static IEnumerable<Check> All()
    {
        foreach (string kind in GoldenModel.Kinds)
        {
            yield return new Check(
                $"{kind}: 20 × (W + S) tokens allocate nothing after W + S + chunk, and end in the logits of a fresh session", null,
                () => Run(kind));
        }
    }

    private static void Run(string kind)
    {
        using CpuModel model = GoldenModel.Load(kind, 2);
        var options = new SessionOptions { Window = GoldenModel.Window, Sinks = GoldenModel.Sinks, Kv = KvType.F32 };
        using LanguageSession session = model.CreateSession(options), fresh = model.CreateSession(options);
        int[] ids = new int[20 * (GoldenModel.Window + GoldenModel.Sinks)];
        for (int i = 0; i < ids.Length; i++) ids[i] = GoldenModel.Ids[i % GoldenModel.Tokens];
        Feed(model, session, ids); // once before, so that the compiler has done with every path
        session.Reset();
        int at = GoldenModel.Window + GoldenModel.Sinks + Chunk;
        model.Forward(session, ids.AsSpan(0, at));
        long state = session.StateBytes, resident = Process.GetCurrentProcess().WorkingSet64;
        long before = GC.GetTotalAllocatedBytes(precise: true);
        Feed(model, session, ids.AsSpan(at));
        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        if (allocated != 0)
        {
            throw new CheckFailedException(
                $"expected no allocation on the managed heap, found {allocated} bytes over {ids.Length - at} tokens");
        }
        if (session.StateBytes != state)
            throw new CheckFailedException($"expected {state} bytes of state as before, found {session.StateBytes}");
        long residentNow = Process.GetCurrentProcess().WorkingSet64;
        if (residentNow > resident * 1.01)
            throw new CheckFailedException($"expected resident memory within 1 % of {resident}, found {residentNow}");

        model.Forward(fresh, ids);
        double difference = 0, size = 0;
        for (int v = 0; v < GoldenModel.Vocabulary; v++)
        {
            difference += Math.Pow(fresh.LastLogits[v] - session.LastLogits[v], 2);
            size += Math.Pow(fresh.LastLogits[v], 2);
        }
        if (!(Math.Sqrt(difference / size) <= 1e-5))
            throw new CheckFailedException($"the logits of a fresh session differ by {Math.Sqrt(difference / size):e2}");
    }
    private static void Feed(CpuModel model, LanguageSession session, ReadOnlySpan<int> ids)
    {
        for (int at = 0; at < ids.Length;)
        {
            int count = at % 3 == 0 ? 1 : Math.Min(Chunk, ids.Length - at);
            model.Forward(session, ids.Slice(at, count));
            at += count;
        }
    }
}
