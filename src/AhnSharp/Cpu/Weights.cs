using System;
using System.Numerics.Tensors;
using System.Threading;
using AhnSharp.Gguf;
using AhnSharp.Hippocampus;
using AhnSharp.Kernels;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Cpu;

/// <summary>Every parameter of the network: names end here, and every shape is proven here against <see cref="NetworkTensors"/>.</summary>
internal sealed class Weights : IDisposable
{
    private Weights(ModelConfig config) => Layers = new LayerWeights[config.LayerCount];

    public LayerWeights[] Layers { get; }
    public required Embedding Embedding { get; init; } // [vocabulary, E]
    public required float[] OutputNorm { get; init; } // [E]
    public required Linear Head { get; init; } // [vocabulary, E]; the embedding where tied
    public int SevenBitMatrices { get; private set; }

    public static Weights Load(GgufFile file, GgufFile? adapter, ModelConfig config, ModelOptions options, int firstLayer, Workers workers,
        CancellationToken cancellation)
    {
        var from = new TensorLoader(file, options, workers, cancellation);
        TensorLoader memory = adapter is null ? from : new TensorLoader(adapter, options, workers, cancellation);
        var tensors = new NetworkTensors(config);
        var weights = new Weights(config)
        {
            Embedding = new Embedding(file, from.Take(tensors.Embedding)),
            OutputNorm = from.Floats(tensors.OutputNorm),
            Head = from.Linear(tensors.Output ?? tensors.Embedding, null, ProfileStage.Head),
        };
        try
        {
            for (int n = 0; n < config.LayerCount; n++)
            {
                if (n < firstLayer)
                {
                    from.Leave(NetworkTensors.LayerPrefix(n));
                    memory.Leave(NetworkTensors.LayerPrefix(n));
                    continue;
                }
                LayerTensors layer = tensors.Layer(n);
                weights.Layers[n] = new LayerWeights
                {
                    AttentionNorm = from.Floats(layer.AttentionNorm),
                    Query = from.Linear(layer.Query, layer.QueryBias, ProfileStage.Qkv),
                    Key = from.Linear(layer.Key, layer.KeyBias, ProfileStage.Qkv),
                    Value = from.Linear(layer.Value, layer.ValueBias, ProfileStage.Qkv),
                    QueryNorm = from.FloatsOrNull(layer.QueryNorm),
                    KeyNorm = from.FloatsOrNull(layer.KeyNorm),
                    Output = from.Linear(layer.Output, null, ProfileStage.AttentionOutput),
                    FfnNorm = from.Floats(layer.FfnNorm),
                    Gate = from.Linear(layer.Gate, null, ProfileStage.GateUp),
                    Up = from.Linear(layer.Up, null, ProfileStage.GateUp),
                    Down = from.Linear(layer.Down, null, ProfileStage.Down),
                    Memory = tensors.Memory(n) is { } ahn ? LoadMemory(memory, ahn, config, workers) : null,
                };
            }
            weights.SevenBitMatrices = from.SevenBitMatrices;
            from.Leave(NetworkTensors.RankHeadName);
            from.RefuseRest(config.Architecture.Title);
            memory.RefuseRest(config.Architecture.Title);
            if (config.Ahn?.Fingerprint is { } fingerprint && !options.IgnoreFingerprint)
                Compare(fingerprint, file, adapter, config.LayerCount);
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

    private static Hippocampus.Hippocampus LoadMemory(TensorLoader from, MemoryTensors tensors, ModelConfig config, Workers workers) =>
        Hippocampus.Hippocampus.Create(
            config.Ahn!.Rule, config.HeadCount, config.HeadDim, config.HiddenSize, MemoryOf(from, tensors, config),
            KernelTable.Gemm, workers);

    /// <summary>A layer's memory as it is in the file, but Out with the output contiguous.</summary>
    public static HippocampusWeights MemoryOf(TensorLoader from, MemoryTensors tensors, ModelConfig config)
    {
        float[] projection = from.Floats(tensors.Out);
        return new HippocampusWeights
        {
            Beta = from.Floats(tensors.Beta),
            Alpha = from.FloatsOrNull(tensors.Alpha),
            ALog = from.FloatsOrNull(tensors.ALog),
            DtBias = from.FloatsOrNull(tensors.DtBias),
            Gate = from.Floats(tensors.Gate),
            GateBias = from.FloatsOrNull(tensors.GateBias),
            Norm = from.Floats(tensors.Norm),
            Out = Transpose(projection, config.HeadCount, config.HeadDim),
            OutIsHalf = from.Take(tensors.Out).Type == GgmlType.F16 && TensorPrimitives.IsFiniteAll<float>(projection),
            NormEpsilon = config.Ahn!.NormEpsilon,
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
                $"Key ahn.base_model.fingerprint of {adapter?.Path ?? file.Path}: expected {fingerprint}, found {found} in {file.Path}: "
                    + "the memory was trained on another base model (--force uses it all the same).");
    }
}
