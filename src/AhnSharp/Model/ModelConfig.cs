using AhnSharp.Gguf;

namespace AhnSharp.Model;

/// <summary>The shape of a Qwen2.5 model, from the keys of its file, and of the memory beside it.</summary>
public sealed class ModelConfig
{
    /// <summary>Architectures this engine runs: a base model, and one with its memory in the same file.</summary>
    public const string BaseArchitecture = "qwen2", MergedArchitecture = "qwen2-ahn";

    // Far above any Qwen2.5 (72B: hidden 8192, ffn 29568, 80 layers): a crafted size must not reach an allocation.
    private const int MaxSize = 1 << 20;

    private ModelConfig(GgufMetadata metadata, string prefix, int vocabularySize, bool tiedEmbeddings)
    {
        HiddenSize = Size(metadata, prefix + ".embedding_length", 1);
        LayerCount = Size(metadata, prefix + ".block_count", 1);
        FfnSize = Size(metadata, prefix + ".feed_forward_length", 1);
        HeadCount = Size(metadata, prefix + ".attention.head_count", 1);
        KvHeadCount = SizeOrNull(metadata, prefix + ".attention.head_count_kv", 1) ?? HeadCount;
        if (HeadCount % KvHeadCount != 0)
            throw new InvalidModelException($"Key {prefix}.attention.head_count: expected a multiple of the {KvHeadCount} key/value heads, found {HeadCount}.");
        int? headDim = SizeOrNull(metadata, prefix + ".attention.key_length", 2);
        if (headDim is null && HiddenSize % HeadCount != 0)
            throw new InvalidModelException(
                $"Key {prefix}.attention.head_count: {HeadCount} heads do not divide the hidden size {HiddenSize}, and {prefix}.attention.key_length is absent.");
        HeadDim = headDim ?? HiddenSize / HeadCount;
        if (HeadDim % 2 != 0) throw new InvalidModelException($"Key {prefix}.attention.key_length: expected an even number, found {HeadDim}.");
        if (SizeOrNull(metadata, prefix + ".attention.value_length", 2) is { } valueDim && valueDim != HeadDim)
            throw new InvalidModelException($"Key {prefix}.attention.value_length: expected {HeadDim}, as the keys have, found {valueDim}.");
        ContextLength = SizeOrNull(metadata, prefix + ".context_length", 1, int.MaxValue) ?? 32768;
        RmsNormEpsilon = metadata.GetSingle(prefix + ".attention.layer_norm_rms_epsilon");
        if (!(RmsNormEpsilon is > 0 and < 1))
            throw new InvalidModelException($"Key {prefix}.attention.layer_norm_rms_epsilon: expected a number between 0 and 1, found {RmsNormEpsilon}.");
        RopeTheta = metadata.GetSingleOrNull(prefix + ".rope.freq_base") ?? 1e6f;
        if (!(RopeTheta > 1 && double.IsFinite(RopeTheta)))
            throw new InvalidModelException($"Key {prefix}.rope.freq_base: expected a number above 1, found {RopeTheta}.");
        RopeScaling = RopeKeys.Read(metadata, prefix, HeadDim, ContextLength);
        VocabularySize = vocabularySize;
        TiedEmbeddings = tiedEmbeddings;
    }

    /// <summary>E, entries of a hidden state.</summary>
    public int HiddenSize { get; }

    /// <summary>N, decoder layers.</summary>
    public int LayerCount { get; }

    /// <summary>H, query heads.</summary>
    public int HeadCount { get; }

    /// <summary>K, key/value heads; divides H.</summary>
    public int KvHeadCount { get; }

    /// <summary>D, entries of a head.</summary>
    public int HeadDim { get; }

    /// <summary>Inner size of the feed-forward network.</summary>
    public int FfnSize { get; }

    /// <summary>Rows of the embedding, padding included.</summary>
    public int VocabularySize { get; }

    /// <summary>ε of every RMSNorm of the base model.</summary>
    public float RmsNormEpsilon { get; }

    /// <summary>θ of the rotary embedding.</summary>
    public double RopeTheta { get; }

    /// <summary>YaRN or linear scaling, or null.</summary>
    public RopeScaling? RopeScaling { get; }

    /// <summary>Tokens that the file says the model was made for.</summary>
    public int ContextLength { get; }

    /// <summary>Whether the output matrix is the embedding.</summary>
    public bool TiedEmbeddings { get; }

    /// <summary>The memory, or null.</summary>
    public AhnConfig? Ahn { get; private init; }

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

    /// <summary>Reads the configuration of a base or merged file, and of an adapter beside it.</summary>
    public static ModelConfig Read(GgufFile file, GgufFile? adapter = null)
    {
        string architecture = file.Metadata.GetString("general.architecture");
        string type = file.Metadata.GetStringOrNull("general.type") ?? "model";
        if (type == "adapter")
            throw new InvalidModelException($"{file.Path} is an adapter: name the base model with --model, and this file with --ahn.");
        if (architecture is not (BaseArchitecture or MergedArchitecture))
            throw new InvalidModelException($"Key general.architecture: expected {BaseArchitecture} or {MergedArchitecture}, found {architecture}; this engine runs Qwen2 and Qwen2.5.");
        GgufTensor embedding = file.GetTensor("token_embd.weight");
        if (embedding.Shape.Length != 2 || embedding.Shape[1] is < 1 or > int.MaxValue)
            throw new InvalidModelException($"token_embd.weight: expected [hidden, vocabulary], found [{string.Join(", ", embedding.Shape)}].");
        var config = new ModelConfig(file.Metadata, architecture, (int)embedding.Shape[1], !file.TryGetTensor("output.weight", out _));
        if (adapter is not null)
        {
            if (architecture == MergedArchitecture)
                throw new InvalidModelException($"{file.Path} already holds a memory: leave out --ahn {adapter.Path}.");
            if (adapter.Metadata.GetStringOrNull("general.type") != "adapter" || adapter.Metadata.GetStringOrNull("adapter.type") != "ahn")
                throw new InvalidModelException($"{adapter.Path}: expected an AHN adapter (general.type = adapter, adapter.type = ahn), found another kind of file.");
            return new ModelConfig(file.Metadata, architecture, config.VocabularySize, config.TiedEmbeddings) { Ahn = AhnConfig.Read(adapter.Metadata, config) };
        }
        return architecture == MergedArchitecture
            ? new ModelConfig(file.Metadata, architecture, config.VocabularySize, config.TiedEmbeddings) { Ahn = AhnConfig.Read(file.Metadata, config) }
            : config;
    }

    internal static int Size(GgufMetadata metadata, string key, int least) =>
        SizeOrNull(metadata, key, least) ?? throw new InvalidModelException($"Key {key}: expected a number, found none.");

    private static int? SizeOrNull(GgufMetadata metadata, string key, int least, int most = MaxSize)
    {
        if (metadata.GetUInt32OrNull(key) is not { } value) return null;
        if (value < least || value > most) throw new InvalidModelException($"Key {key}: expected a number from {least} to {most}, found {value}.");
        return (int)value;
    }
}
