using AhnSharp.Network;

namespace AhnSharp.Gpu.Kernels;

/// <summary>The numbers of a model that kernels need.</summary>
/// <param name="Hidden">E.</param>
/// <param name="Heads">H, query heads.</param>
/// <param name="KvHeads">K, key/value heads; query head i takes key/value head i / (H/K).</param>
/// <param name="HeadDim">D, even, at most 512.</param>
/// <param name="Ffn">F.</param>
/// <param name="Vocabulary">V.</param>
/// <param name="NormEpsilon">ε of every RMSNorm of the base model.</param>
/// <param name="Memory">The rule of the memories; null without one.</param>
/// <param name="MemoryNormEpsilon">ε of the memories' norm.</param>
/// <param name="ChunkTokens">C, most rows of a pass.</param>
internal sealed record GpuShape(
    int Hidden, int Heads, int KvHeads, int HeadDim, int Ffn, int Vocabulary, float NormEpsilon, MemoryRule? Memory,
    float MemoryNormEpsilon, int ChunkTokens)
{
    /// <summary>H·D, the width of queries and of what attention returns.</summary>
    public int QueryWidth => Heads * HeadDim;

    /// <summary>K·D, the width of keys and of values.</summary>
    public int KeyWidth => KvHeads * HeadDim;

    /// <summary>
    /// g: floats per token that the ring keeps for its memory: β [H] (DN), β [H] then log decay [H] (GDN), Δ [H] (Mamba2); 0 without one.
    /// </summary>
    public int WriteGates => (Memory?.WriteGatesPerHead ?? 0) * Heads;

    /// <summary>g + H: rows of the gate product, write gates then γ; 0 without a memory.</summary>
    public int GateWidth => (Memory?.GatesPerHead ?? 0) * Heads;

    /// <summary>The shape of a model.</summary>
    public static GpuShape Of(ModelConfig config, int chunkTokens) => new(
        config.HiddenSize, config.HeadCount, config.KvHeadCount, config.HeadDim, config.FfnSize, config.VocabularySize,
        config.RmsNormEpsilon,
        config.Ahn?.Rule, config.Ahn?.NormEpsilon ?? 0, chunkTokens);
}
