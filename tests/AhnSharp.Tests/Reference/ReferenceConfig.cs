using System.Collections.Generic;
using AhnSharp.Network;

namespace AhnSharp.Tests.Reference;

/// <summary>What a query sees.</summary>
internal enum ReferenceMode
{
    Full,
    Window,
    Ahn,
}

/// <summary>YaRN: factor s and original length L₀.</summary>
internal sealed record ReferenceYarn(double Factor, int OriginalLength, double BetaFast = 32, double BetaSlow = 1);

/// <summary>The shape of a Qwen2.5 or Qwen3 with a memory; the defaults are those of data/golden.</summary>
internal sealed record ReferenceConfig
{
    public int Vocabulary { get; init; } = 512;
    public int Hidden { get; init; } = 128;
    public int Ffn { get; init; } = 256;
    public int Layers { get; init; } = 3;
    public int Heads { get; init; } = 4;
    public int KvHeads { get; init; } = 2;
    public int HeadDim { get; init; } = 64;
    public double RopeTheta { get; init; } = 1e6;
    public double NormEpsilon { get; init; } = 1e-6;
    public double MemoryNormEpsilon { get; init; } = 1e-5;
    public bool TiedEmbeddings { get; init; } = true;

    /// <summary>Qwen3: each head of q and k passes an RMSNorm before it is rotated, and q, k and v have no bias.</summary>
    public bool HeadNorms { get; init; }
    public HippocampusKind Kind { get; init; }

    /// <summary>fa_layer_ids: full attention in every mode, no memory.</summary>
    public IReadOnlyList<int> FullAttentionLayers { get; init; } = [];

    public ReferenceYarn? Yarn { get; init; }
}
