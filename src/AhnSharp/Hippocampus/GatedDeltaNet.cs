using System;
using System.Numerics.Tensors;
using AhnSharp.Kernels;
using AhnSharp.Network;

namespace AhnSharp.Hippocampus;

/// <summary>The delta rule on a decayed state: g = −exp(A_log)·softplus(W_a h + dt_bias); M ← e^g M; M ← M + β k̂(v − Mᵀk̂)ᵀ.</summary>
/// <remarks>The ring keeps β [H] and then g [H] a token: g ≤ 0 is the logarithm of the decay.</remarks>
internal sealed class GatedDeltaNet : DeltaRule
{
    private readonly double[] _rate; // [H] exp(A_log)
    private readonly float[] _bias; // [H]

    internal GatedDeltaNet(MemoryRule rule, int heads, int headDim, int hidden, HippocampusWeights weights, Gemm gemm, Workers workers)
        : base(rule, heads, headDim, hidden, weights, gemm, workers)
    {
        _rate = Array.ConvertAll(weights.ALog!, a => Math.Exp(a));
        _bias = [.. weights.DtBias!];
    }

    private protected override void FinishWriteGates(Span<float> gates)
    {
        Span<float> beta = gates[..Heads], logDecay = gates[Heads..];
        TensorPrimitives.Sigmoid(beta, beta);
        for (int head = 0; head < Heads; head++) logDecay[head] = (float)(-_rate[head] * Softplus.Of((double)logDecay[head] + _bias[head]));
    }

    private protected override void GatesOf(int head, ReadOnlySpan<float> writeGates, Span<float> strengths, Span<double> logDecays) =>
        GatesOf(Heads, head, writeGates, strengths, logDecays);

    internal static void GatesOf(int heads, int head, ReadOnlySpan<float> writeGates, Span<float> strengths, Span<double> logDecays)
    {
        for (int i = 0; i < strengths.Length; i++)
        {
            strengths[i] = writeGates[i * 2 * heads + head];
            logDecays[i] = writeGates[i * 2 * heads + heads + head];
        }
    }
}
