using AhnSharp.Gpu.Cuda.Kernels;
using ILGPU;
using ILGPU.Algorithms;

namespace AhnSharp.Gpu.Training;

/// <summary>
/// The part of a memory that goes token by token, forward and back, where warps are of 32 threads: every column of a state by itself,
/// eight rows of it a thread, in registers. <see cref="ColumnRecurrence"/> is the same for any device.
/// </summary>
/// <remarks>
/// Forward: p = Mᵀk̂ (delta rules), u = β(v − e^g p), M ← e^g M + k̂uᵀ, o = Mᵀq̂. Backward, dM being what later tokens gain by the state:
/// dM += q̂ doᵀ, du = dMᵀk̂, dM ← e^g (dM − k̂ (β du)ᵀ), without the last part for Mamba2. A column of dM needs no other, nor M: what does
/// (dq̂, dk̂) follows in <see cref="StretchGradients"/>, all stretches at once. The definition is <c>MemoryRecurrence</c>.
/// </remarks>
internal static class Recurrence
{
    /// <summary>Grid.X counts stretches of Group.DimX / parts columns, Grid.Y heads.</summary>
    public static void Forward(RecallRows x, RecallSize s)
    {
        int head = Grid.IdxY, d = s.HeadDim, part = Group.IdxX % s.Parts;
        int column = Grid.IdxX * (Group.DimX / s.Parts) + Group.IdxX / s.Parts;
        int own = part * RecallSize.RowsPerPart, kv = head / (s.Heads / s.KvHeads) * d;
        bool isIn = column < d;
        if (!isIn) column = 0;
        var m = default(Float8);
        for (int i = 0; i < s.Count; i++)
        {
            if (s.Keeps != 0 && i % RecallSize.Stretch == 0 && isIn) Store(x.States, s, head, i / RecallSize.Stretch, column, own, m);
            long key = ((long)i * s.KvHeads * d) + kv, query = (long)i * s.Width + head * d;
            Float8 k = Load(x.Keys, key, own, d), q = Load(x.Queries, query, own, d);
            float strength = x.Strengths[(long)i * s.Heads + head], decay = XMath.Exp(x.LogDecays[(long)i * s.Heads + head]);
            float value = x.Values[key + column];
            if (s.Predicts != 0) value -= decay * Sum(Dot(m, k), s.Parts);
            float written = strength * value;
            m = Next(m, decay, k, written);
            float read = Sum(Dot(m, q), s.Parts);
            if (part == 0 && isIn)
            {
                x.Read[query + column] = read;
                if (s.Keeps != 0) x.Written[query + column] = written;
            }
        }
    }

    /// <summary>The same grid.</summary>
    public static void Backward(RecallRows x, RecallGradients y, RecallSize s)
    {
        int head = Grid.IdxY, d = s.HeadDim, part = Group.IdxX % s.Parts;
        int column = Grid.IdxX * (Group.DimX / s.Parts) + Group.IdxX / s.Parts;
        int own = part * RecallSize.RowsPerPart, kv = head / (s.Heads / s.KvHeads) * d;
        bool isIn = column < d;
        if (!isIn) column = 0;
        var m = default(Float8);
        for (int i = s.Count - 1; i >= 0; i--)
        {
            if (isIn && (i == s.Count - 1 || i % RecallSize.Stretch == RecallSize.Stretch - 1))
                Store(y.States, s, head, i / RecallSize.Stretch, column, own, m);
            long key = ((long)i * s.KvHeads * d) + kv, query = (long)i * s.Width + head * d;
            Float8 k = Load(x.Keys, key, own, d), q = Load(x.Queries, query, own, d);
            float strength = x.Strengths[(long)i * s.Heads + head], decay = XMath.Exp(x.LogDecays[(long)i * s.Heads + head]);
            m = Next(m, 1, q, y.Read[query + column]);
            float gained = Sum(Dot(m, k), s.Parts);
            if (part == 0 && isIn) y.Written[query + column] = gained;
            float predicted = s.Predicts != 0 ? -strength * gained * decay : 0;
            m = Next(m, decay, k, predicted);
        }
    }

    // Over the threads of a column, which lie beside each other.
    private static float Sum(float value, int parts)
    {
        for (int step = 1; step < parts; step *= 2) value += Warp.ShuffleXor(value, step);
        return value;
    }

    // Rows beyond D are zero.
    private static Float8 Load(ArrayView<float> x, long from, int own, int d)
    {
        var result = default(Float8);
        if (own < d) result.Low = Four(x, from + own);
        if (own + 4 < d) result.High = Four(x, from + own + 4);
        return result;
    }

    private static Float4 Four(ArrayView<float> x, long at)
    {
        ArrayView<Float4> fours = x.Cast<Float4>();
        return fours[at / 4];
    }

    private static void Store(ArrayView<float> states, RecallSize s, int head, int stretch, int column, int own, Float8 m)
    {
        ArrayView<Float4> fours = states.Cast<Float4>();
        long at = ((((long)head * s.Stretches + stretch) * s.HeadDim + column) * s.HeadDim + own) / 4;
        if (own < s.HeadDim) fours[at] = m.Low;
        if (own + 4 < s.HeadDim) fours[at + 1] = m.High;
    }

    private static float Dot(Float8 a, Float8 b) =>
        (a.Low.X * b.Low.X + a.Low.Y * b.Low.Y) + (a.Low.Z * b.Low.Z + a.Low.W * b.Low.W)
            + ((a.High.X * b.High.X + a.High.Y * b.High.Y) + (a.High.Z * b.High.Z + a.High.W * b.High.W));

    private static Float8 Next(Float8 m, float decay, Float8 k, float written)
    {
        m.Low.X = m.Low.X * decay + k.Low.X * written;
        m.Low.Y = m.Low.Y * decay + k.Low.Y * written;
        m.Low.Z = m.Low.Z * decay + k.Low.Z * written;
        m.Low.W = m.Low.W * decay + k.Low.W * written;
        m.High.X = m.High.X * decay + k.High.X * written;
        m.High.Y = m.High.Y * decay + k.High.Y * written;
        m.High.Z = m.High.Z * decay + k.High.Z * written;
        m.High.W = m.High.W * decay + k.High.W * written;
        return m;
    }
}
