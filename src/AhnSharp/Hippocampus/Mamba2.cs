using System;
using System.Numerics.Tensors;
using AhnSharp.Kernels;
using AhnSharp.Network;

namespace AhnSharp.Hippocampus;

/// <summary>
/// Decay and addition: Δ = softplus(W_dt h + b); M ← e^(−Δ·exp(A_log)) M + Δ k̂vᵀ; o = Mᵀq̂; y = RMSNorm_{H·D}(o·SiLU(γ)).
/// </summary>
/// <remarks>
/// k̂, q̂ = x / max(‖x‖, 1e-12), no 1/√D; the norm runs over all heads together, after the gate. The ring keeps Δ [H] a token, from which
/// the decay follows. Source: docs/memory.md; Dao and Gu arXiv 2405.21060.
/// </remarks>
internal sealed class Mamba2 : Hippocampus
{
    private const float SmallestLength = 1e-12f;
    private readonly double[] _rate; // [H] exp(A_log)
    private readonly float[] _bias; // [H]
    private readonly float[] _norm; // [H·D]
    private readonly float _normEpsilon;

    internal Mamba2(MemoryRule rule, int heads, int headDim, int hidden, HippocampusWeights weights, Gemm gemm, Workers workers)
        : base(rule, heads, headDim, hidden, weights, gemm, workers)
    {
        _rate = Array.ConvertAll(weights.ALog!, a => Math.Exp(a));
        _bias = [.. weights.DtBias!];
        _norm = [.. weights.Norm];
        _normEpsilon = weights.NormEpsilon;
    }

    /// <inheritdoc/>
    public override void NormAndGate(Span<float> oRow, ReadOnlySpan<float> readGates)
    {
        oRow = oRow[..(Heads * HeadDim)];
        for (int head = 0; head < Heads; head++)
        {
            Span<float> o = oRow.Slice(head * HeadDim, HeadDim);
            TensorPrimitives.Multiply(o, readGates[head], o);
        }
        float inverse = 1 / MathF.Sqrt(TensorPrimitives.SumOfSquares<float>(oRow) / oRow.Length + _normEpsilon);
        TensorPrimitives.Multiply(oRow, inverse, oRow);
        TensorPrimitives.Multiply(oRow, _norm, oRow);
    }

    private protected override bool Predicts => false;

    /// <inheritdoc/>
    public override ReadOnlySpan<double> DecayRates => _rate;

    private protected override float QueryScale => 1;

    private protected override float InverseLength(ReadOnlySpan<float> x) =>
        1 / MathF.Max(MathF.Sqrt(TensorPrimitives.SumOfSquares(x)), SmallestLength);

    private protected override void FinishWriteGates(Span<float> gates)
    {
        for (int head = 0; head < Heads; head++) gates[head] = (float)Softplus.Of((double)gates[head] + _bias[head]);
    }

    private protected override void GatesOf(int head, ReadOnlySpan<float> writeGates, Span<float> strengths, Span<double> logDecays) =>
        GatesOf(Heads, head, _rate[head], writeGates, strengths, logDecays);

    internal static void GatesOf(
        int heads, int head, double rate, ReadOnlySpan<float> writeGates, Span<float> strengths, Span<double> logDecays)
    {
        for (int i = 0; i < strengths.Length; i++)
        {
            strengths[i] = writeGates[i * heads + head];
            logDecays[i] = -strengths[i] * rate;
        }
    }
}
