using System;

namespace AhnSharp.Measurement;

/// <summary>Repeated measurements summed up.</summary>
/// <param name="Count">How many.</param>
/// <param name="Median">Half lie below; of an even number the mean of the two in the middle.</param>
/// <param name="Least">The smallest.</param>
/// <param name="Most">The largest.</param>
/// <param name="Mean">The mean.</param>
/// <param name="StandardDeviation">Of the sample (n − 1); 0 for one measurement.</param>
internal readonly record struct SampleSummary(int Count, double Median, double Least, double Most, double Mean, double StandardDeviation)
{
    /// <summary>Of at least one number.</summary>
    public static SampleSummary Of(ReadOnlySpan<double> samples)
    {
        if (samples.IsEmpty) throw new ArgumentException("Expected at least one measurement, found none.", nameof(samples));
        double[] sorted = samples.ToArray();
        Array.Sort(sorted);
        double sum = 0, squares = 0;
        foreach (double sample in sorted) sum += sample;
        double mean = sum / sorted.Length;
        foreach (double sample in sorted) squares += (sample - mean) * (sample - mean);
        double deviation = sorted.Length > 1 ? Math.Sqrt(squares / (sorted.Length - 1)) : 0;
        return new SampleSummary(
            sorted.Length, (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2, sorted[0], sorted[^1], mean, deviation);
    }
}
