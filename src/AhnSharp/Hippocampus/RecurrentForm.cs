using System;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AhnSharp.Kernels;

namespace AhnSharp.Hippocampus;

/// <summary>The memory token by token, as decoding runs it: each token reads its state once and writes it once.</summary>
/// <remarks>
/// With p = Mᵀk̂ and r = Mᵀq̂ of the state before the token, in one pass:
///   u = β(v − e^g p)  (delta rule)   or   u = Δv  (Mamba2)
///   o = e^g r + (k̂·q̂) u        which is M'ᵀq̂ of the state after it,
///   M' = e^g M + k̂uᵀ           in the second pass.
/// Mamba2 needs no p and pays nothing for it: the passes are bound by reading and writing M. They are optimised at once, because the
/// runtime would replace them only after some forty tokens, and until then they take four times as long.
/// </remarks>
internal static class RecurrentForm
{
    /// <param name="predicts">Whether the delta rule holds.</param>
    /// <param name="state">M [D, D].</param>
    /// <param name="v">[n, D].</param>
    /// <param name="o">Rows of stride <paramref name="oStride"/>; empty: nothing is read.</param>
    /// <param name="oStride">Floats from one row of o to the next.</param>
    /// <param name="n">Tokens.</param>
    /// <param name="scratch">Holds k̂, q̂, strengths and log decays of the tokens.</param>
    public static void UpdateAndRead(
        bool predicts, Span<float> state, ReadOnlySpan<float> v, Span<float> o, int oStride, int n, HippocampusScratch scratch)
    {
        int d = scratch.HeadDim;
        // 64 KiB at D = 128, read in strips of its rows, which no prefetcher of a processor follows.
        Prefetch.IntoSecondCache(in Unsafe.As<float, byte>(ref MemoryMarshal.GetReference(state)), sizeof(float) * state.Length);
        Span<float> products = scratch.Solved[..(2 * d)], predicted = products[..d], read = products[d..];
        Span<float> u = scratch.Updates[..d];
        for (int i = 0; i < n; i++)
        {
            Span<float> k = scratch.Keys.Slice(i * d, d), q = scratch.Queries.Slice(i * d, d);
            float decay = (float)Math.Exp(scratch.LogDecays[i]), strength = scratch.Strengths[i];
            TensorPrimitives.Multiply(v.Slice(i * d, d), strength, u);
            // A pass that reads nothing is bound by M too: the second product costs nothing.
            if (predicts || !o.IsEmpty) Read(state, k, o.IsEmpty ? k : q, predicted, read);
            if (predicts) TensorPrimitives.MultiplyAdd(predicted, -strength * decay, u, u);
            if (!o.IsEmpty)
            {
                Span<float> oRow = o.Slice(i * oStride, d);
                TensorPrimitives.Multiply(read, decay, oRow);
                TensorPrimitives.MultiplyAdd(u, TensorPrimitives.Dot<float>(k, q), oRow, oRow);
            }
            DecayAndAdd(state, decay, k, u);
        }
    }

