using System;

namespace AhnSharp.Measurement;

/// <summary>A median and an interval around it that needs no assumption about how the samples are distributed.</summary>
/// <param name="Median">Of the samples.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
/// <param name="Confidence">The true median lies inside with at least this probability; below 0.95 only where there are
/// too few samples for more.</param>
internal readonly record struct MedianInterval(double Median, double Low, double High, double Confidence)
{
    /// <summary>95 % by order statistics: how many of n independent samples lie below the true median is binomial (n, ½).</summary>
    public static MedianInterval Of(ReadOnlySpan<double> samples)
    {
        double median = SampleSummary.Of(samples).Median;
        double[] sorted = samples.ToArray();
        Array.Sort(sorted);
        int n = sorted.Length, rank = 0; // samples left out at each end
        double below = 0, logTerm = -n * Math.Log(2), outside = 0;
        while (2 * (rank + 1) < n)
        {
            below += Math.Exp(logTerm);
            if (2 * below > 0.05) break;
            logTerm += Math.Log((double)(n - rank) / (rank + 1));
            outside = 2 * below;
            rank++;
        }
        // The interval from the (rank)th smallest on misses the median where fewer than rank samples lie on one side of it.
        return rank == 0
            ? new MedianInterval(median, sorted[0], sorted[^1], 1 - 2 * Math.Pow(0.5, n))
            : new MedianInterval(median, sorted[rank - 1], sorted[n - rank], 1 - outside);
    }
}
