using System;
using AhnSharp.Gpu.Portable;
using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Training;

/// <summary>Norm and gate of what a memory reads, and back. The definition is <c>MemoryOutput</c> of the processor's.</summary>
/// <remarks>
/// A segment is what one norm runs over: a head, y = RMSNorm_D(o; w)·SiLU(γ); or, with Mamba2, all heads, y = RMSNorm_{H·D}(o·SiLU(γ); w).
/// </remarks>
internal sealed class OutputRows(Accelerator accelerator, int groupSize)
{
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, OutputShape> _forward =
        accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, OutputShape>(Segment);
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
        OutputShape> _norm =
        accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            OutputShape>(NormBack);
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
        ArrayView<float>, OutputShape> _gate =
        accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, OutputShape>(GateBack);

    /// <summary>y [count, H·D].</summary>
    public void Run(
        ArrayView<float> read, ArrayView<float> gammas, ArrayView<float> weight, ArrayView<float> y, int count, OutputShape s) =>
        _forward(Segments(count, s), read, gammas, weight, y, s);

    /// <summary>The way back: do and dγ, and of each row what w gains.</summary>
    /// <param name="read">o [count, H·D].</param>
    /// <param name="gammas">γ [count, H].</param>
    /// <param name="weight">w.</param>
    /// <param name="dy">[count, H·D]; becomes what w gains by each row.</param>
    /// <param name="dRead">do [count, H·D], written.</param>
    /// <param name="dGammas">[count, H], written.</param>
    /// <param name="count">Rows.</param>
    /// <param name="s">Segments.</param>
    public void Back(
        ArrayView<float> read, ArrayView<float> gammas, ArrayView<float> weight, ArrayView<float> dy, ArrayView<float> dRead,
        ArrayView<float> dGammas, int count, OutputShape s)
    {
        // dγ of a gate behind the norm must know dy before it becomes something else, of one before the norm what comes through it.
        if (s.NormsAll == 0) _gate(Heads(count, s), read, gammas, weight, dy, dy, dGammas, s);
        _norm(Segments(count, s), read, gammas, weight, dy, dRead, s);
        if (s.NormsAll != 0) _gate(Heads(count, s), read, gammas, weight, dRead, dRead, dGammas, s);
    }

    private KernelConfig Segments(int count, OutputShape s) => s.NormsAll != 0
        ? new KernelConfig(new Index2D(count, 1), new Index2D(groupSize, 1))
        : Heads(count, s);

    private KernelConfig Heads(int count, OutputShape s) => new(new Index2D(count, s.Heads), new Index2D(groupSize, 1));

    private static float Silu(float x) => x / (1 + XMath.Exp(-x));

    private static float Scale(ArrayView<float> shared, ArrayView<float> read, ArrayView<float> gammas, long from, int width, OutputShape s)
    {
        float squares = 0;
        for (int i = Group.IdxX; i < width; i += Group.DimX)
        {
            float value = read[from + i];
            if (s.NormsAll != 0) value *= Silu(gammas[(from + i) / s.HeadDim]);
            squares += value * value;
        }
        return 1 / XMath.Sqrt(GroupSum.Of(shared, squares) / width + s.Epsilon);
    }

    private static void Segment(ArrayView<float> read, ArrayView<float> gammas, ArrayView<float> weight, ArrayView<float> y, OutputShape s)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(GroupSum.MaxThreads);
        int width = s.NormsAll != 0 ? s.Heads * s.HeadDim : s.HeadDim;
        long from = ((long)Grid.IdxX * Grid.DimY + Grid.IdxY) * width;
        float scale = Scale(shared, read, gammas, from, width, s);
        for (int i = Group.IdxX; i < width; i += Group.DimX)
            y[from + i] = read[from + i] * Silu(gammas[(from + i) / s.HeadDim]) * scale * weight[i];
    }

    // Through the norm. Behind it the gate, of a head: dn = g·dy; before it, of all: do is that of z = o·g, and GateBack makes it o's.
    private static void NormBack(
        ArrayView<float> read, ArrayView<float> gammas, ArrayView<float> weight, ArrayView<float> dy, ArrayView<float> dRead, OutputShape s)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(GroupSum.MaxThreads);
        int width = s.NormsAll != 0 ? s.Heads * s.HeadDim : s.HeadDim;
        long from = ((long)Grid.IdxX * Grid.DimY + Grid.IdxY) * width;
        float scale = Scale(shared, read, gammas, from, width, s), along = 0;
        // Either way Σ (what is normed)·w·(gradient of the norm's output) = Σ o·g·w·dy.
        for (int i = Group.IdxX; i < width; i += Group.DimX)
            along += read[from + i] * Silu(gammas[(from + i) / s.HeadDim]) * weight[i] * dy[from + i];
        along = GroupSum.Of(shared, along) * scale * scale * scale / width;
        for (int i = Group.IdxX; i < width; i += Group.DimX)
        {
            float gate = Silu(gammas[(from + i) / s.HeadDim]), value = read[from + i], gained = dy[from + i];
            float normed = s.NormsAll != 0 ? value * gate : value, gradient = s.NormsAll != 0 ? gained : gained * gate;
            dRead[from + i] = scale * weight[i] * gradient - along * normed;
            dy[from + i] = gradient * normed * scale;
        }
    }

    // dγ of a head; and do = g·dz where the gate stands before the norm.
    private static void GateBack(
        ArrayView<float> read, ArrayView<float> gammas, ArrayView<float> weight, ArrayView<float> gradient, ArrayView<float> to,
        ArrayView<float> dGammas, OutputShape s)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(GroupSum.MaxThreads);
        int d = s.HeadDim;
        long head = (long)Grid.IdxX * Grid.DimY + Grid.IdxY, from = head * d;
        float gamma = gammas[head], sigma = 1 / (1 + XMath.Exp(-gamma)), squares = 0, along = 0;
        for (int i = Group.IdxX; i < d; i += Group.DimX)
        {
            float value = read[from + i], by = gradient[from + i] * value;
            squares += value * value;
            along += s.NormsAll != 0 ? by : by * weight[i];
        }
        squares = GroupSum.Of(shared, squares);
        along = GroupSum.Of(shared, along);
        if (s.NormsAll == 0) along /= XMath.Sqrt(squares / d + s.Epsilon);
        if (Group.IdxX == 0) dGammas[head] = along * sigma * (1 + gamma * (1 - sigma));
        if (s.NormsAll == 0) return;
        for (int i = Group.IdxX; i < d; i += Group.DimX) to[from + i] = gradient[from + i] * gamma * sigma;
    }
}
