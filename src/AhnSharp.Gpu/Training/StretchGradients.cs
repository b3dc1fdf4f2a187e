using AhnSharp.Gpu.Portable;
using ILGPU;
using ILGPU.Algorithms;

namespace AhnSharp.Gpu.Training;

/// <summary>What keys, queries and gates gain, a stretch of 64 tokens of a head a group of threads.</summary>
/// <remarks>
/// With G_t = Σ g from the stretch's first token to t, M the state before it, E what later tokens gain by the state behind it, dp = −β du
/// (0 for Mamba2), and e^(G_t − G_s) on every term of another token s:
///   dq̂_t = e^G_t M do_t + Σ_(s ≤ t) (u_s·do_t) k̂_s
///   dk̂_t = e^(G_end − G_t) E u_t + e^G_t M dp_t + Σ_(s ≥ t) (do_s·u_t) q̂_s + Σ_(s > t) (dp_s·u_t) k̂_s + Σ_(s &lt; t) (u_s·dp_t) k̂_s
///   dβ_t = du_t·u_t/β_t;  dg_t = Σ_(s ≥ t) (o_s·do_s − β_s du_s·v_s) + ⟨E, state behind the stretch⟩
/// The last is the derivative by G_s of all that is read and predicted, holding what is written; the sum of its terms behind the stretch is
/// the inner product. Source: arXiv 2412.06464, section 3.3, for the chunked form.
/// </remarks>
internal static class StretchGradients
{
    private const int Stretch = RecallSize.Stretch, Pitch = Stretch + 1;

    /// <summary>Grid.X counts stretches, Grid.Y heads.</summary>
    public static void Rows(RecallRows x, RecallGradients y, RecallSize s)
    {
        ArrayView<float> ofReads = SharedMemory.Allocate<float>(Stretch * Pitch), ofWrites = SharedMemory.Allocate<float>(Stretch * Pitch);
        ArrayView<float> sums = SharedMemory.Allocate<float>(Stretch);
        int head = Grid.IdxY, d = s.HeadDim, first = Grid.IdxX * Stretch, count = IntrinsicMath.Min(Stretch, s.Count - first);
        int keyWidth = s.KvHeads * d;
        long rows = (long)first * s.Width + head * d, keys = (long)first * keyWidth + head / (s.Heads / s.KvHeads) * d;
        long state = ((long)head * s.Stretches + Grid.IdxX) * d * d, gate = (long)first * s.Heads + head;
        if (Group.IdxX == 0)
        {
            float sum = 0;
            for (int t = 0; t < count; t++)
            {
                sum += x.LogDecays[gate + (long)t * s.Heads];
                sums[t] = sum;
            }
        }
        // [s, t]: u_s·do_t and u_s·dp_t.
        for (int pair = Group.IdxX; pair < count * count; pair += Group.DimX)
        {
            int by = pair / count, t = pair % count;
            long written = rows + (long)by * s.Width, of = rows + (long)t * s.Width;
            float reads = 0, writes = 0;
            for (int c = 0; c < d; c++)
            {
                float u = x.Written[written + c];
                reads += u * y.Read[of + c];
                writes += u * y.Written[of + c];
            }
            ofReads[by * Pitch + t] = reads;
            ofWrites[by * Pitch + t] = s.Predicts != 0 ? -x.Strengths[gate + (long)t * s.Heads] * writes : 0;
        }
        Group.Barrier();
        float end = sums[count - 1];
        for (int item = Group.IdxX; item < count * d; item += Group.DimX)
        {
            int t = item / d, r = item % d;
            long of = rows + (long)t * s.Width;
            float read = 0, predicted = 0, later = 0, at = sums[t];
            for (int c = 0; c < d; c++)
            {
                float m = x.States[state + (long)c * d + r];
                read += m * y.Read[of + c];
                predicted += m * y.Written[of + c];
                later += y.States[state + (long)c * d + r] * x.Written[of + c];
            }
            float strength = s.Predicts != 0 ? x.Strengths[gate + (long)t * s.Heads] : 0, decay = XMath.Exp(at);
            float query = decay * read, key = XMath.Exp(end - at) * later - decay * strength * predicted;
            for (int by = 0; by < count; by++)
            {
                float k = x.Keys[keys + (long)by * keyWidth + r];
                if (by <= t)
                {
                    float between = XMath.Exp(at - sums[by]);
                    query += between * ofReads[by * Pitch + t] * k;
                    if (by < t) key += between * ofWrites[by * Pitch + t] * k;
                }
                if (by >= t)
                {
                    float between = XMath.Exp(sums[by] - at);
                    key += between * ofReads[t * Pitch + by] * x.Queries[rows + (long)by * s.Width + r];
                    if (by > t) key += between * ofWrites[t * Pitch + by] * k;
                }
            }
            y.Queries[of + r] = query;
            y.Keys[of + r] = key;
        }
    }

    /// <summary>Gates; the same grid, groups of at most 64 threads.</summary>
    public static void Gates(RecallRows x, RecallGradients y, RecallSize s)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(GroupSum.MaxThreads), terms = SharedMemory.Allocate<float>(Stretch);
        int head = Grid.IdxY, d = s.HeadDim, first = Grid.IdxX * Stretch, count = IntrinsicMath.Min(Stretch, s.Count - first);
        long rows = (long)first * s.Width + head * d, values = (long)first * s.KvHeads * d + head / (s.Heads / s.KvHeads) * d;
        long gate = (long)first * s.Heads + head, state = ((long)head * s.Stretches + Grid.IdxX) * d * d;
        float behind = 0;
        if (Grid.IdxX + 1 < s.Stretches)
        {
            for (int i = Group.IdxX; i < d * d; i += Group.DimX) behind += y.States[state + i] * x.States[state + d * d + i];
        }
        behind = GroupSum.Of(shared, behind);
        for (int t = Group.IdxX; t < count; t += Group.DimX)
        {
            long of = rows + (long)t * s.Width, value = values + (long)t * s.KvHeads * d;
            float strength = x.Strengths[gate + (long)t * s.Heads], written = 0, read = 0, given = 0;
            for (int c = 0; c < d; c++)
            {
                float gained = y.Written[of + c];
                written += gained * x.Written[of + c];
                given += gained * x.Values[value + c];
                read += x.Read[of + c] * y.Read[of + c];
            }
            y.Strengths[gate + (long)t * s.Heads] = strength > 0 ? written / strength : 0;
            terms[t] = read - strength * given;
        }
        Group.Barrier();
        if (Group.IdxX != 0) return;
        for (int t = count - 1; t >= 0; t--)
        {
            behind += terms[t];
            y.LogDecays[gate + (long)t * s.Heads] = behind;
        }
    }
}