    // p = Mᵀk and r = Mᵀq in one pass over M, four registers of columns at a time, each in two sums.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Read(ReadOnlySpan<float> state, ReadOnlySpan<float> k, ReadOnlySpan<float> q, Span<float> p, Span<float> r)
    {
        int d = k.Length, width = Vector<float>.Count, strip = 4 * width, column = 0;
        ref float m0 = ref MemoryMarshal.GetReference(state);
        for (; column + strip <= d; column += strip)
        {
            Vector<float> p0 = default, p1 = default, p2 = default, p3 = default, r0 = default, r1 = default, r2 = default, r3 = default;
            ref float m = ref Unsafe.Add(ref m0, column);
            for (int i = 0; i < k.Length; i++)
            {
                Vector<float> key = new(k[i]), query = new(q[i]);
                Vector<float> m1 = Vector.LoadUnsafe(ref m), m2 = Vector.LoadUnsafe(ref m, (nuint)width);
                Vector<float> m3 = Vector.LoadUnsafe(ref m, (nuint)(2 * width)), m4 = Vector.LoadUnsafe(ref m, (nuint)(3 * width));
                p0 = Vector.MultiplyAddEstimate(m1, key, p0);
                r0 = Vector.MultiplyAddEstimate(m1, query, r0);
                p1 = Vector.MultiplyAddEstimate(m2, key, p1);
                r1 = Vector.MultiplyAddEstimate(m2, query, r1);
                p2 = Vector.MultiplyAddEstimate(m3, key, p2);
                r2 = Vector.MultiplyAddEstimate(m3, query, r2);
                p3 = Vector.MultiplyAddEstimate(m4, key, p3);
                r3 = Vector.MultiplyAddEstimate(m4, query, r3);
                m = ref Unsafe.Add(ref m, d);
            }
            Store(p[column..], p0, p1, p2, p3);
            Store(r[column..], r0, r1, r2, r3);
        }
        for (; column < d; column++)
        {
            (p[column], r[column]) = (0, 0);
            for (int i = 0; i < d; i++)
            {
                p[column] += state[i * d + column] * k[i];
                r[column] += state[i * d + column] * q[i];
            }
        }

        static void Store(Span<float> to, Vector<float> a, Vector<float> b, Vector<float> c, Vector<float> d)
        {
            a.CopyTo(to);
            b.CopyTo(to[Vector<float>.Count..]);
            c.CopyTo(to[(2 * Vector<float>.Count)..]);
            d.CopyTo(to[(3 * Vector<float>.Count)..]);
        }
    }

    // M ← decay·M + k uᵀ, four rows at a time, which share the loads of u.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DecayAndAdd(Span<float> state, float decay, ReadOnlySpan<float> k, ReadOnlySpan<float> u)
    {
        int d = u.Length, width = Vector<float>.Count, whole = d - d % width, row = 0;
        var decays = new Vector<float>(decay);
        ref float u0 = ref MemoryMarshal.GetReference(u);
        for (; row + 4 <= d; row += 4)
        {
            ref float m0 = ref MemoryMarshal.GetReference(state[(row * d)..]);
            ref float m1 = ref Unsafe.Add(ref m0, d), m2 = ref Unsafe.Add(ref m0, 2 * d), m3 = ref Unsafe.Add(ref m0, 3 * d);
            Vector<float> k0 = new(k[row]), k1 = new(k[row + 1]), k2 = new(k[row + 2]), k3 = new(k[row + 3]);
            for (int c = 0; c < whole; c += width)
            {
                Vector<float> add = Vector.LoadUnsafe(ref u0, (nuint)c);
                Vector.MultiplyAddEstimate(k0, add, Vector.LoadUnsafe(ref m0, (nuint)c) * decays).StoreUnsafe(ref m0, (nuint)c);
                Vector.MultiplyAddEstimate(k1, add, Vector.LoadUnsafe(ref m1, (nuint)c) * decays).StoreUnsafe(ref m1, (nuint)c);
                Vector.MultiplyAddEstimate(k2, add, Vector.LoadUnsafe(ref m2, (nuint)c) * decays).StoreUnsafe(ref m2, (nuint)c);
                Vector.MultiplyAddEstimate(k3, add, Vector.LoadUnsafe(ref m3, (nuint)c) * decays).StoreUnsafe(ref m3, (nuint)c);
            }
        }
        AddRest(state, decay, k, u, 0, row, whole);
        AddRest(state, decay, k, u, row, d, 0);
    }

    // What fills no register, or no four rows.
    private static void AddRest(
        Span<float> state, float decay, ReadOnlySpan<float> k, ReadOnlySpan<float> u, int firstRow, int endRow, int firstColumn)
    {
        int d = u.Length;
        for (int row = firstRow; row < endRow && firstColumn < d; row++)
        {
            for (int c = firstColumn; c < d; c++) state[row * d + c] = decay * state[row * d + c] + k[row] * u[c];
        }
    }
}
