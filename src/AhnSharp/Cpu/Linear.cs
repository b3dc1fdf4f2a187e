using System;
using System.Numerics.Tensors;
using AhnSharp.Gguf;
using AhnSharp.Kernels;

namespace AhnSharp.Cpu;

/// <summary>y (+)= W x + b, for any number of rows.</summary>
/// <remarks>
/// x: [rows, in]; y: [rows, out]; <paramref name="stage"/> is its place in a profile. One row and many rows differ inside
/// <see cref="WeightMatrix"/> alone.
/// </remarks>
internal sealed class Linear(WeightMatrix weight, ProfileStage stage, float[]? bias = null) : IDisposable
{
    public long ResidentBytes => weight.ResidentBytes + 4L * (bias?.Length ?? 0);

    public GgmlType Type => weight.Type;

    /// <summary>b [out]; null: none.</summary>
    public float[]? Bias => bias;

    public void Apply(Workers workers, Activations x, Activations y, bool accumulate = false)
    {
        workers.Profile?.Enter(stage);
        weight.Multiply(workers, x, y, accumulate);
        if (bias is null) return;
        for (int r = 0; r < y.Rows; r++) TensorPrimitives.Add(y.Row(r), bias, y.Row(r));
    }

    public void Dispose() => weight.Dispose();
}
