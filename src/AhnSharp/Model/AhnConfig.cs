using System.Collections.Immutable;
using System.Linq;
using AhnSharp.Gguf;
using AhnSharp.Hippocampus;

namespace AhnSharp.Model;

/// <summary>What a file says of its memory.</summary>
/// <param name="Kind">The rule by which leaving tokens are folded.</param>
/// <param name="Window">W that the memory was trained for; a session may choose another.</param>
/// <param name="Sinks">S, likewise.</param>
/// <param name="NormEpsilon">ε of the memory's norm.</param>
/// <param name="FullAttentionLayers">Layers that keep everything and have no memory.</param>
/// <param name="Fingerprint">Of the base model that the memory was trained on; null where the file does not say.</param>
public sealed record AhnConfig(
    HippocampusKind Kind, int Window, int Sinks, float NormEpsilon, ImmutableArray<int> FullAttentionLayers, string? Fingerprint)
{
    /// <summary>W of the published models' runs, where a model without a memory is given a window but no size.</summary>
    public const int DefaultWindow = 32640;

    /// <summary>S of the published models' runs.</summary>
    public const int DefaultSinks = 128;

    /// <summary>Reads the <c>ahn.*</c> keys and compares those that must equal the base model's.</summary>
    public static AhnConfig Read(GgufMetadata metadata, ModelConfig model)
    {
        Same("ahn.block_count", model.LayerCount);
        Same("ahn.embedding_length", model.HiddenSize);
        Same("ahn.head_count", model.HeadCount);
        Same("ahn.head_dim", model.HeadDim);
        string kind = metadata.GetString("ahn.kind");
        int window = ModelConfig.Size(metadata, "ahn.sliding_window", 1);
        int sinks = ModelConfig.Size(metadata, "ahn.attention_sinks", 0);
        int[] full = metadata.GetInt32ArrayOrNull("ahn.full_attention_layers") ?? [];
        foreach (int layer in full)
        {
            if (layer < 0 || layer >= model.LayerCount)
                throw new InvalidModelException($"Key ahn.full_attention_layers: expected layers from 0 to {model.LayerCount - 1}, found {layer}.");
        }
        return new AhnConfig(
            kind switch
            {
                "deltanet" => HippocampusKind.DeltaNet,
                "gated_deltanet" => HippocampusKind.GatedDeltaNet,
                "mamba2" => HippocampusKind.Mamba2,
                _ => throw new InvalidModelException($"Key ahn.kind: expected deltanet, gated_deltanet or mamba2, found {kind}."),
            },
            window, sinks, metadata.GetSingleOrNull("ahn.norm_epsilon") ?? 1e-5f, [.. full.Distinct().Order()],
            metadata.GetStringOrNull("ahn.base_model.fingerprint"));

        void Same(string key, int expected)
        {
            int found = ModelConfig.Size(metadata, key, 1);
            if (found != expected)
                throw new InvalidModelException($"Key {key}: expected {expected}, as the base model has, found {found}: this memory belongs to another model.");
        }
    }

    /// <summary>Whether a layer folds what leaves its window.</summary>
    public bool HasMemory(int layer) => !FullAttentionLayers.Contains(layer);
}
