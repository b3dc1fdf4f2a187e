using System;
using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using AhnSharp.Kernels;

namespace AhnSharp.Hippocampus;

/// <summary>The memory many tokens at a time, as a prefill runs it: up to C tokens become a few matrix products.</summary>
/// <remarks>
/// G_i = Σ_{r≤i} g_r, Γ_ij = e^(G_i − G_j) for j ≤ i, M₀ the state before the first token:
///   A_ij = β_i Γ_ij (k̂_i·k̂_j), j &lt; i
///   U = (I + A)⁻¹ diag(β)(V − diag(e^G) K̂M₀)        delta rule;   U = diag(Δ)V   Mamba2
///   O = diag(e^G) Q̂M₀ + (Q̂K̂ᵀ ⊙ Γ) U
///   M = e^(G_n) M₀ + K̂ᵀ diag(e^(G_n − G)) U
/// No exponent is positive: sums of decays ≤ 0 appear only as differences of a later from an earlier one, so nothing overflows
/// and what underflows is really that small. Source: Yang et al. arXiv 2412.06464 (gated delta rule), Dao and Gu arXiv 2405.21060.
/// </remarks>
internal static class ChunkwiseForm
{
    private const int C = HippocampusScratch.Tokens;

    // e^−1000 is 0 in any precision: a larger forgetting changes no result, but would swallow its neighbours in the running sums.
    private const double ForgetsAll = -1000;

    /// <param name="gemm">Small products.</param>
    /// <param name="predicts">Whether the delta rule holds.</param>
    /// <param name="decays">Whether any log decay may differ from 0.</param>
    /// <param name="state">M [D, D].</param>
    /// <param name="v">[n, D].</param>
    /// <param name="o">Rows of stride <paramref name="oStride"/>; empty: nothing is read.</param>
    /// <param name="oStride">Floats from one row of o to the next.</param>
    /// <param name="n">Tokens, 1..C.</param>
    /// <param name="scratch">Holds k̂, q̂, strengths and log decays of the tokens.</param>
    public static void UpdateAndRead(
        Gemm gemm, bool predicts, bool decays, Span<float> state, ReadOnlySpan<float> v, Span<float> o, int oStride, int n,
        HippocampusScratch scratch)
    {
        int d = scratch.HeadDim;
        Span<float> u = scratch.Updates, queries = scratch.Queries, keys = scratch.Keys, keysT = scratch.KeysTransposed,
            scores = scratch.QueryScores;
        Span<float> strengths = scratch.Strengths;
        Span<double> sums = scratch.LogDecays;
        for (int i = 0; i < n; i++) sums[i] = Math.Max(sums[i], ForgetsAll) + (i > 0 ? sums[i - 1] : 0);
        Transpose(keys, n, d, keysT);

        if (predicts)
        {
            gemm.Multiply(in keys[0], d, in state[0], d, ref u[0], d, n, d, d, accumulate: false);
            for (int i = 0; i < n; i++)
            {
                float fromState = -strengths[i] * (float)Math.Exp(sums[i]);
                Span<float> row = u.Slice(i * d, d), scaled = scratch.Solved[..d];
                TensorPrimitives.Multiply(v.Slice(i * d, d), strengths[i], scaled);
                TensorPrimitives.MultiplyAdd(row, fromState, scaled, row);
            }
            LowerScores(gemm, keys, keysT, scratch.KeyScores, n, d);
        }
        else
        {
            for (int i = 0; i < n; i++) TensorPrimitives.Multiply(v.Slice(i * d, d), strengths[i], u.Slice(i * d, d));
        }
        if (!o.IsEmpty) LowerScores(gemm, queries, keysT, scores, n, d);
        for (int i = 0; i < n && (predicts || !o.IsEmpty); i++) WeighScores(i, predicts, decays, !o.IsEmpty, scratch);
        if (predicts) UnitTriangle.SolveInPlace(gemm, scratch.KeyScores, C, u, n, d, scratch.Inverse, scratch.Solved);

        if (!o.IsEmpty) Read(gemm, decays, state, o, oStride, n, scratch);
        if (decays)
        {
            double total = sums[n - 1];
            for (int i = 0; i < n; i++) Scale(u.Slice(i * d, d), (float)Math.Exp(total - sums[i]));
            Scale(state, (float)Math.Exp(total));
        }
        gemm.Multiply(in keysT[0], C, in u[0], d, ref state[0], d, d, n, d, accumulate: true);
    }

