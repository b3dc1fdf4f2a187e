using System.Collections.Generic;
using AhnSharp.Cpu;
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
            foreach (GoldenCase golden in GoldenCase.All)
            {
                foreach ((string Name, int[] Pieces) cut in s_cuts) yield return Of(golden, cut, threads);
            }
        }
    }

    /// <summary>Each model in the pieces that are single tokens and chunks, on one thread: every kernel that a pass has.</summary>
    public static IEnumerable<Check> Some()
    {
        foreach (GoldenCase golden in GoldenCase.All) yield return Of(golden, s_cuts[1], 1);
    }

    private static Check Of(GoldenCase golden, (string Name, int[] Pieces) cut, int threads) =>
        new($"golden {golden.Name}, {cut.Name}, {threads} threads", null, () => Compare(golden, cut.Pieces, threads));

    private static void Compare(GoldenCase golden, int[] pieces, int threads)
    {
        using CpuModel model = CpuModel.Load(
            golden.BasePath, golden.AdapterPath, new ModelOptions { Threads = threads, ChunkTokens = 128 });
        using LanguageSession session = model.CreateSession(golden.Session);
        double error = golden.Error(pieces, (ids, everyRow) => model.Forward(session, ids.Span, everyRow));
        if (!(error <= 1e-5)) throw new CheckFailedException($"expected a relative error of the logits of at most 1e-5, found {error:e2}");
    }
}
