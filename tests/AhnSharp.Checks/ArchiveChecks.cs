using System.Collections.Generic;

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
                    foreach ((string cut, int[] pieces) in Cuts)
                    {
                        yield return new Check(
                            $"archive {kind} {golden.Logits}, {cut}, {threads} threads", null,
                            () => Compare(golden, kind, pieces, threads));
                    }
                }
            }
        }
    }

    /// <summary>A few of them, for emulated processors: floats, bytes under an index, and both phases.</summary>
    public static IEnumerable<Check> Short()
    {
        string kind = GoldenModel.Kinds[0];
        foreach (ArchiveCase golden in ArchiveCase.All)
        {
            if (golden.Logits is not ("arch" or "reach8" or "ask")) continue;
            yield return new Check($"archive {kind} {golden.Logits}, one prefill", null, () => Compare(golden, kind, Cuts[0].Pieces, 1));
        }
    }

    private static void Compare(ArchiveCase golden, string kind, int[] pieces, int threads)
    {
        if (golden.Difference(kind, pieces, threads) is { } difference) throw new CheckFailedException(difference);
    }
}
