using System;

namespace AhnSharp.Evaluation;

/// <summary>Numbers summed up: mean with its error, and percentiles.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="StandardError">Standard error of the mean, as of independent draws; 0 for a single number.</param>
/// <param name="Median">Half lie below.</param>
/// <param name="Percent99">99 in 100 lie below.</param>
/// <param name="Percent999">999 in 1,000 lie below.</param>
/// <param name="Largest">The largest.</param>
public readonly record struct Distribution(
    double Mean, double StandardError, double Median, double Percent99, double Percent999, double Largest)
{
    /// <summary>Of at least one number.</summary>
    public static Distribution Of(ReadOnlySpan<double> values)
    {
        if (values.IsEmpty) throw new ArgumentException("Expected at least one number, found none.", nameof(values));
        double[] sorted = values.ToArray();
        Array.Sort(sorted);
        // From the smallest on, so that a few large ones do not swallow the many small.
        double sum = 0, squares = 0;
        foreach (double value in sorted) sum += value;
        double mean = sum / sorted.Length;
        foreach (double value in sorted) squares += (value - mean) * (value - mean);
        double error = sorted.Length > 1 ? Math.Sqrt(squares / (sorted.Length - 1) / sorted.Length) : 0;
        return new Distribution(mean, error, Quantile(sorted, 0.5), Quantile(sorted, 0.99), Quantile(sorted, 0.999), sorted[^1]);
    }

    /// <summary>Linear between the two neighbours of place share · (n − 1).</summary>
    private static double Quantile(double[] sorted, double share)
    {
        double place = share * (sorted.Length - 1);
        int below = (int)place;
        return below + 1 < sorted.Length ? sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]) : sorted[below];
    }
}
