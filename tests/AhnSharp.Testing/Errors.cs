using System;
using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Testing;

/// <summary>How far numbers are from what they should be.</summary>
internal static class Errors
{
    /// <summary>‖found − expected‖ / ‖expected‖; infinite where a number is not finite, or where the lengths differ.</summary>
    public static double RelativeL2(IEnumerable<double> found, IEnumerable<double> expected)
    {
        double[] f = [.. found], e = [.. expected];
        if (f.Length != e.Length || !f.All(double.IsFinite)) return double.PositiveInfinity;
        double difference = f.Zip(e, (a, b) => (a - b) * (a - b)).Sum(), size = e.Sum(x => x * x);
        return difference == 0 ? 0 : Math.Sqrt(difference / size);
    }

    /// <inheritdoc cref="RelativeL2(IEnumerable{double}, IEnumerable{double})"/>
    public static double RelativeL2(ReadOnlySpan<float> found, ReadOnlySpan<double> expected) =>
        RelativeL2(Array.ConvertAll(found.ToArray(), x => (double)x), expected.ToArray());
}
