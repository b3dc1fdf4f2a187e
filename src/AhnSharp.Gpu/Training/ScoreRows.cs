using System;
using AhnSharp.Gpu.Portable;
using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Training;

/// <summary>Softmax of rows of scores over the keys that a query sees, and back. Scores: [H][rows of the piece][pitch].</summary>
internal sealed class ScoreRows(Accelerator accelerator, int groupSize)
{
    private readonly Action<KernelConfig, ArrayView<float>, KeyStretch, float> _softmax =
        accelerator.LoadStreamKernel<ArrayView<float>, KeyStretch, float>(Softmax);
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, KeyStretch, float> _back =
        accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, KeyStretch, float>(Back);

    /// <summary>q·k becomes e^(q·k · scale − lse), and 0 where a query does not see a key.</summary>
    public void Softmax(ArrayView<float> scores, KeyStretch keys, int heads, float scale) =>
        _softmax(Rows(keys, heads), scores, keys, scale);

    /// <summary>ds = p (dp − Σ p·dp) · scale.</summary>
    /// <param name="weights">p.</param>
    /// <param name="gradient">dp, which becomes ds.</param>
    /// <param name="keys">Of the piece.</param>
    /// <param name="heads">H.</param>
    /// <param name="scale">1/√D.</param>
    public void Back(ArrayView<float> weights, ArrayView<float> gradient, KeyStretch keys, int heads, float scale) =>
        _back(Rows(keys, heads), weights, gradient, keys, scale);

    private KernelConfig Rows(KeyStretch keys, int heads) => new(new Index2D(keys.Rows, heads), new Index2D(groupSize, 1));

    private static void Softmax(ArrayView<float> scores, KeyStretch s, float scale)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(GroupSum.MaxThreads);
        int row = Grid.IdxX;
        long from = ((long)Grid.IdxY * s.Rows + row) * s.Pitch;
        float most = float.NegativeInfinity, sum = 0;
        for (int c = Group.IdxX; c < s.Pitch; c += Group.DimX)
        {
            if (s.KeyOf(c, row) >= 0) most = XMath.Max(most, scores[from + c]);
        }
        most = GroupSum.Largest(shared, most);
        for (int c = Group.IdxX; c < s.Pitch; c += Group.DimX)
        {
            float weight = 0;
            if (s.KeyOf(c, row) >= 0) weight = XMath.Exp((scores[from + c] - most) * scale);
            scores[from + c] = weight;
            sum += weight;
        }
        float inverse = 1 / GroupSum.Of(shared, sum);
        for (int c = Group.IdxX; c < s.Pitch; c += Group.DimX) scores[from + c] *= inverse;
    }

    private static void Back(ArrayView<float> weights, ArrayView<float> gradient, KeyStretch s, float scale)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(GroupSum.MaxThreads);
        int row = Grid.IdxX;
        long from = ((long)Grid.IdxY * s.Rows + row) * s.Pitch;
        float along = 0;
        for (int c = Group.IdxX; c < s.Pitch; c += Group.DimX)
        {
            if (s.KeyOf(c, row) >= 0) along += weights[from + c] * gradient[from + c];
        }
        along = GroupSum.Of(shared, along);
        for (int c = Group.IdxX; c < s.Pitch; c += Group.DimX)
        {
            float slope = 0;
            if (s.KeyOf(c, row) >= 0) slope = weights[from + c] * (gradient[from + c] - along) * scale;
            gradient[from + c] = slope;
        }
    }
}
