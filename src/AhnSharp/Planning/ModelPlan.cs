using System;
using System.IO;
using AhnSharp.Cpu;
using AhnSharp.Gguf;
using AhnSharp.Kernels;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Planning;

/// <summary>What a model takes in memory, counted from the headers of its files before anything is loaded.</summary>
public sealed class ModelPlan
{
    private const int BytesPerVocabularyRow = 400;
    private const long RuntimeBytes = 60L << 20;

    private readonly bool _repack;

    private ModelPlan(GgufFile file, GgufFile? adapter, ModelConfig config, ModelOptions options)
    {
        (Config, ChunkTokens, _repack) = (config, options.ChunkTokens, options.Repack);
        Name = file.Metadata.GetStringOrNull("general.name") ?? Path.GetFileNameWithoutExtension(file.Path);
        FileBytes = file.ByteLength + (adapter?.ByteLength ?? 0);
        foreach (GgufTensor tensor in file.Tensors) Add(tensor);
        foreach (GgufTensor tensor in adapter?.Tensors ?? []) Add(tensor);
        if (config.Ahn is { } ahn)
        {
            int gates = ahn.Rule.GatesPerHead * config.HeadCount;
            WeightBytes += config.MemoryLayerCount * WeightMatrix.BytesOf(GgmlType.F32, gates, config.HiddenSize);
        }
        ScratchBytes = Scratch.BytesOf(config, options.ChunkTokens, options.Threads);
        OtherBytes = RuntimeBytes + (long)BytesPerVocabularyRow * config.VocabularySize;
    }

    /// <summary>The model's shape.</summary>
    public ModelConfig Config { get; }

    /// <summary>What the file calls it, or the file's name.</summary>
    public string Name { get; }

    /// <summary>C, tokens that pass through a layer together.</summary>
    public int ChunkTokens { get; }

    /// <summary>Bytes of the file or files.</summary>
    public long FileBytes { get; }

    /// <summary>Weights of the base model.</summary>
    public long ParameterCount { get; private set; }

    /// <summary>Bytes the packed weights take: <see cref="CpuModel.WeightBytes"/>.</summary>
    public long WeightBytes { get; private set; }

    /// <summary>Bytes of a pass of whole chunks: at most this, shared by all sessions.</summary>
    public long ScratchBytes { get; }

    /// <summary>
    /// Bytes of the runtime, the program and the tokenizer: measured once (60 MB, and 400 bytes per row of the vocabulary), not counted.
    /// </summary>
    public long OtherBytes { get; }

    /// <summary>All that does not depend on the session.</summary>
    public long ModelBytes => WeightBytes + ScratchBytes + OtherBytes;

    /// <summary>Reads the headers of a base or merged file, and of the adapter beside it if one is named.</summary>
    /// <exception cref="InvalidModelException">A file is not what it should be.</exception>
    public static ModelPlan Read(string path, string? ahnPath = null, ModelOptions? options = null)
    {
        using GgufFile file = GgufFile.Open(path, options?.MemoryMap ?? true);
        return Read(file, ahnPath, options);
    }

    /// <summary>Of a file that is open.</summary>
    internal static ModelPlan Read(GgufFile file, string? ahnPath = null, ModelOptions? options = null)
    {
        using GgufFile? adapter = ahnPath is null ? null : GgufFile.Open(ahnPath, options?.MemoryMap ?? true);
        return new ModelPlan(file, adapter, ModelKeys.Read(file, adapter), options ?? new ModelOptions());
    }

    /// <summary>What a session with these options would be and take.</summary>
    public SessionPlan Session(SessionOptions? options = null) => new(Config, options ?? new SessionOptions(), ChunkTokens);

    /// <summary>
    /// All bytes with one session when it is fullest: model, state, a copy of its memory while a chunk passes, and the logits.
    /// </summary>
    public long MaxBytes(SessionPlan session) =>
        ModelBytes + session.MaxBytes + session.MemoryBytes + sizeof(float) * (long)Config.VocabularySize;

    // The memory's own matrices are kept as f32 whatever their format in the file, but projections in F16 as they are; rows of an untied
    // embedding are read from the file.
    private void Add(GgufTensor tensor)
    {
        if (tensor.IsMemory)
        {
            if (tensor.Name.EndsWith(MemoryTensors.OutName, StringComparison.Ordinal))
                WeightBytes += tensor.ElementCount * (tensor.Type == GgmlType.F16 ? sizeof(short) : sizeof(float));
            return;
        }
        ParameterCount += tensor.ElementCount;
        bool read = tensor.Name == NetworkTensors.EmbeddingName && !Config.TiedEmbeddings;
        if (read) return;
        WeightBytes += tensor.Shape.Length != 2 ? sizeof(float) * tensor.ElementCount
            : _repack ? WeightMatrix.BytesOf(tensor.Type, checked((int)tensor.RowCount), checked((int)tensor.RowLength))
            : tensor.ByteLength;
    }
}
