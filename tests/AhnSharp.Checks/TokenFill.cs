using System;
using AhnSharp.Kernels;

namespace AhnSharp.Checks;

/// <summary>Activations that a kernel is checked with.</summary>
internal static class TokenFill
{
    /// <summary>Gaussian-like values with an outlier now and then.</summary>
    public static Activations Random(int tokens, int columns, int seed)
    {
        var random = new Random(seed);
        var x = new Activations();
        x.Reshape(tokens, columns);
        foreach (ref float value in x.Values)
        {
            value = (float)(random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5);
            if (random.Next(50) == 0) value *= 8;
        }
        return x;
    }

    /// <summary>Every value at the end of the int8 range, the signs by token: all plus, all minus, alternating by 1, 2 and 4.</summary>
    public static Activations Extreme(int tokens, int columns)
    {
        var x = new Activations();
        x.Reshape(tokens, columns);
        for (int t = 0; t < tokens; t++)
        {
            Span<float> row = x.Row(t);
            for (int k = 0; k < columns; k++)
            {
                bool minus = (t % 5) switch { 0 => false, 1 => true, 2 => k % 2 == 1, 3 => k / 2 % 2 == 1, _ => k / 4 % 2 == 1 };
                row[k] = minus ? -2.5f : 2.5f;
            }
        }
        return x;
    }
}
