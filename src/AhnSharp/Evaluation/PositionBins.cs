using System;
using System.Collections.Generic;

namespace AhnSharp.Evaluation;

/// <summary>
/// Runs of positions that grow with the position, so that the beginning of a text keeps its detail and its end loses its noise.
/// </summary>
public static class PositionBins
{
    private const int First = 128;

    /// <summary>
    /// (start, tokens) of runs over <paramref name="tokens"/> positions: the first 128, then two to each doubling; a last run shorter
    /// than half joins its neighbour.
    /// </summary>
    public static IReadOnlyList<(int Start, int Tokens)> Over(int tokens)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tokens, 1);
        var bins = new List<(int Start, int Tokens)>();
        for (int i = 0, start = 0; start < tokens; i++)
        {
            double edge = First * Math.Pow(2, i / 2.0), next = First * Math.Pow(2, (i + 1) / 2.0);
            int end = (int)Math.Min(edge, tokens);
            if (tokens - end < (next - edge) / 2) end = tokens;
            bins.Add((start, end - start));
            start = end;
        }
        return bins;
    }

    /// <summary>
    /// Where a run is drawn on a logarithmic axis: the geometric middle of its ends; the first one, which begins at 0, at its half.
    /// </summary>
    public static double Middle((int Start, int Tokens) bin) =>
        bin.Start == 0 ? bin.Tokens / 2.0 : Math.Sqrt(bin.Start * (double)(bin.Start + bin.Tokens));
}
