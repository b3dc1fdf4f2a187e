using System;
using System.Linq;
using AhnSharp.Gguf;

namespace AhnSharp.Network;

/// <summary>Reads and writes the keys by which a file says which model it holds, and which memory.</summary>
/// <remarks>
/// Their names: gguf/README.md of this repository, and llama.cpp's. Files are hostile: every number is held against bounds, and a sentence
/// names the key, what was expected and what was found.
/// </remarks>
public static class ModelKeys
{
    private const string
        ArchitectureKey = "general.architecture", TypeKey = "general.type", AdapterTypeKey = "adapter.type",
        Adapter = "adapter", Ahn = "ahn";

    // Behind the architecture's name.
    private const string
        Context = ".context_length", Hidden = ".embedding_length", Layers = ".block_count", Ffn = ".feed_forward_length",
        Heads = ".attention.head_count", KvHeads = ".attention.head_count_kv", KeyLength = ".attention.key_length",
        ValueLength = ".attention.value_length", Epsilon = ".attention.layer_norm_rms_epsilon", Theta = ".rope.freq_base";

    private const string
        Kind = "ahn.kind", Window = "ahn.sliding_window", Sinks = "ahn.attention_sinks", AhnLayers = "ahn.block_count",
        AhnHidden = "ahn.embedding_length", AhnHeads = "ahn.head_count", AhnHeadDim = "ahn.head_dim", AhnEpsilon = "ahn.norm_epsilon",
        FullLayers = "ahn.full_attention_layers", Fingerprint = "ahn.base_model.fingerprint";

    // Far above any Qwen (72B: hidden 8192, ffn 29568, 80 layers): a crafted size must not reach an allocation.
    private const int MaxSize = 1 << 20;

    /// <summary>Whether a file holds something beside a base model, and not a base model itself.</summary>
    public static bool IsAdapter(GgufMetadata metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        return metadata.GetStringOrNull(TypeKey) == Adapter;
    }

    /// <summary>Whether a file holds a memory without its base model.</summary>
    public static bool IsMemoryAdapter(GgufMetadata metadata) => IsAdapter(metadata) && metadata.GetStringOrNull(AdapterTypeKey) == Ahn;

    /// <summary>Reads the configuration of a base or merged file, and of an adapter beside it.</summary>
    public static ModelConfig Read(GgufFile file, GgufFile? adapter = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (IsAdapter(file.Metadata))
            throw new InvalidModelException($"{file.Path} is an adapter: name the base model with --model, and this file with --ahn.");
        string name = file.Metadata.GetString(ArchitectureKey);
        (Architecture architecture, bool isMerged) = Architecture.Get(name);
        GgufTensor embedding = file.GetTensor(NetworkTensors.EmbeddingName);
        if (embedding.Shape.Length != 2 || embedding.Shape[1] is < 1 or > int.MaxValue)
            throw new InvalidModelException($"{embedding.Name}: expected [hidden, vocabulary], found {embedding.TypeAndShape}.");
        bool tied = !file.TryGetTensor(NetworkTensors.OutputName, out _);
        ModelConfig config = ReadBase(file.Metadata, architecture, name, (int)embedding.Shape[1], tied);
        if (adapter is null) return isMerged ? config with { Ahn = ReadMemory(file.Metadata, config) } : config;
        if (isMerged) throw new InvalidModelException($"{file.Path} already holds a memory: leave out --ahn {adapter.Path}.");
        if (!IsMemoryAdapter(adapter.Metadata))
        {
            throw new InvalidModelException(
                $"{adapter.Path}: expected an AHN adapter (general.type = adapter, adapter.type = ahn), found another kind of file.");
        }
        string trainedFor = adapter.Metadata.GetStringOrNull(ArchitectureKey) ?? name;
        if (trainedFor != name)
        {
            throw new InvalidModelException(
                $"{adapter.Path}: expected a memory for {name}, as {file.Path} is, found one for {trainedFor}.");
        }
        return config with { Ahn = ReadMemory(adapter.Metadata, config) };
    }

