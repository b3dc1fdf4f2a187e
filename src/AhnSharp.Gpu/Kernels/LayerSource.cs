using AhnSharp.Hippocampus;

namespace AhnSharp.Gpu.Kernels;

/// <summary>
/// One decoder layer's parameters as a kernel set takes them over. E hidden, H·D query, K·D key/value, F feed-forward size.
/// </summary>
internal sealed record LayerSource
{
    public required float[] AttentionNorm { get; init; } // [E]
    public required MatrixSource Query { get; init; } // [H·D, E]
    public float[]? QueryBias { get; init; } // [H·D]; null: none, as the others
    public required MatrixSource Key { get; init; } // [K·D, E]
    public float[]? KeyBias { get; init; } // [K·D]
    public required MatrixSource Value { get; init; } // [K·D, E]
    public float[]? ValueBias { get; init; } // [K·D]
    public float[]? QueryNorm { get; init; } // [D], one for all heads; null: none, as KeyNorm
    public float[]? KeyNorm { get; init; } // [D]
    public required MatrixSource Output { get; init; } // [E, H·D]
    public required float[] FfnNorm { get; init; } // [E]
    public required MatrixSource Gate { get; init; } // [F, E]
    public required MatrixSource Up { get; init; } // [F, E]
    public required MatrixSource Down { get; init; } // [E, F]

    /// <summary>The memory's parameters; Out is [H, D in, D out]. null: a layer without a memory.</summary>
    public HippocampusWeights? Memory { get; init; }
}
