namespace AhnSharp.Network;

/// <summary>The shape of a model, and of the memory beside it: E = <see cref="HiddenSize"/>, H, K, D, F as below.</summary>
/// <remarks>Read from the keys of a file by <see cref="ModelKeys"/>, or from a config.json when a folder is converted.</remarks>
public sealed record ModelConfig
{
    /// <summary>Which network.</summary>
    public required Architecture Architecture { get; init; }

    /// <summary>E, entries of a hidden state.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>N, decoder layers.</summary>
    public required int LayerCount { get; init; }

    /// <summary>H, query heads.</summary>
    public required int HeadCount { get; init; }

    /// <summary>K, key/value heads; divides H.</summary>
    public required int KvHeadCount { get; init; }

    /// <summary>D, entries of a head; H·D may differ from E.</summary>
    public required int HeadDim { get; init; }

    /// <summary>F, inner size of the feed-forward network.</summary>
    public required int FfnSize { get; init; }

    /// <summary>Rows of the embedding, padding included: may be more than the tokenizer has tokens.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>ε of every RMSNorm of the base model.</summary>
    public required float RmsNormEpsilon { get; init; }

    /// <summary>θ of the rotary embedding.</summary>
    public required double RopeTheta { get; init; }

    /// <summary>YaRN, or null.</summary>
    public RopeScaling? RopeScaling { get; init; }

    /// <summary>Tokens that the file says the model was made for.</summary>
    public required int ContextLength { get; init; }

    /// <summary>T, tokens it was trained for: the context length, and where the rotation is stretched, the stretched one.</summary>
    public long TrainedTokens => RopeScaling is { OriginalContextLength: > 0 } stretched
        ? (long)(stretched.Factor * stretched.OriginalContextLength) : ContextLength;

    /// <summary>Whether the output matrix is the embedding.</summary>
    public required bool TiedEmbeddings { get; init; }

    /// <summary>The memory, or null.</summary>
    public AhnConfig? Ahn { get; init; }

    /// <summary>Layers with a memory.</summary>
    public int MemoryLayerCount => Ahn is null ? 0 : LayerCount - Ahn.FullAttentionLayers.Length;

    /// <summary>The place of a layer's memory among all memories.</summary>
    public int MemoryIndex(int layer)
    {
        int index = layer;
        foreach (int full in Ahn!.FullAttentionLayers)
        {
            if (full < layer) index--;
        }
        return index;
    }
}
