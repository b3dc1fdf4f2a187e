using System;
using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace AhnSharp.Quants;

/// <summary>
/// Scale and offset of 32 weights that are stored as scale·q + offset, q a whole number in 0..n: Q4_1, Q5_1 and
/// the sub-blocks of Q4_K and Q5_K.
/// </summary>
/// <remarks>
/// What is to be small is Σ m·(w − scale·q − offset)² with importance m = |w| + the root mean square of the 32. For each of some inverse
/// scales around the one that spreads the weights over 0..n, all weights are rounded to q; the line of least squares through the points (q,
/// w) is that candidate's scale and offset, and the candidate with the smallest sum wins.
/// Search and importance are ggml's idea (d99724f2, ggml-quants.c, make_qkx2_quants); there Q4_1 and Q5_1 do without.
/// </remarks>
internal static class AffineSearch
{
    // One q that differs by 1 from 31 others of 31 gives 3e-5; sums of 32 floats that should be equal differ by 1e-6.
    private const float Flat = 4e-6f;

    /// <param name="w">32 weights.</param>
    /// <param name="importance">Of each, see <see cref="Weigh"/>.</param>
    /// <param name="n">The largest q.</param>
    /// <param name="firstTenths">The first candidate spreads the weights over n + firstTenths/10 steps.</param>
    /// <param name="lastTenths">The last one over n + lastTenths/10; one candidate a tenth.</param>
    /// <param name="belowZero">Whether the offset must not be above 0, as in the K formats.</param>
    public static (float Scale, float Offset) Line(
        ReadOnlySpan<float> w, ReadOnlySpan<float> importance, int n, int firstTenths, int lastTenths, bool belowZero)
    {
        float lowest = TensorPrimitives.Min(w), highest = TensorPrimitives.Max(w);
        if (MathF.Max(highest, -lowest) < Lanes.Negligible) return (0, 0);
        if (belowZero) lowest = MathF.Min(lowest, 0);
        float range = highest - lowest;
        if (range < Lanes.Negligible) return (0, lowest);

        // Measured from the lowest, so that a narrow range far from zero keeps its digits.
        Span<float> x = stackalloc float[w.Length];
        Vector256<float> from = Vector256.Create(lowest), sumsM = default, sumsX = default, sumsXx = default;
        for (int i = 0; i < w.Length; i += Lanes.Count)
        {
            Vector256<float> above = Lanes.Load(w, i) - from, m = Lanes.Load(importance, i), mx = m * above;
            above.CopyTo(x[i..]);
            sumsM += m;
            sumsX += mx;
            sumsXx += mx * above;
        }
        float sm = Lanes.Sum(sumsM), sx = Lanes.Sum(sumsX), sxx = Lanes.Sum(sumsXx), best = float.PositiveInfinity;
        (float scale, float offset) = (range / n, 0f);
        Vector256<float> high = Vector256.Create((float)n);
        for (int tenths = firstTenths; tenths <= lastTenths; tenths++)
        {
            Vector256<float> inverse = Vector256.Create((n + 0.1f * tenths) / range), sumsQ = default, sumsQq = default, sumsXq = default;
            for (int i = 0; i < w.Length; i += Lanes.Count)
            {
                Vector256<float> above = Lanes.Load(x, i), q = Lanes.Round(above * inverse, Vector256<float>.Zero, high),
                    mq = q * Lanes.Load(importance, i);
                sumsQ += mq;
                sumsQq += mq * q;
                sumsXq += mq * above;
            }
            float sq = Lanes.Sum(sumsQ), sqq = Lanes.Sum(sumsQq), sxq = Lanes.Sum(sumsXq), determinant = sm * sqq - sq * sq;
            if (determinant <= Flat * sm * sqq) continue;
            float slope = (sm * sxq - sx * sq) / determinant, start = (sqq * sx - sq * sxq) / determinant;
            if (belowZero && start > -lowest) (slope, start) = ((sxq + lowest * sq) / sqq, -lowest);     // the line through (0, 0)
            float error = sxx - 2 * (slope * sxq + start * sx) + slope * slope * sqq + 2 * slope * start * sq + start * start * sm;
            if (slope <= 0 || error >= best) continue;
            best = error;
            (scale, offset) = (slope, start);
        }
        return (scale, offset + lowest);
    }

    /// <summary>The importance of each weight: its magnitude and their root mean square.</summary>
    public static void Weigh(ReadOnlySpan<float> w, Span<float> importance)
    {
        Vector256<float> squares = default;
        for (int i = 0; i < w.Length; i += Lanes.Count) squares += Lanes.Load(w, i) * Lanes.Load(w, i);
        Vector256<float> size = Vector256.Create(MathF.Sqrt(Lanes.Sum(squares) / w.Length));
        for (int i = 0; i < w.Length; i += Lanes.Count) (Vector256.Abs(Lanes.Load(w, i)) + size).CopyTo(importance[i..]);
    }
}
