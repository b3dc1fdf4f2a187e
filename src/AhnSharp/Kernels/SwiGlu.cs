using System;
using System.Numerics.Tensors;

namespace AhnSharp.Kernels;

/// <summary>gate ← SiLU(gate) ⊙ up, where SiLU(x) = x·σ(x).</summary>
public static class SwiGlu
{
    // 2 KiB of σ at a time stay in the first-level cache.
    private const int Piece = 512;

    /// <summary>One row in place.</summary>
    public static void InPlace(Span<float> gate, ReadOnlySpan<float> up)
    {
        Span<float> sigmoid = stackalloc float[Piece];
        for (int i = 0; i < gate.Length; i += Piece)
        {
            Span<float> g = gate.Slice(i, Math.Min(Piece, gate.Length - i)), s = sigmoid[..g.Length];
            TensorPrimitives.Sigmoid(g, s);
            TensorPrimitives.Multiply(g, s, g);
            TensorPrimitives.Multiply(g, up.Slice(i, g.Length), g);
        }
    }
}
