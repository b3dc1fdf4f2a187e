using ILGPU;
using ILGPU.Algorithms;

namespace AhnSharp.Gpu.Training;

/// <summary><see cref="Recurrence"/> for any device: a thread a column of a state, which lies in memory.</summary>
internal static class ColumnRecurrence
{
    /// <summary>Grid.X counts groups of columns, Grid.Y heads.</summary>
    public static void Forward(RecallRows x, RecallSize s)
    {
        int d = s.HeadDim, column = Grid.IdxX * Group.DimX + Group.IdxX, head = Grid.IdxY, kv = head / (s.Heads / s.KvHeads) * d;
        if (column >= d) return;
        long state = ((long)head * d + column) * d;
        for (int r = 0; r < d; r++) x.Current[state + r] = 0;
        for (int i = 0; i < s.Count; i++)
        {
            if (s.Keeps != 0 && i % RecallSize.Stretch == 0) Copy(x, x.States, s, head, i, column, state);
            long key = (long)i * s.KvHeads * d + kv, query = (long)i * s.Width + head * d;
            float strength = x.Strengths[(long)i * s.Heads + head], decay = XMath.Exp(x.LogDecays[(long)i * s.Heads + head]), value = 0;
            if (s.Predicts != 0)
            {
                for (int r = 0; r < d; r++) value -= x.Current[state + r] * x.Keys[key + r];
            }
            float written = strength * (x.Values[key + column] + decay * value), read = 0;
            for (int r = 0; r < d; r++)
            {
                float m = decay * x.Current[state + r] + x.Keys[key + r] * written;
                x.Current[state + r] = m;
                read += m * x.Queries[query + r];
            }
            x.Read[query + column] = read;
            if (s.Keeps != 0) x.Written[query + column] = written;
        }
    }

    /// <summary>The same grid.</summary>
    public static void Backward(RecallRows x, RecallGradients y, RecallSize s)
    {
        int d = s.HeadDim, column = Grid.IdxX * Group.DimX + Group.IdxX, head = Grid.IdxY, kv = head / (s.Heads / s.KvHeads) * d;
        if (column >= d) return;
        long state = ((long)head * d + column) * d;
        for (int r = 0; r < d; r++) x.Current[state + r] = 0;
        for (int i = s.Count - 1; i >= 0; i--)
        {
            if (i == s.Count - 1 || i % RecallSize.Stretch == RecallSize.Stretch - 1) Copy(x, y.States, s, head, i, column, state);
            long key = (long)i * s.KvHeads * d + kv, query = (long)i * s.Width + head * d;
            float strength = x.Strengths[(long)i * s.Heads + head], decay = XMath.Exp(x.LogDecays[(long)i * s.Heads + head]), gained = 0;
            float read = y.Read[query + column];
            for (int r = 0; r < d; r++)
            {
                float m = x.Current[state + r] + x.Queries[query + r] * read;
                x.Current[state + r] = m;
                gained += m * x.Keys[key + r];
            }
            y.Written[query + column] = gained;
            float predicted = s.Predicts != 0 ? -strength * gained : 0;
            for (int r = 0; r < d; r++) x.Current[state + r] = decay * (x.Current[state + r] + x.Keys[key + r] * predicted);
        }
    }

    private static void Copy(RecallRows x, ArrayView<float> states, RecallSize s, int head, int token, int column, long state)
    {
        long to = (((long)head * s.Stretches + token / RecallSize.Stretch) * s.HeadDim + column) * s.HeadDim;
        for (int r = 0; r < s.HeadDim; r++) states[to + r] = x.Current[state + r];
    }
}
