using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Network;

/// <summary>Every tensor of a model and of its memory: both names and the shape that its configuration proves.</summary>
/// <remarks>
/// The one list: loaders, converter and planner read it. Shapes as in the checkpoints, slowest first: matrices are [out, in]. The names in
/// files are llama.cpp's, and those of gguf/README.md for the memory.
/// </remarks>
internal sealed class NetworkTensors(ModelConfig config)
{
    /// <summary>Of every architecture.</summary>
    public const string EmbeddingName = "token_embd.weight", OutputNormName = "output_norm.weight", OutputName = "output.weight";

    /// <summary>
    /// [labels, E], in rerankers as llama.cpp's converter writes them: copies of two rows of the output matrix, yes and no, which the
    /// network has already.
    /// </summary>
    public const string RankHeadName = "cls.output.weight";

    public TensorSpec Embedding { get; } = new(EmbeddingName, "model.embed_tokens.weight", [config.VocabularySize, config.HiddenSize]);

    public TensorSpec OutputNorm { get; } = new(OutputNormName, "model.norm.weight", [config.HiddenSize]);

    /// <summary>null: the embedding is the output matrix too.</summary>
    public TensorSpec? Output { get; } =
        config.TiedEmbeddings ? null : new(OutputName, "lm_head.weight", [config.VocabularySize, config.HiddenSize]);

    /// <summary>All of the base model, in the order of a file.</summary>
    public IEnumerable<TensorSpec> Base =>
    [
        Embedding, .. Enumerable.Range(0, config.LayerCount).SelectMany(layer => Layer(layer).All), OutputNorm,
        .. Output is null ? [] : new[] { Output },
    ];

    /// <summary>All of the memory, in the order of a file, those included that only checkpoints have.</summary>
    public IEnumerable<TensorSpec> Memories => Enumerable.Range(0, config.LayerCount).SelectMany(layer => Memory(layer)?.All ?? []);

    public LayerTensors Layer(int layer) => new(config, layer);

    /// <summary>null: the layer has no memory.</summary>
    public MemoryTensors? Memory(int layer) =>
        config.Ahn is { } ahn && ahn.HasMemory(layer) ? new MemoryTensors(config, ahn.Rule, layer) : null;

    /// <summary>What every name of a layer's tensors begins with.</summary>
    public static string LayerPrefix(int layer) => $"blk.{layer}.";

    /// <summary>The norms of a base model, which stay F32 in every quantization: each layer's two, then the last.</summary>
    public static IEnumerable<string> NormNames(int layerCount)
    {
        for (int n = 0; n < layerCount; n++)
        {
            yield return LayerTensors.AttentionNormName(n);
            yield return LayerTensors.FfnNormName(n);
        }
        yield return OutputNormName;
    }
}