    /// <param name="writer">Takes the keys.</param>
    /// <param name="architecture">Of the base model.</param>
    /// <param name="form">What the file holds.</param>
    /// <param name="name">For people.</param>
    /// <param name="fileType">llama.cpp's number of the mixture of types.</param>
    internal static void WriteGeneral(GgufWriter writer, Architecture architecture, ModelForm form, string name, int fileType)
    {
        writer.Add(ArchitectureKey, form == ModelForm.Merged ? architecture.MergedName : architecture.Name);
        writer.Add(TypeKey, form == ModelForm.Adapter ? Adapter : "model");
        if (form == ModelForm.Adapter) writer.Add(AdapterTypeKey, Ahn);
        writer.Add("general.name", name);
        writer.Add("general.file_type", (uint)fileType);
        writer.Add("general.quantization_version", 2u);
    }

    internal static void WriteBase(GgufWriter writer, ModelConfig c, ModelForm form)
    {
        string prefix = form == ModelForm.Merged ? c.Architecture.MergedName : c.Architecture.Name;
        writer.Add(prefix + Context, (uint)c.ContextLength);
        writer.Add(prefix + Hidden, (uint)c.HiddenSize);
        writer.Add(prefix + Layers, (uint)c.LayerCount);
        writer.Add(prefix + Ffn, (uint)c.FfnSize);
        writer.Add(prefix + Heads, (uint)c.HeadCount);
        writer.Add(prefix + KvHeads, (uint)c.KvHeadCount);
        writer.Add(prefix + Epsilon, c.RmsNormEpsilon);
        writer.Add(prefix + Theta, (float)c.RopeTheta);
        if (c.HeadDim * c.HeadCount != c.HiddenSize)
        {
            writer.Add(prefix + KeyLength, (uint)c.HeadDim);
            writer.Add(prefix + ValueLength, (uint)c.HeadDim);
        }
        if (c.RopeScaling is { } scaling) RopeKeys.Write(writer, prefix, scaling);
    }

    internal static void WriteMemory(GgufWriter writer, ModelConfig c, AhnConfig ahn)
    {
        writer.Add(Kind, ahn.Rule.Word);
        writer.Add(Window, (uint)ahn.Window);
        writer.Add(Sinks, (uint)ahn.Sinks);
        writer.Add(AhnLayers, (uint)c.LayerCount);
        writer.Add(AhnHidden, (uint)c.HiddenSize);
        writer.Add(AhnHeads, (uint)c.HeadCount);
        writer.Add(AhnHeadDim, (uint)c.HeadDim);
        writer.Add(AhnEpsilon, ahn.NormEpsilon);
        if (ahn.FullAttentionLayers.Length > 0) writer.Add(FullLayers, ahn.FullAttentionLayers.Select(layer => (uint)layer).ToArray());
        if (ahn.Fingerprint is not null) writer.Add(Fingerprint, ahn.Fingerprint);
    }

    private static ModelConfig ReadBase(GgufMetadata keys, Architecture architecture, string prefix, int vocabularySize, bool tied)
    {
        int hidden = Size(keys, prefix + Hidden, 1), heads = Size(keys, prefix + Heads, 1);
        int kvHeads = SizeOrNull(keys, prefix + KvHeads, 1) ?? heads;
        if (heads % kvHeads != 0)
            throw new InvalidModelException($"Key {prefix}{Heads}: expected a multiple of the {kvHeads} key/value heads, found {heads}.");
        float epsilon = keys.GetSingle(prefix + Epsilon), theta = keys.GetSingleOrNull(prefix + Theta) ?? 1e6f;
        if (!(epsilon is > 0 and < 1))
            throw new InvalidModelException($"Key {prefix}{Epsilon}: expected a number between 0 and 1, found {epsilon}.");
        if (!(theta > 1 && float.IsFinite(theta)))
            throw new InvalidModelException($"Key {prefix}{Theta}: expected a number above 1, found {theta}.");
        int headDim = ReadHeadDim(keys, prefix, hidden, heads), context = SizeOrNull(keys, prefix + Context, 1, int.MaxValue) ?? 32768;
        return new ModelConfig
        {
            Architecture = architecture,
            HiddenSize = hidden,
            LayerCount = Size(keys, prefix + Layers, 1),
            HeadCount = heads,
            KvHeadCount = kvHeads,
            HeadDim = headDim,
            FfnSize = Size(keys, prefix + Ffn, 1),
            VocabularySize = vocabularySize,
            ContextLength = context,
            RmsNormEpsilon = epsilon,
            RopeTheta = theta,
            RopeScaling = RopeKeys.Read(keys, prefix, headDim, context),
            TiedEmbeddings = tied,
        };
    }

