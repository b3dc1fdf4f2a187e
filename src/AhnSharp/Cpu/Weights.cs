using System;
using System.Numerics.Tensors;
using System.Threading;
using AhnSharp.Gguf;
using AhnSharp.Hippocampus;
using AhnSharp.Kernels;
using AhnSharp.Model;
using AhnSharp.Sessions;

namespace AhnSharp.Cpu;

/// <summary>Every parameter of the network: names end here, and every shape is proven here.</summary>
internal sealed class Weights : IDisposable
{
    private Weights(ModelConfig config) => Layers = new LayerWeights[config.LayerCount];

    public LayerWeights[] Layers { get; }
    public required Embedding Embedding { get; init; } // [vocabulary, E]
    public required float[] OutputNorm { get; init; } // [E]
    public required Linear Head { get; init; } // [vocabulary, E]; the embedding where tied
    public int SevenBitMatrices { get; private set; }

    public static Weights Load(GgufFile file, GgufFile? adapter, ModelConfig config, ModelOptions options, int firstLayer, Workers workers, CancellationToken cancellation)
    {
        int e = config.HiddenSize, q = config.HeadCount * config.HeadDim, kv = config.KvHeadCount * config.HeadDim, f = config.FfnSize;
        var from = new TensorLoader(file, options, workers, cancellation);
        TensorLoader memory = adapter is null ? from : new TensorLoader(adapter, options, workers, cancellation);
        GgufTensor embedding = from.Take("token_embd.weight", config.VocabularySize, e);
        var weights = new Weights(config)
        {
            Embedding = new Embedding(file, embedding),
            OutputNorm = from.Floats("output_norm.weight", e),
            Head = config.TiedEmbeddings ? new Linear(from.Matrix("token_embd.weight", config.VocabularySize, e), ProfileStage.Head) : from.Plain("output", config.VocabularySize, e, ProfileStage.Head),
        };
        try
        {
            for (int n = 0; n < config.LayerCount; n++)
            {
                string blk = $"blk.{n}.";
                if (n < firstLayer)
                {
                    from.Leave(blk);
                    memory.Leave(blk);
                    continue;
                }
                weights.Layers[n] = new LayerWeights
                {
                    AttentionNorm = from.Floats(blk + "attn_norm.weight", e),
                    Query = from.Biased(blk + "attn_q", q, e, ProfileStage.Qkv),
                    Key = from.Biased(blk + "attn_k", kv, e, ProfileStage.Qkv),
                    Value = from.Biased(blk + "attn_v", kv, e, ProfileStage.Qkv),
                    Output = from.Plain(blk + "attn_output", e, q, ProfileStage.AttentionOutput),
                    FfnNorm = from.Floats(blk + "ffn_norm.weight", e),
                    Gate = from.Plain(blk + "ffn_gate", f, e, ProfileStage.GateUp),
                    Up = from.Plain(blk + "ffn_up", f, e, ProfileStage.GateUp),
                    Down = from.Plain(blk + "ffn_down", e, f, ProfileStage.Down),
                    Memory = config.Ahn is { } ahn && ahn.HasMemory(n) ? LoadMemory(memory, blk, ahn, config, workers) : null,
                };
            }
            weights.SevenBitMatrices = from.SevenBitMatrices;
            from.RefuseRest();
            memory.RefuseRest();
            if (config.Ahn?.Fingerprint is { } fingerprint && !options.IgnoreFingerprint) Compare(fingerprint, file, adapter, config.LayerCount);
            return weights;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>Bytes the weights take, packed, those of the memory included.</summary>
    public long ResidentBytes
    {
        get
        {
            long bytes = Head.ResidentBytes + sizeof(float) * OutputNorm.Length;
            foreach (LayerWeights? layer in Layers) bytes += layer?.ResidentBytes ?? 0;
            return bytes;
        }
    }

    public void Dispose()
    {
        Head.Dispose();
        foreach (LayerWeights? layer in Layers) layer?.Dispose();
    }

    private static Hippocampus.Hippocampus LoadMemory(TensorLoader from, string blk, AhnConfig ahn, ModelConfig config, Workers workers) =>
        Hippocampus.Hippocampus.Create(ahn.Kind, config.HeadCount, config.HeadDim, config.HiddenSize, MemoryOf(from, blk, ahn, config), KernelTable.Gemm, workers);

    /// <summary>A memory's projection P, behind the layer's prefix.</summary>
    public const string OutName = "ahn_out.weight";

    /// <summary>A layer's memory as it is in the file, but Out with the output contiguous.</summary>
    public static HippocampusWeights MemoryOf(TensorLoader from, string blk, AhnConfig ahn, ModelConfig config)
    {
        int e = config.HiddenSize, h = config.HeadCount, d = config.HeadDim;
        bool mamba = ahn.Kind == HippocampusKind.Mamba2, gated = ahn.Kind == HippocampusKind.GatedDeltaNet;
        float[] projection = from.Floats(blk + OutName, h, d, d);
        return new HippocampusWeights
        {
            Beta = from.Floats(blk + "ahn_beta.weight", h, e),
            Alpha = gated ? from.Floats(blk + "ahn_alpha.weight", h, e) : null,
            ALog = gated || mamba ? from.Floats(blk + "ahn_a_log", h) : null,
            DtBias = gated || mamba ? from.Floats(blk + "ahn_dt.bias", h) : null,
            Gate = from.Floats(blk + "ahn_gate.weight", h, e),
            GateBias = mamba ? from.Floats(blk + "ahn_gate.bias", h) : null,
            Norm = mamba ? from.Floats(blk + "ahn_norm.weight", h * d) : from.Floats(blk + "ahn_norm.weight", d),
            Out = Transpose(projection, h, d),
            OutIsHalf = from.Take(blk + OutName, h, d, d).Type == GgmlType.F16 && TensorPrimitives.IsFiniteAll<float>(projection),
            NormEpsilon = ahn.NormEpsilon,
        };
    }

    // The file keeps the input dimension contiguous, [H, out, in]; a product of rows wants the output contiguous, [H, in, out].
    private static float[] Transpose(float[] outMajor, int heads, int dim)
    {
        float[] inMajor = new float[outMajor.Length];
        for (int h = 0; h < heads; h++)
        {
            int head = h * dim * dim;
            for (int o = 0; o < dim; o++)
            {
                for (int i = 0; i < dim; i++) inMajor[head + i * dim + o] = outMajor[head + o * dim + i];
            }
        }
        return inMajor;
    }

    /// <summary>Refuses a memory that was trained on another base model.</summary>
    public static void Compare(string fingerprint, GgufFile file, GgufFile? adapter, int layers)
    {
        string found = BaseFingerprint.Of(file, layers);
        if (!found.Equals(fingerprint, StringComparison.OrdinalIgnoreCase))
            throw new InvalidModelException(
                $"Key ahn.base_model.fingerprint of {adapter?.Path ?? file.Path}: expected {fingerprint}, found {found} in {file.Path}: the memory was trained on another base model (--force uses it all the same).");
    }
}
