using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace AhnSharp.Tests.Generation;

/// <summary>
/// Do draws come from a distribution? Pearson's χ², with the limit that a right sampler passes with probability 1 − 10⁻⁵.
/// </summary>
internal static class ChiSquare
{
    /// <param name="expected">Probability of each id.</param>
    /// <param name="draws">How often each id was drawn.</param>
    public static void AssertDrawnFrom(IReadOnlyDictionary<int, double> expected, IReadOnlyDictionary<int, int> draws)
    {
        int total = draws.Values.Sum();
        foreach (int id in draws.Keys)
            Assert.True(expected.GetValueOrDefault(id) > 0, $"token {id} was drawn {draws[id]} times and cannot be");
        double statistic = 0, restExpected = 0, restDrawn = 0;
        int cells = 0;
        foreach ((int id, double probability) in expected)
        {
            double wanted = probability * total;
            // Cells of fewer than five expected draws are counted together.
            if (wanted < 5)
            {
                restExpected += wanted;
                restDrawn += draws.GetValueOrDefault(id);
                continue;
            }
            statistic += Math.Pow(draws.GetValueOrDefault(id) - wanted, 2) / wanted;
            cells++;
        }
        if (restExpected > 0)
        {
            statistic += Math.Pow(restDrawn - restExpected, 2) / Math.Max(restExpected, 1e-9);
            cells++;
        }
        // Wilson and Hilferty: the cube root of χ²/k is nearly normal; 4.265 standard deviations leave 10⁻⁵.
        double k = Math.Max(1, cells - 1), v = 2 / (9 * k);
        double limit = k * Math.Pow(1 - v + 4.265 * Math.Sqrt(v), 3);
        Assert.True(cells == 1 || statistic <= limit, $"χ² = {statistic:F1} over {cells} cells, at most {limit:F1}");
    }
}
