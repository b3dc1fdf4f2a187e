using System.Linq;
using AhnSharp.Gguf;

namespace AhnSharp.Conversion;

/// <summary>Writes the keys of the file convention, gguf/README.md, in one place for what is converted and what is synthesised.</summary>
internal static class GgufKeys
{
    public const string Architecture = "qwen2", MergedArchitecture = "qwen2-ahn";

    // The norm inside the published memories; a constant of their code, in no config.
    private const float AhnNormEpsilon = 1e-5f;

    /// <param name="writer">Takes the keys.</param>
    /// <param name="architecture"><see cref="Architecture"/> or <see cref="MergedArchitecture"/>.</param>
    /// <param name="isAdapter">Whether the file holds a memory without its base.</param>
    /// <param name="name">For people.</param>
    /// <param name="fileType">llama.cpp's number of the mixture of types.</param>
    public static void AddGeneral(GgufWriter writer, string architecture, bool isAdapter, string name, int fileType)
    {
        writer.Add("general.architecture", architecture);
        writer.Add("general.type", isAdapter ? "adapter" : "model");
        if (isAdapter) writer.Add("adapter.type", "ahn");
        writer.Add("general.name", name);
        writer.Add("general.file_type", (uint)fileType);
        writer.Add("general.quantization_version", 2u);
    }

    public static void AddBase(GgufWriter writer, string architecture, BaseConfig c)
    {
        writer.Add($"{architecture}.context_length", (uint)c.ContextLength);
        writer.Add($"{architecture}.embedding_length", (uint)c.HiddenSize);
        writer.Add($"{architecture}.block_count", (uint)c.LayerCount);
        writer.Add($"{architecture}.feed_forward_length", (uint)c.FfnSize);
        writer.Add($"{architecture}.attention.head_count", (uint)c.HeadCount);
        writer.Add($"{architecture}.attention.head_count_kv", (uint)c.KvHeadCount);
        writer.Add($"{architecture}.attention.layer_norm_rms_epsilon", (float)c.RmsNormEpsilon);
        writer.Add($"{architecture}.rope.freq_base", (float)c.RopeTheta);
        if (c.HeadDim * c.HeadCount != c.HiddenSize)
        {
            writer.Add($"{architecture}.attention.key_length", (uint)c.HeadDim);
            writer.Add($"{architecture}.attention.value_length", (uint)c.HeadDim);
        }
        if (c.YarnFactor is not { } factor) return;
        writer.Add($"{architecture}.rope.scaling.type", "yarn");
        writer.Add($"{architecture}.rope.scaling.factor", (float)factor);
        writer.Add($"{architecture}.rope.scaling.original_context_length", (uint)c.YarnOriginalContextLength!.Value);
        if (c.YarnAttentionFactor is { } attention) writer.Add($"{architecture}.rope.scaling.attn_factor", (float)attention);
    }

    public static void AddAhn(GgufWriter writer, BaseConfig c, AhnFolderConfig ahn, string? fingerprint)
    {
        writer.Add("ahn.kind", ahn.Kind);
        writer.Add("ahn.sliding_window", (uint)ahn.Window);
        writer.Add("ahn.attention_sinks", (uint)ahn.Sinks);
        writer.Add("ahn.block_count", (uint)c.LayerCount);
        writer.Add("ahn.embedding_length", (uint)c.HiddenSize);
        writer.Add("ahn.head_count", (uint)c.HeadCount);
        writer.Add("ahn.head_dim", (uint)c.HeadDim);
        writer.Add("ahn.norm_epsilon", AhnNormEpsilon);
        if (ahn.FullAttentionLayers.Length > 0) writer.Add("ahn.full_attention_layers", ahn.FullAttentionLayers.Select(layer => (uint)layer).ToArray());
        if (fingerprint is not null) writer.Add("ahn.base_model.fingerprint", fingerprint);
    }
}
