using System;

namespace AhnSharp.Tests.Quants;

/// <summary>
/// The scale searches said again without SIMD, one weight at a time: 8 running sums, added in the order that the encoders promise.
/// </summary>
internal static class ScalarEncoder
{
    private const float Negligible = 1f / (1 << 25);

    public static float SymmetricScale(ReadOnlySpan<float> w, int n)
    {
        float extreme = 0;
        foreach (float x in w)
        {
            if (Math.Abs(x) > Math.Abs(extreme) || (Math.Abs(x) == Math.Abs(extreme) && x > 0)) extreme = x;
        }
        if (Math.Abs(extreme) < Negligible) return 0;
        float best = 0, scale = 0;
        for (int candidate = 0; candidate <= 18; candidate++)
        {
            int tenths = candidate % 2 == 0 ? candidate / 2 : -(candidate / 2) - 1;
            float inverse = -(n + 0.1f * tenths) / extreme;
            Sums wq = new(), qq = new();
            for (int i = 0; i < w.Length; i++)
            {
                float q = Rounded(w[i] * inverse, -n, n - 1);
                wq.Add(i, q * w[i]);
                qq.Add(i, q * q);
            }
            if (wq.Total * wq.Total <= best * (1 + 1e-6f) * qq.Total) continue;
            scale = wq.Total / qq.Total;
            best = scale * wq.Total;
        }
        return scale;
    }

    public static float[] Importance(ReadOnlySpan<float> w)
    {
        Sums squares = new();
        for (int i = 0; i < w.Length; i++) squares.Add(i, w[i] * w[i]);
        float size = MathF.Sqrt(squares.Total / w.Length);
        float[] importance = new float[w.Length];
        for (int i = 0; i < w.Length; i++) importance[i] = Math.Abs(w[i]) + size;
        return importance;
    }

    public static (float Scale, float Offset) Line(ReadOnlySpan<float> w, float[] m, int n, int firstTenths, int lastTenths, bool belowZero)
    {
        float lowest = float.PositiveInfinity, highest = float.NegativeInfinity;
        foreach (float x in w) (lowest, highest) = (Math.Min(lowest, x), Math.Max(highest, x));
        if (Math.Max(highest, -lowest) < Negligible) return (0, 0);
        if (belowZero) lowest = Math.Min(lowest, 0);
        float range = highest - lowest;
        if (range < Negligible) return (0, lowest);

        Sums sm = new(), sx = new(), sxx = new();
        for (int i = 0; i < w.Length; i++)
        {
            float above = w[i] - lowest, mx = m[i] * above;
            sm.Add(i, m[i]);
            sx.Add(i, mx);
            sxx.Add(i, mx * above);
        }
        (float scale, float offset, float best) = (range / n, 0, float.PositiveInfinity);
        for (int tenths = firstTenths; tenths <= lastTenths; tenths++)
        {
            float inverse = (n + 0.1f * tenths) / range;
            Sums sq = new(), sqq = new(), sxq = new();
            for (int i = 0; i < w.Length; i++)
            {
                float above = w[i] - lowest, q = Rounded(above * inverse, 0, n), mq = q * m[i];
                sq.Add(i, mq);
                sqq.Add(i, mq * q);
                sxq.Add(i, mq * above);
            }
            float determinant = sm.Total * sqq.Total - sq.Total * sq.Total;
            if (determinant <= 4e-6f * sm.Total * sqq.Total) continue;
            float slope = (sm.Total * sxq.Total - sx.Total * sq.Total) / determinant,
                start = (sqq.Total * sx.Total - sq.Total * sxq.Total) / determinant;
            if (belowZero && start > -lowest) (slope, start) = ((sxq.Total + lowest * sq.Total) / sqq.Total, -lowest);
            float error = sxx.Total - 2 * (slope * sxq.Total + start * sx.Total) + slope * slope * sqq.Total + 2 * slope * start * sq.Total
                + start * start * sm.Total;
            if (slope <= 0 || error >= best) continue;
            (scale, offset, best) = (slope, start, error);
        }
        return (scale, offset + lowest);
    }

    /// <summary>Σ m·(w − scale·q + min)², q rounded under this scale and minimum.</summary>
    public static float Error(ReadOnlySpan<float> w, float[] m, float scale, float min, int n)
    {
        float inverse = scale == 0 ? 0 : 1 / scale;
        Sums sums = new();
        for (int i = 0; i < w.Length; i++)
        {
            float above = w[i] + min, left = above - scale * Rounded(above * inverse, 0, n);
            sums.Add(i, m[i] * (left * left));
        }
        return sums.Total;
    }

    public static int Rounded(float value, int low, int high) => (int)Math.Clamp(MathF.Round(value), low, high);

    private sealed class Sums
    {
        private readonly float[] _lanes = new float[8];

        public float Total => (_lanes[0] + _lanes[4] + (_lanes[2] + _lanes[6])) + (_lanes[1] + _lanes[5] + (_lanes[3] + _lanes[7]));

        public void Add(int i, float term) => _lanes[i % 8] += term;
    }
}
