using System;
using System.Numerics.Tensors;
using AhnSharp.Kernels;
using AhnSharp.Network;

namespace AhnSharp.Hippocampus;

/// <summary>
/// What DeltaNet and GatedDeltaNet share: M ← M + β k̂(v − Mᵀk̂)ᵀ, o = Mᵀq̂/√D, y = RMSNorm_D(o)·SiLU(γ) each head on its own.
/// </summary>
/// <remarks>k̂, q̂ = x·rsqrt(Σx² + 1e-6); β ∈ (0, 1). Source: docs/memory.md; Fang et al. arXiv 2510.07318.</remarks>
internal abstract class DeltaRule : Hippocampus
{
    private const float UnitEpsilon = 1e-6f;
    private readonly float[] _norm; // [D]
    private readonly float _normEpsilon;

    private protected DeltaRule(
        MemoryRule rule, int heads, int headDim, int hidden, HippocampusWeights weights, Gemm gemm, Workers workers)
        : base(rule, heads, headDim, hidden, weights, gemm, workers)
    {
        _norm = [.. weights.Norm];
        _normEpsilon = weights.NormEpsilon;
    }

    /// <inheritdoc/>
    public sealed override void NormAndGate(Span<float> oRow, ReadOnlySpan<float> readGates)
    {
        for (int head = 0; head < Heads; head++)
        {
            Span<float> o = oRow.Slice(head * HeadDim, HeadDim);
            float inverse = 1 / MathF.Sqrt(TensorPrimitives.SumOfSquares<float>(o) / HeadDim + _normEpsilon);
            TensorPrimitives.Multiply(o, inverse * readGates[head], o);
            TensorPrimitives.Multiply(o, _norm, o);
        }
    }

    private protected sealed override bool Predicts => true;

    private protected sealed override float QueryScale => 1 / MathF.Sqrt(HeadDim);

    private protected sealed override float InverseLength(ReadOnlySpan<float> x) =>
        1 / MathF.Sqrt(TensorPrimitives.SumOfSquares(x) + UnitEpsilon);
}
