using System;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using AhnSharp.Kernels;

namespace AhnSharp.Training;

/// <summary>
/// The operations on single rows, backwards: what the loss gains per unit of an input, from what it gains per unit of the output.
/// </summary>
internal static class RowGradients
{
    /// <summary>
    /// RMSNorm: y = s·x ⊙ w, s = 1/√(mean(x²) + ε); dx += s·(w ⊙ dy) − x·s³/n·Σ x·w·dy.
    /// </summary>
    /// <param name="x">[n], what was normed.</param>
    /// <param name="weight">[n].</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="dy">[n].</param>
    /// <param name="dx">[n], added to.</param>
    /// <param name="scratch">[n] of this thread.</param>
    /// <returns>s.</returns>
    public static float AddRmsNorm(
        ReadOnlySpan<float> x, ReadOnlySpan<float> weight, float epsilon, ReadOnlySpan<float> dy, Span<float> dx, Span<float> scratch)
    {
        Span<float> weighted = scratch[..x.Length];
        float scale = 1 / MathF.Sqrt(TensorPrimitives.SumOfSquares(x) / x.Length + epsilon);
        TensorPrimitives.Multiply(weight, dy, weighted);
        float along = TensorPrimitives.Dot(x, weighted) * scale * scale * scale / x.Length;
        TensorPrimitives.MultiplyAdd(weighted, scale, dx, dx);
        TensorPrimitives.MultiplyAdd(x, -along, dx, dx);
        return scale;
    }

    /// <summary>
    /// SwiGLU: y = SiLU(g) ⊙ u; g becomes dy ⊙ u ⊙ σ(g)·(1 + g·(1 − σ(g))), u becomes dy ⊙ SiLU(g).
    /// </summary>
    public static void SwiGlu(ReadOnlySpan<float> dy, Span<float> gate, Span<float> up)
    {
        ReadOnlySpan<Vector<float>> d = MemoryMarshal.Cast<float, Vector<float>>(dy);
        Span<Vector<float>> gates = MemoryMarshal.Cast<float, Vector<float>>(gate), ups = MemoryMarshal.Cast<float, Vector<float>>(up);
        for (int i = 0; i < d.Length; i++)
        {
            Vector<float> g = gates[i], sigma = Vector<float>.One / (Vector<float>.One + Exponential.Of(-g));
            gates[i] = d[i] * ups[i] * sigma * (Vector<float>.One + g * (Vector<float>.One - sigma));
            ups[i] = d[i] * g * sigma;
        }
        for (int i = d.Length * Vector<float>.Count; i < dy.Length; i++)
        {
            float slope = SiluSlope(gate[i], out float silu);
            gate[i] = dy[i] * up[i] * slope;
            up[i] = dy[i] * silu;
        }
    }

    /// <summary>The derivative of SiLU(x) = x·σ(x): σ·(1 + x·(1 − σ)).</summary>
    public static float SiluSlope(float x, out float silu)
    {
        float sigma = 1 / (1 + MathF.Exp(-x));
        silu = x * sigma;
        return sigma * (1 + x * (1 - sigma));
    }

    /// <summary>
    /// Unit length, x̂ = r·x with r = 1/√(Σx² + ε): dx += r·(dx̂ − x̂·(x̂·dx̂)). Below the least length r is a constant, and only r·dx̂
    /// is left.
    /// </summary>
    /// <param name="unit">x̂.</param>
    /// <param name="inverse">r.</param>
    /// <param name="dUnit">dx̂, overwritten.</param>
    /// <param name="dx">Added to.</param>
    /// <param name="isConstant">Whether r does not depend on x.</param>
    public static void AddUnit(ReadOnlySpan<float> unit, float inverse, Span<float> dUnit, Span<float> dx, bool isConstant)
    {
        if (!isConstant) TensorPrimitives.MultiplyAdd(unit, -TensorPrimitives.Dot<float>(unit, dUnit), dUnit, dUnit);
        TensorPrimitives.MultiplyAdd(dUnit, inverse, dx, dx);
    }
}
