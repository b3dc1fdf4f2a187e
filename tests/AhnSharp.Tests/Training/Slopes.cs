using System;
using System.Linq;
using Xunit;

namespace AhnSharp.Tests.Training;

/// <summary>Holds a gradient against central differences of the same operation in double precision.</summary>
internal static class Slopes
{
    private const double Step = 1e-6;

    /// <summary>Random numbers, exact in single precision.</summary>
    public static float[] Normals(Random random, int count, double scale = 1) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)(scale * GradientCase.Normal(random)))];

    /// <summary>The same in double.</summary>
    public static double[] Wide(float[] x) => Array.ConvertAll(x, value => (double)value);

    /// <summary>
    /// Every derivative where there are at most 64 of them, else those along the gradient itself and four random directions: relative to
    /// the
    /// gradient's length.
    /// </summary>
    /// <param name="name">For messages.</param>
    /// <param name="at">Where.</param>
    /// <param name="loss">The loss in double.</param>
    /// <param name="gradient">As the engine has it.</param>
    /// <param name="tolerance">Relative.</param>
    public static void Check(string name, float[] at, Func<double[], double> loss, ReadOnlySpan<float> gradient, double tolerance = 1e-5)
    {
        Assert.Equal(at.Length, gradient.Length);
        double[] g = Wide(gradient.ToArray());
        double norm = Math.Sqrt(g.Sum(x => x * x));
        Assert.True(norm > 0, $"{name}: no gradient at all");
        var random = new Random(at.Length);
        int count = at.Length <= 64 ? at.Length : 5;
        for (int i = 0; i < count; i++)
        {
            double[] direction = new double[at.Length];
            if (at.Length <= 64) direction[i] = 1;
            else if (i == 0) direction = [.. g.Select(x => x / norm)];
            else direction = [.. direction.Select(_ => (random.Next(2) * 2 - 1) / Math.Sqrt(at.Length))];
            double expected = (loss([.. at.Zip(direction, (x, d) => x + Step * d)]) - loss([.. at.Zip(direction, (x, d) => x - Step * d)]))
                / (2 * Step), found = g.Zip(direction, (a, b) => a * b).Sum();
            Assert.True(
                Math.Abs(expected - found) <= tolerance * norm,
                $"{name}, direction {i}: expected {expected:e6}, found {found:e6} of {norm:e3}");
        }
    }
}
