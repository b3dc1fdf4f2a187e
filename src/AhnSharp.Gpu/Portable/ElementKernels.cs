using System;
using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Portable;

/// <summary>RMSNorm, SwiGLU and the choice of the largest logits.</summary>
internal sealed class ElementKernels
{
    private readonly int _groupSize;
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<int>, ArrayView<float>, ArrayView<float>, RowShape> _norm;
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, int> _swiGlu;
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<int>, int> _top;

    public ElementKernels(Accelerator accelerator, int groupSize)
    {
        _groupSize = groupSize;
        _norm = accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<int>, ArrayView<float>, ArrayView<float>, RowShape>(NormRow);
        _swiGlu = accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, int>(SwiGluItem);
        _top = accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<int>, int>(TopOfRow);
    }

    /// <summary>y[i] ← RMSNorm(x[rows[i]]), or of x[i] where <paramref name="rows"/> is empty.</summary>
    public void Norm(ArrayView<float> x, ArrayView<int> rows, ArrayView<float> weight, ArrayView<float> y, int count, int width, float epsilon) =>
        _norm(new KernelConfig(count, _groupSize), x, rows, weight, y, new RowShape(width, epsilon));

    /// <summary>gate ← SiLU(gate) ⊙ up.</summary>
    public void SwiGlu(ArrayView<float> gate, ArrayView<float> up, int count) =>
        _swiGlu(new KernelConfig((count + _groupSize - 1) / _groupSize, _groupSize), gate, up, count);

    /// <summary>The k largest of a row, largest first, equal ones by lower index.</summary>
    public void Top(ArrayView<float> row, int k, ArrayView<float> values, ArrayView<int> ids) => _top(new KernelConfig(1, _groupSize), row, values, ids, k);

    private static void NormRow(ArrayView<float> x, ArrayView<int> rows, ArrayView<float> weight, ArrayView<float> y, RowShape s)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(GroupSum.MostThreads);
        int row = rows.Length > 0 ? rows[Grid.IdxX] : Grid.IdxX;
        long from = (long)row * s.Width, to = (long)Grid.IdxX * s.Width;
        float squares = 0;
        for (int i = Group.IdxX; i < s.Width; i += Group.DimX) squares += x[from + i] * x[from + i];
        float scale = 1 / XMath.Sqrt(GroupSum.Of(shared, squares) / s.Width + s.Epsilon);
        for (int i = Group.IdxX; i < s.Width; i += Group.DimX) y[to + i] = x[from + i] * scale * weight[i];
    }

    private static void SwiGluItem(ArrayView<float> gate, ArrayView<float> up, int count)
    {
        int i = Grid.IdxX * Group.DimX + Group.IdxX;
        if (i < count) gate[i] = gate[i] / (1 + XMath.Exp(-gate[i])) * up[i];
    }

    // One pass over the row for each: the largest of those that come after the last one in the order of value, then id.
    private static void TopOfRow(ArrayView<float> row, ArrayView<float> values, ArrayView<int> ids, int k)
    {
        ArrayView<float> best = SharedMemory.Allocate<float>(GroupSum.MostThreads);
        ArrayView<int> bestIds = SharedMemory.Allocate<int>(GroupSum.MostThreads);
        int thread = Group.IdxX, length = (int)row.Length;
        float last = float.PositiveInfinity;
        int lastId = -1;
        for (int n = 0; n < k; n++)
        {
            float value = float.NegativeInfinity;
            int id = length;
            for (int i = thread; i < length; i += Group.DimX)
            {
                float candidate = row[i];
                bool remains = candidate < last || (candidate == last && i > lastId);
                if (remains && (candidate > value || (candidate == value && i < id)))
                {
                    value = candidate;
                    id = i;
                }
            }
            best[thread] = value;
            bestIds[thread] = id;
            Group.Barrier();
            for (int step = Group.DimX / 2; step > 0; step >>= 1)
            {
                if (thread < step)
                {
                    int other = thread + step;
                    if (best[other] > best[thread] || (best[other] == best[thread] && bestIds[other] < bestIds[thread]))
                    {
                        best[thread] = best[other];
                        bestIds[thread] = bestIds[other];
                    }
                }
                Group.Barrier();
            }
            last = best[0];
            lastId = bestIds[0];
            Group.Barrier();
            if (thread == 0)
            {
                values[n] = last;
                ids[n] = lastId;
            }
        }
    }
}
