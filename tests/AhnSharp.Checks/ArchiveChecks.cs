using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Checks;

/// <summary>
/// The archive against a double-precision statement of it: logits, chosen blocks, shares, however the text is cut and
/// however many threads there are.
/// </summary>
public static class ArchiveChecks
{
    /// <summary>How a text is cut.</summary>
    public static readonly (string Name, int[] Pieces)[] Cuts =
    [
        ("one prefill", [GoldenModel.Tokens]),
        ("pieces of 1, 7, 64, 100", [1, 7, 64, 100]),
        ("token by token", [1]),
    ];

    public static IEnumerable<Check> All(params int[] threadCounts)
    {
        foreach (int threads in threadCounts)
        {
            foreach (string kind in GoldenModel.Kinds)
            {
                foreach (ArchiveCase golden in ArchiveCase.All)
                {
                    foreach ((string Name, int[] Pieces) cut in Cuts) yield return Of(golden, kind, cut, threads);
                }
            }
        }
    }

    // What differs from one processor to another: floats and bytes, with and without a phase of reading, a reach without an archive.
    private static readonly string[] s_some = ["ask", "askw", "sinks", "reach8", "heads"];

    /// <summary>
    /// Five of the texts, with each kind of memory, each cut and both numbers of threads: 5 of 99. All 11 took 156 of the 255 s of an
    /// emulated processor.
    /// </summary>
    public static IEnumerable<Check> Some()
    {
        string[] kinds = GoldenModel.Kinds;
        for (int i = 0; i < s_some.Length; i++)
        {
            ArchiveCase golden = ArchiveCase.All.Single(golden => golden.Logits == s_some[i]);
            yield return Of(golden, kinds[i % kinds.Length], Cuts[(i + 1) % Cuts.Length], i % 2 == 0 ? 3 : 1);
        }
    }

    private static Check Of(ArchiveCase golden, string kind, (string Name, int[] Pieces) cut, int threads) =>
        new($"archive {kind} {golden.Logits}, {cut.Name}, {threads} threads", null, () => Compare(golden, kind, cut.Pieces, threads));

    private static void Compare(ArchiveCase golden, string kind, int[] pieces, int threads)
    {
        if (golden.Difference(kind, pieces, threads) is { } difference) throw new CheckFailedException(difference);
    }
}
