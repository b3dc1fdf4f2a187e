using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using AhnSharp.Files;
using AhnSharp.Gguf;
using AhnSharp.Network;

namespace AhnSharp.Conversion;

/// <summary>
/// Models of random weights at the exact shapes and names of the published ones, for measuring and for testing without a download.
/// </summary>
public sealed class SyntheticModel
{
    // Hub uploads are cut at about this size.
    private const long ShardBytes = 4_000_000_000;
    private readonly SyntheticWeights _weights;
    private readonly List<TensorSpec> _base, _ahn;

    /// <summary>Any shape, for tests; the vocabulary has at least Qwen's 151,665 tokens.</summary>
    internal SyntheticModel(string shape, ModelConfig config, MemoryRule? rule, ulong seed)
    {
        Shape = shape;
        Config = rule is null ? config : config with { Ahn = new AhnConfig(rule, AhnConfig.DefaultWindow, AhnConfig.DefaultSinks, []) };
        _weights = new SyntheticWeights(Config, seed);
        NetworkTensors network = new(Config);
        _base = [.. network.Base];
        _ahn = [.. network.Memories];
    }

    /// <summary>The published size: <c>3B</c>.</summary>
    public string Shape { get; }

    /// <summary>For people: <c>Qwen2.5 3B</c>, <c>Qwen3-4B</c>.</summary>
    public string Title =>
        Shape.StartsWith(Config.Architecture.Title, StringComparison.Ordinal) ? Shape : $"{Config.Architecture.Title} {Shape}";

    /// <summary>Its configuration, and its memory's.</summary>
    public ModelConfig Config { get; }

    /// <summary>Weights of the base model.</summary>
    public long BaseParameters => _base.Sum(row => row.ElementCount);

    /// <summary>Weights of the memory, as a checkpoint has them.</summary>
    public long AhnParameters => _ahn.Sum(row => row.ElementCount);

    /// <summary>A model to be written; nothing is drawn yet.</summary>
    /// <param name="shape">One of <see cref="QwenShape.Names"/>.</param>
    /// <param name="rule">Of its memory, or null.</param>
    /// <param name="seed">The same seed gives the same bytes.</param>
    public static SyntheticModel Create(string shape, MemoryRule? rule, ulong seed) => new(shape, QwenShape.Get(shape), rule, seed);

    /// <summary>Writes one GGUF file, merged where there is a memory, with W and S of the published runs.</summary>
    public void WriteGguf(
        string path, QuantizationMixture mixture, IProgress<(long Done, long Total)>? progress = null, CancellationToken ct = default)
    {
        using PartialFile file = new(path);
        WriteGguf(file.Stream, mixture, progress, ct);
        file.Commit();
    }

    /// <summary>Writes the same bytes to a stream, front to back.</summary>
    public void WriteGguf(
        Stream stream, QuantizationMixture mixture, IProgress<(long Done, long Total)>? progress = null, CancellationToken ct = default)
    {
        ModelForm form = Config.Ahn is null ? ModelForm.Base : ModelForm.Merged;
        GgufWriter writer = new();
        ModelKeys.WriteGeneral(writer, Config.Architecture, form, $"{Title} of random weights, {mixture.Name}", mixture.FileType);
        ModelKeys.WriteBase(writer, Config, form);
        if (Config.Ahn is { } ahn)
        {
            Dictionary<string, TensorSpec> rows = _base.ToDictionary(row => row.Name);
            ModelKeys.WriteMemory(
                writer, Config, ahn with { Fingerprint = BaseFingerprint.Of(Config.LayerCount, name => _weights.Vector(rows[name])) });
        }
        SyntheticTokenizer.Create(Config.VocabularySize).AddTo(writer);
        foreach (TensorSpec row in _base.Concat(_ahn).Where(row => row.Name.Length > 0))
        {
            GgmlType type = mixture.Choose(Config, row.Name, row.Shape.Length, row.RowLength).Type;
            writer.AddTensor(row.Name, type, row.ShapeFastestFirst, stream => _weights.Write(stream, row, type, ct));
        }
        writer.Write(stream, progress, ct);
    }

    /// <summary>
    /// Writes Hugging Face folders: <c>base/</c>, and <c>ahn/</c> where there is a memory, laid out as the published ones.
    /// </summary>
    /// <param name="folder">Made if it is not there.</param>
    /// <param name="type">F32, F16 or BF16.</param>
    /// <param name="includeBase">Whether to write the base model, which is the large part.</param>
    /// <param name="progress">Bytes of weights written, and in all.</param>
    /// <param name="ct">Stops within a few megabytes; what was begun is left.</param>
    public void WriteHuggingFace(string folder, GgmlType type, bool includeBase = true, IProgress<(long Done, long Total)>? progress = null,
        CancellationToken ct = default)
    {
        if (type is not (GgmlType.F32 or GgmlType.F16 or GgmlType.BF16))
            throw new ArgumentException($"Hugging Face folders hold F32, F16 or BF16; found {type}.", nameof(type));
        long total = ((includeBase ? BaseParameters : 0) + AhnParameters) * type.BlockBytes(), done = 0;
        void Count(long bytes) => progress?.Report((done += bytes, total));
        if (includeBase)
        {
            string path = Path.Combine(folder, "base");
            Directory.CreateDirectory(path);
            SyntheticFolder.WriteConfig(path, Config, type, ahn: null);
            SyntheticTokenizer.WriteFiles(path);
            WriteShards(path, _base, type, Count, ct);
        }
        if (Config.Ahn is not null)
        {
            string path = Path.Combine(folder, "ahn");
            Directory.CreateDirectory(path);
            SyntheticFolder.WriteConfig(path, Config, type, Config.Ahn);
            WriteShards(path, _ahn, type, Count, ct);
        }
    }

    private void WriteShards(string folder, List<TensorSpec> rows, GgmlType type, Action<long> count, CancellationToken ct)
    {
        List<SafetensorsWriter> shards = [new()];
        foreach (TensorSpec row in rows)
        {
            if (shards[^1].DataBytes > 0 && shards[^1].DataBytes + row.ElementCount * type.BlockBytes() > ShardBytes) shards.Add(new());
            shards[^1].Add(row.CheckpointName, type.ToString(), [.. row.Shape], stream =>
            {
                _weights.Write(stream, row, type, ct);
                count(row.ElementCount * type.BlockBytes());
            });
        }
        SyntheticFolder.WriteShards(folder, shards);
    }
}
