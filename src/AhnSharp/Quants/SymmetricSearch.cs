using System;
using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace AhnSharp.Quants;

/// <summary>The scale d of weights that are stored as d·q, q a whole number in −n..n−1: Q4_0, Q5_0, Q6_K.</summary>
/// <remarks>
/// What is to be small is Σ (w − d·q)². For each of 19 inverse scales that bring the weight of largest magnitude to −n or up to 0.9 of a
/// step beside it, all weights are rounded to q; the d that fits these q best is Σwq/Σq², and lowers the sum from Σw² by (Σwq)²/Σq². The
/// candidate that lowers it most wins, the plain one (exactly −n) where others are no better.
/// The search by candidates is ggml's idea (d99724f2, ggml-quants.c, make_qx_quants; there Q4_0 and Q5_0 do without), which counts
/// a weight by its square: on the demo model that left Q4_0 a divergence from F32 of 0.105 nats per token instead of 0.091, and
/// Q6_K 0.0034 instead of 0.0033.
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
        float best = 0, scale = 0;
        Vector256<float> low = Vector256.Create((float)-n), high = Vector256.Create(n - 1f);
        for (int candidate = 0; candidate <= 2 * TenthsEachWay; candidate++)
        {
            int tenths = candidate % 2 == 0 ? candidate / 2 : -(candidate / 2) - 1;     // 0, −1, 1, −2, 2 …
            Vector256<float> inverse = Vector256.Create(-(n + 0.1f * tenths) / extreme), sumsWq = default, sumsQq = default;
            for (int i = 0; i < w.Length; i += Lanes.Count)
            {
                Vector256<float> x = Lanes.Load(w, i), q = Lanes.Round(x * inverse, low, high);
                sumsWq += q * x;
                sumsQq += q * q;
            }
            float wq = Lanes.Sum(sumsWq), qq = Lanes.Sum(sumsQq);
            if (wq * wq <= best * Better * qq) continue;
            scale = wq / qq;
            best = scale * wq;
        }
        return scale;
    }
}