    private static int ReadHeadDim(GgufMetadata keys, string prefix, int hidden, int heads)
    {
        int? written = SizeOrNull(keys, prefix + KeyLength, 2);
        if (written is null && hidden % heads != 0)
        {
            throw new InvalidModelException(
                $"Key {prefix}{Heads}: {heads} heads do not divide the hidden size {hidden}, and {prefix}{KeyLength} is absent.");
        }
        int headDim = written ?? hidden / heads;
        if (headDim % 2 != 0) throw new InvalidModelException($"Key {prefix}{KeyLength}: expected an even number, found {headDim}.");
        if (SizeOrNull(keys, prefix + ValueLength, 2) is { } valueDim && valueDim != headDim)
            throw new InvalidModelException($"Key {prefix}{ValueLength}: expected {headDim}, as the keys have, found {valueDim}.");
        return headDim;
    }

    // Those that must equal the base model's are compared.
    private static AhnConfig ReadMemory(GgufMetadata keys, ModelConfig model)
    {
        Same(AhnLayers, model.LayerCount);
        Same(AhnHidden, model.HiddenSize);
        Same(AhnHeads, model.HeadCount);
        Same(AhnHeadDim, model.HeadDim);
        string word = keys.GetString(Kind);
        MemoryRule rule = MemoryRule.OfWord(word)
            ?? throw new InvalidModelException(
                $"Key {Kind}: expected one of {string.Join(", ", MemoryRule.All.Select(row => row.Word))}, found {word}.");
        float epsilon = keys.GetSingleOrNull(AhnEpsilon) ?? AhnConfig.DefaultNormEpsilon;
        if (!(epsilon is >= 0 and < 1))
            throw new InvalidModelException($"Key {AhnEpsilon}: expected a number from 0 to 1, found {epsilon}.");
        int[] full = keys.GetInt32ArrayOrNull(FullLayers) ?? [];
        foreach (int layer in full)
        {
            if (layer < 0 || layer >= model.LayerCount)
                throw new InvalidModelException($"Key {FullLayers}: expected layers from 0 to {model.LayerCount - 1}, found {layer}.");
        }
        return new AhnConfig(rule, Size(keys, Window, 1), Size(keys, Sinks, 0), [.. full.Distinct().Order()])
        {
            NormEpsilon = epsilon,
            Fingerprint = keys.GetStringOrNull(Fingerprint),
        };

        void Same(string key, int expected)
        {
            int found = Size(keys, key, 1);
            if (found == expected) return;
            throw new InvalidModelException(
                $"Key {key}: expected {expected}, as the base model has, found {found}: this memory belongs to another model.");
        }
    }

    private static int Size(GgufMetadata keys, string key, int min) =>
        SizeOrNull(keys, key, min) ?? throw new InvalidModelException($"Key {key}: expected a number, found none.");

    private static int? SizeOrNull(GgufMetadata keys, string key, int min, int max = MaxSize)
    {
        if (keys.GetUInt32OrNull(key) is not { } value) return null;
        if (value < min || value > max)
            throw new InvalidModelException($"Key {key}: expected a number from {min} to {max}, found {value}.");
        return (int)value;
    }
}
