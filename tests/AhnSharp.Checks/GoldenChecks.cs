using System;
using System.Collections.Generic;
using AhnSharp.Attention;
using AhnSharp.Cpu;
using AhnSharp.Model;
using AhnSharp.Sessions;

namespace AhnSharp.Checks;

/// <summary>The whole network against logits that a double-precision statement of the mathematics gave: relative L2 error ≤ 1e-5.</summary>
public static class GoldenChecks
{
    private static readonly (string Name, int[] Pieces)[] s_cuts =
    [
        ("one prefill", [GoldenModel.Tokens]),
        ("pieces of 1, 7, 64, 100", [1, 7, 64, 100]),
        ("pieces longer than W + S", [91, 77]),
        ("token by token", [1]),
    ];

    public static IEnumerable<Check> All(params int[] threadCounts)
    {
        foreach (int threads in threadCounts)
        {
            foreach ((string name, MemoryMode mode, string? kind) in Modes())
            {
                foreach ((string cut, int[] pieces) in s_cuts)
                {
                    yield return new Check($"golden {name}, {cut}, {threads} threads", null, () => Compare(name, mode, kind, pieces, threads));
                }
            }
        }
    }

    private static IEnumerable<(string Name, MemoryMode Mode, string? Kind)> Modes()
    {
        yield return ("full", MemoryMode.Full, null);
        yield return ("window", MemoryMode.Window, null);
        foreach (string kind in GoldenModel.Kinds) yield return (kind, MemoryMode.Ahn, kind);
    }

    private static void Compare(string name, MemoryMode mode, string? kind, int[] pieces, int threads)
    {
        using CpuModel model = GoldenModel.Load(kind, threads);
        using LanguageSession session = model.CreateSession(
            new SessionOptions { Mode = mode, Window = GoldenModel.Window, Sinks = GoldenModel.Sinks, Kv = KvType.F32 });
        float[] expected = GoldenModel.Expected(name);
        double difference = 0, size = 0;
        int start = 0;
        for (int i = 0; start < GoldenModel.Tokens; i++)
        {
            int count = Math.Min(pieces[i % pieces.Length], GoldenModel.Tokens - start);
            model.Forward(session, GoldenModel.Ids.AsSpan(start, count), (index, logits) =>
            {
                int row = Array.IndexOf(GoldenModel.Rows, start + index);
                if (row < 0) return;
                for (int v = 0; v < logits.Length; v++)
                {
                    double e = expected[row * GoldenModel.Vocabulary + v];
                    difference += (e - logits[v]) * (e - logits[v]);
                    size += e * e;
                }
            });
            start += count;
        }
        double error = Math.Sqrt(difference / size);
        if (!(error <= 1e-5)) throw new CheckFailedException($"expected a relative error of the logits of at most 1e-5, found {error:e2}");
    }
}
