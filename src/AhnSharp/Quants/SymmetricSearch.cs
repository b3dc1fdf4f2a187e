using System;
using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace AhnSharp.Quants;

/// <summary>The scale d of weights that are stored as d·q, q a whole number in −n..n−1: Q4_0, Q5_0, Q6_K.</summary>
/// <remarks>
/// What is to be small is Σ m·(w − d·q)² with importance m = (w/max|w|)²: large weights carry most of a product. For each of 19 inverse scales that bring the
/// weight of largest magnitude to −n or up to 0.9 of a step beside it, all weights are rounded to q; the d that fits these q best is Σmwq/Σmq², and lowers the
/// sum from Σmw² by (Σmwq)²/Σmq². The candidate that lowers it most wins, the plain one (exactly −n) where others are no better.
/// The search by candidates is ggml's idea (d99724f2, ggml-quants.c, make_qx_quants); there Q4_0 and Q5_0 do without.
/// </remarks>
internal static class SymmetricSearch
{
    private const int TenthsEachWay = 9;

    // Sums of floats that should be equal differ by about as much; a constant block stays with the plain candidate.
    private const float Better = 1 + 1e-6f;

    /// <param name="w">16 or 32 weights.</param>
    /// <param name="n">2 to the power of bits − 1.</param>
    /// <returns>d, of either sign; 0 where all weights are so small that they are 0 in any block.</returns>
    public static float Scale(ReadOnlySpan<float> w, int n)
    {
        float extreme = TensorPrimitives.MaxMagnitude(w);
        if (MathF.Abs(extreme) < Lanes.Negligible) return 0;
        Span<float> importance = stackalloc float[w.Length];
        Vector256<float> perExtreme = Vector256.Create(1 / extreme);
        for (int i = 0; i < w.Length; i += Lanes.Count)
        {
            Vector256<float> part = Lanes.Load(w, i) * perExtreme;
            (part * part).CopyTo(importance[i..]);
        }

        float best = 0, scale = 0;
        Vector256<float> low = Vector256.Create((float)-n), high = Vector256.Create(n - 1f);
        for (int candidate = 0; candidate <= 2 * TenthsEachWay; candidate++)
        {
            int tenths = candidate % 2 == 0 ? candidate / 2 : -(candidate / 2) - 1;     // 0, −1, 1, −2, 2 …
            Vector256<float> inverse = Vector256.Create(-(n + 0.1f * tenths) / extreme), sumsWq = default, sumsQq = default;
            for (int i = 0; i < w.Length; i += Lanes.Count)
            {
                Vector256<float> x = Lanes.Load(w, i), q = Lanes.Round(x * inverse, low, high), mq = q * Lanes.Load(importance, i);
                sumsWq += mq * x;
                sumsQq += mq * q;
            }
            float wq = Lanes.Sum(sumsWq), qq = Lanes.Sum(sumsQq);
            if (wq * wq <= best * Better * qq) continue;
            scale = wq / qq;
            best = scale * wq;
        }
        return scale;
    }
}
