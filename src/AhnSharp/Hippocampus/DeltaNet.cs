using System;
using System.Numerics.Tensors;
using AhnSharp.Kernels;
using AhnSharp.Network;

namespace AhnSharp.Hippocampus;

/// <summary>The delta rule without decay: β = σ(W_b h); M ← M + β k̂(v − Mᵀk̂)ᵀ.</summary>
/// <remarks>The ring keeps β [H] a token.</remarks>
internal sealed class DeltaNet : DeltaRule
{
    internal DeltaNet(MemoryRule rule, int heads, int headDim, int hidden, HippocampusWeights weights, Gemm gemm, Workers workers)
        : base(rule, heads, headDim, hidden, weights, gemm, workers)
    {
    }

    private protected override void FinishWriteGates(Span<float> gates) => TensorPrimitives.Sigmoid(gates, gates);

    private protected override void GatesOf(int head, ReadOnlySpan<float> writeGates, Span<float> strengths, Span<double> logDecays) =>
        GatesOf(Heads, head, writeGates, strengths, logDecays);

    internal static void GatesOf(int heads, int head, ReadOnlySpan<float> writeGates, Span<float> strengths, Span<double> logDecays)
    {
        for (int i = 0; i < strengths.Length; i++) strengths[i] = writeGates[i * heads + head];
        logDecays.Clear();
    }
}
