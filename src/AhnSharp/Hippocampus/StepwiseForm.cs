using System;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using AhnSharp.Kernels;

namespace AhnSharp.Hippocampus;

/// <summary>The memory token by token, as decoding runs it: each token reads its state once and writes it once.</summary>
/// <remarks>
/// With p = Mᵀk̂ and r = Mᵀq̂ of the state before the token, in one pass:
///   u = β(v − e^g p)  (delta rule)   or   u = Δv  (Mamba2)
///   o = e^g r + (k̂·q̂) u        which is M'ᵀq̂ of the state after it,
///   M' = e^g M + k̂uᵀ           in the second pass.
/// </remarks>
internal static class StepwiseForm
{
    /// <param name="gemm">Small products.</param>
    /// <param name="predicts">Whether the delta rule holds.</param>
    /// <param name="state">M [D, D].</param>
    /// <param name="v">[n, D].</param>
    /// <param name="o">Rows of stride <paramref name="oStride"/>.</param>
    /// <param name="oStride">Floats from one row of o to the next.</param>
    /// <param name="n">Tokens.</param>
    /// <param name="scratch">Holds k̂, q̂, strengths and log decays of the tokens.</param>
    public static void FoldAndRead(Gemm gemm, bool predicts, Span<float> state, ReadOnlySpan<float> v, Span<float> o, int oStride, int n, HippocampusScratch scratch)
    {
        int d = scratch.HeadDim;
        Span<float> products = scratch.Solved[..(2 * d)], predicted = products[..d], read = products[d..];
        Span<float> u = scratch.Updates[..d];
        for (int i = 0; i < n; i++)
        {
            Span<float> k = scratch.Keys.Slice(i * d, d), q = scratch.Queries.Slice(i * d, d);
            float decay = (float)Math.Exp(scratch.LogDecays[i]), strength = scratch.Strengths[i];
            TensorPrimitives.Multiply(v.Slice(i * d, d), strength, u);
            if (predicts)
            {
                // Two rows, k̂ and q̂, which lie Tokens rows apart.
                gemm.Multiply(in k[0], HippocampusScratch.Tokens * d, in state[0], d, ref products[0], d, 2, d, d, accumulate: false);
                TensorPrimitives.MultiplyAdd(predicted, -strength * decay, u, u);
            }
            else
            {
                gemm.Multiply(in q[0], d, in state[0], d, ref read[0], d, 1, d, d, accumulate: false);
            }
            Span<float> oRow = o.Slice(i * oStride, d);
            TensorPrimitives.Multiply(read, decay, oRow);
            TensorPrimitives.MultiplyAdd(u, TensorPrimitives.Dot<float>(k, q), oRow, oRow);
            DecayAndAdd(state, decay, k, u);
        }
    }

    // M ← decay·M + k uᵀ, bound by the reading and writing of M: the width of the registers hardly shows.
    private static void DecayAndAdd(Span<float> state, float decay, ReadOnlySpan<float> k, ReadOnlySpan<float> u)
    {
        int d = u.Length, width = Vector<float>.Count, whole = d - d % width;
        ref float u0 = ref MemoryMarshal.GetReference(u);
        var decays = new Vector<float>(decay);
        for (int r = 0; r < d; r++)
        {
            Span<float> row = state.Slice(r * d, d);
            ref float m0 = ref MemoryMarshal.GetReference(row);
            var key = new Vector<float>(k[r]);
            for (int c = 0; c < whole; c += width)
            {
                Vector<float> m = Vector.LoadUnsafe(ref m0, (nuint)c) * decays;
                Vector.MultiplyAddEstimate(key, Vector.LoadUnsafe(ref u0, (nuint)c), m).StoreUnsafe(ref m0, (nuint)c);
            }
            for (int c = whole; c < d; c++) row[c] = decay * row[c] + k[r] * u[c];
        }
    }
}
