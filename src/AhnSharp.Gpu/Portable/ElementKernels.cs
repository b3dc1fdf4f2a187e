using System;
using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Portable;

/// <summary>RMSNorm and SwiGLU.</summary>
internal sealed class ElementKernels
{
    private readonly int _groupSize;
    private readonly Lazy<Action<KernelConfig, ArrayView<float>, ArrayView<int>, ArrayView<float>, ArrayView<float>, RowShape>> _norm;
    private readonly Lazy<Action<KernelConfig, ArrayView<float>, ArrayView<float>, int>> _swiGlu;

    public ElementKernels(Accelerator accelerator, int groupSize)
    {
        _groupSize = groupSize;
        _norm = new(() =>
            accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<int>, ArrayView<float>, ArrayView<float>, RowShape>(NormRow));
        _swiGlu = new(() => accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, int>(SwiGluItem));
    }

    /// <summary>y[i] ← RMSNorm(x[rows[i]]), or of x[i] where <paramref name="rows"/> is empty.</summary>
    public void Norm(
        ArrayView<float> x, ArrayView<int> rows, ArrayView<float> weight, ArrayView<float> y, int count, int width, float epsilon) =>
            _norm.Value(new KernelConfig(count, _groupSize), x, rows, weight, y, new RowShape(width, epsilon));

    /// <summary>gate ← SiLU(gate) ⊙ up.</summary>
    public void SwiGlu(ArrayView<float> gate, ArrayView<float> up, int count) =>
        _swiGlu.Value(new KernelConfig((count + _groupSize - 1) / _groupSize, _groupSize), gate, up, count);

    private static void NormRow(ArrayView<float> x, ArrayView<int> rows, ArrayView<float> weight, ArrayView<float> y, RowShape s)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(GroupSum.MaxThreads);
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
}
