using System;
using System.Numerics.Tensors;
using AhnSharp.Kernels;

namespace AhnSharp.Model;

/// <summary>y (+)= W x + b, for any number of rows.</summary>
/// <remarks>x: [rows, in]; y: [rows, out]. One row and many rows differ inside <see cref="WeightMatrix"/> alone.</remarks>
internal sealed class Linear(WeightMatrix weight, float[]? bias = null) : IDisposable
{
    public long ResidentBytes => weight.ResidentBytes + 4L * (bias?.Length ?? 0);

    public void Apply(Workers workers, Activations x, Activations y, bool accumulate = false)
    {
        weight.Multiply(workers, x, y, accumulate);
        if (bias is null) return;
        for (int r = 0; r < y.Rows; r++) TensorPrimitives.Add(y.Row(r), bias, y.Row(r));
    }

    public void Dispose() => weight.Dispose();
}
