using System;
using AhnSharp.Gpu.Portable;
using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Training;

/// <summary>Heads of unit length, and back through the lengths. The definition is <c>RowGradients.AddUnit</c> of the processor's.</summary>
internal sealed class UnitRows(Accelerator accelerator, int groupSize)
{
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, UnitRule> _run =
        accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, int, UnitRule>(Head);
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, UnitRule> _queries =
        accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, UnitRule>(QueryBack);
    private readonly Action<KernelConfig, RecallRows, RecallGradients, ArrayView<float>, ArrayView<float>, ArrayView<float>, RecallSize,
        int, UnitRule> _keys =
        accelerator.LoadStreamKernel<RecallRows, RecallGradients, ArrayView<float>, ArrayView<float>, ArrayView<float>, RecallSize, int,
            UnitRule>(KeyBack);

    /// <summary>y[i, head] ← r·x[i, head], and the r of each.</summary>
    public void Run(ArrayView<float> x, ArrayView<float> y, ArrayView<float> inverses, int rows, int heads, int headDim, UnitRule rule) =>
        _run(new KernelConfig(new Index2D(rows, heads), new Index2D(groupSize, 1)), x, y, inverses, headDim, rule);

    /// <summary>dq [count, H·D] += the gradient of queries through their lengths.</summary>
    public void QueriesBack(
        ArrayView<float> unit, ArrayView<float> inverses, ArrayView<float> gradient, ArrayView<float> to, RecallSize s, UnitRule rule) =>
        _queries(
            new KernelConfig(new Index2D(s.Count, s.Heads), new Index2D(groupSize, 1)), unit, inverses, gradient, to, s.HeadDim, rule);

    /// <summary>
    /// dk, dv [count, K·D] of the rows that read += those of the tokens that leave <paramref name="between"/> rows later, over a group's
    /// heads.
    /// </summary>
    public void KeysBack(
        RecallRows x, RecallGradients y, ArrayView<float> inverses, ArrayView<float> keys, ArrayView<float> values, RecallSize s,
        int between, UnitRule rule)
    {
        if (s.Count <= between) return;
        _keys(new KernelConfig(new Index2D(s.Count - between, s.KvHeads), new Index2D(groupSize, 1)), x, y, inverses, keys, values, s,
            between, rule);
    }

    private static void Head(ArrayView<float> x, ArrayView<float> y, ArrayView<float> inverses, int d, UnitRule rule)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(GroupSum.MaxThreads);
        long head = (long)Grid.IdxX * Grid.DimY + Grid.IdxY, from = head * d;
        float squares = 0;
        for (int i = Group.IdxX; i < d; i += Group.DimX) squares += x[from + i] * x[from + i];
        float inverse = rule.Scale / XMath.Max(XMath.Sqrt(GroupSum.Of(shared, squares) + rule.Epsilon), rule.Least);
        for (int i = Group.IdxX; i < d; i += Group.DimX) y[from + i] = inverse * x[from + i];
        if (Group.IdxX == 0) inverses[head] = inverse;
    }

    private static void QueryBack(
        ArrayView<float> unit, ArrayView<float> inverses, ArrayView<float> gradient, ArrayView<float> to, int d, UnitRule rule)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(GroupSum.MaxThreads);
        long head = (long)Grid.IdxX * Grid.DimY + Grid.IdxY, from = head * d;
        float along = 0, inverse = inverses[head];
        for (int i = Group.IdxX; i < d; i += Group.DimX) along += unit[from + i] * gradient[from + i];
        // What is kept bears the scale twice over: in the sum and in what it multiplies.
        along = GroupSum.Of(shared, along) / (rule.Scale * rule.Scale);
        if (rule.IsLeast(inverse)) along = 0;
        for (int i = Group.IdxX; i < d; i += Group.DimX) to[from + i] += inverse * (gradient[from + i] - along * unit[from + i]);
    }

    private static void KeyBack(
        RecallRows x, RecallGradients y, ArrayView<float> inverses, ArrayView<float> keys, ArrayView<float> values, RecallSize s,
        int between, UnitRule rule)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(GroupSum.MaxThreads);
        int row = Grid.IdxX, kvHead = Grid.IdxY, d = s.HeadDim, group = s.Heads / s.KvHeads, token = row + between;
        long own = ((long)token * s.KvHeads + kvHead) * d, to = ((long)row * s.KvHeads + kvHead) * d;
        long heads = (long)token * s.Heads + kvHead * group;
        float along = 0, inverse = inverses[(long)token * s.KvHeads + kvHead];
        for (int i = Group.IdxX; i < d; i += Group.DimX)
        {
            float gained = 0;
            for (int head = 0; head < group; head++) gained += y.Keys[(heads + head) * d + i];
            along += x.Keys[own + i] * gained;
        }
        along = GroupSum.Of(shared, along);
        if (rule.IsLeast(inverse)) along = 0;
        for (int i = Group.IdxX; i < d; i += Group.DimX)
        {
            float gained = 0, value = 0;
            for (int head = 0; head < group; head++)
            {
                gained += y.Keys[(heads + head) * d + i];
                value += x.Strengths[heads + head] * y.Written[(heads + head) * d + i];
            }
            keys[to + i] += inverse * (gained - along * x.Keys[own + i]);
            values[to + i] += value;
        }
    }
}