    // O of the state before the tokens and of their updates.
    private static void Read(
        Gemm gemm, bool decays, ReadOnlySpan<float> state, Span<float> o, int oStride, int n, HippocampusScratch scratch)
    {
        int d = scratch.HeadDim;
        Span<float> queries = scratch.Queries, scores = scratch.QueryScores, u = scratch.Updates;
        gemm.Multiply(in queries[0], d, in state[0], d, ref o[0], oStride, n, d, d, accumulate: false);
        if (decays)
        {
            for (int i = 0; i < n; i++) Scale(o.Slice(i * oStride, d), (float)Math.Exp(scratch.LogDecays[i]));
        }
        for (int row = 0; row < n; row += UnitTriangle.Block)
        {
            int end = Math.Min(row + UnitTriangle.Block, n);
            gemm.Multiply(in scores[row * C], C, in u[0], d, ref o[row * oStride], oStride, end - row, end, d, accumulate: true);
        }
    }

    // Γ on row i of both score matrices, and −β on the keys', of which the substitution needs −A.
    private static void WeighScores(int i, bool predicts, bool decays, bool reads, HippocampusScratch scratch)
    {
        Span<float> queryRow = scratch.QueryScores.Slice(i * C, C), keyRow = scratch.KeyScores.Slice(i * C, i),
            ratios = scratch.Ratios[..(i + 1)];
        if (decays)
        {
            ReadOnlySpan<double> sums = scratch.LogDecays;
            for (int j = 0; j <= i; j++) ratios[j] = (float)(sums[i] - sums[j]);
            TensorPrimitives.Exp(ratios, ratios);
            if (reads) TensorPrimitives.Multiply(queryRow[..(i + 1)], ratios, queryRow);
            if (predicts) TensorPrimitives.Multiply(keyRow, ratios[..i], keyRow);
        }
        if (predicts) Scale(keyRow, -scratch.Strengths[i]);
        if (reads) queryRow[(i + 1)..].Clear();
    }

    // x_i·k̂_j for j up to the end of i's diagonal block.
    private static void LowerScores(Gemm gemm, ReadOnlySpan<float> x, ReadOnlySpan<float> keysTransposed, Span<float> scores, int n, int d)
    {
        for (int row = 0; row < n; row += UnitTriangle.Block)
        {
            int m = Math.Min(UnitTriangle.Block, n - row);
            gemm.Multiply(
                in x[row * d], d, in keysTransposed[0], C, ref scores[row * C], C, m, d, row + UnitTriangle.Block, accumulate: false);
        }
    }

    // Four tokens to a store; columns up to the next multiple of Block are zero, so that the scores are whole blocks.
    private static void Transpose(Span<float> keys, int n, int d, Span<float> transposed)
    {
        int padded = (n + UnitTriangle.Block - 1) / UnitTriangle.Block * UnitTriangle.Block;
        keys[(n * d)..(padded * d)].Clear();
        for (int t = 0; t < padded; t += 4)
        {
            ReadOnlySpan<float> k0 = keys.Slice(t * d, d), k1 = keys.Slice((t + 1) * d, d), k2 = keys.Slice((t + 2) * d, d),
                k3 = keys.Slice((t + 3) * d, d);
            for (int c = 0; c < k0.Length; c++) Vector128.Create(k0[c], k1[c], k2[c], k3[c]).CopyTo(transposed[(c * C + t)..]);
        }
    }

    private static void Scale(Span<float> x, float factor) => TensorPrimitives.Multiply(x, factor, x);
}
