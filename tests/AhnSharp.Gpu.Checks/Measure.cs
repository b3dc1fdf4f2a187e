using System;
using AhnSharp.Checks;

namespace AhnSharp.Gpu.Checks;

/// <summary>How far numbers are from what they should be.</summary>
internal static class Measure
{
    /// <summary>Σ(found − expected)² / Σ expected²; infinite where a number is not finite.</summary>
    public static double SquaredError(ReadOnlySpan<float> found, ReadOnlySpan<float> expected)
    {
        double difference = 0, size = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            if (!float.IsFinite(found[i])) return double.PositiveInfinity;
            difference += ((double)found[i] - expected[i]) * ((double)found[i] - expected[i]);
            size += (double)expected[i] * expected[i];
        }
        return difference == 0 ? 0 : difference / size;
    }

    /// <summary>Fails where the normalised squared error is above <paramref name="most"/>.</summary>
    public static void Demand(ReadOnlySpan<float> found, ReadOnlySpan<float> expected, double most, string what)
    {
        double error = SquaredError(found, expected);
        if (!(error <= most))
            throw new CheckFailedException($"{what}: expected a normalised squared error of at most {most:e1}, found {error:e2}");
    }

    public static float[] Random(int seed, int count, float scale = 1)
    {
        Random random = new(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) values[i] = scale * (float)(random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5);
        return values;
    }
}
