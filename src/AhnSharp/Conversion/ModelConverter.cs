using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using AhnSharp.Cpu;
using AhnSharp.Gguf;

namespace AhnSharp.Conversion;

/// <summary>Turns Hugging Face folders into one GGUF file: a base model, an adapter with the memory alone, or both merged.</summary>
/// <remarks>Everything is proven before the first weight is written; then weights stream through, a few pieces at a time.</remarks>
public sealed class ModelConverter
{
    private readonly ConversionOptions _options;
    private readonly Action<string>? _onNote;
    private readonly List<string> _notes = [];
    private readonly FallbackNotes _fallbacks = new();

    private ModelConverter(ConversionOptions options, Action<string>? onNote)
    {
        _options = options;
        _onNote = onNote;
    }

    /// <summary>Converts; the file appears under its name when it is whole.</summary>
    /// <param name="options">What and how.</param>
    /// <param name="onNote">Hears, before the weights are written, what was decided for the user; a sentence each.</param>
    /// <param name="progress">Bytes of weights written, and in all.</param>
    /// <param name="ct">Stops within a few megabytes; nothing is left behind.</param>
    /// <exception cref="InvalidModelException">The folders are not what they should be; the message is one sentence.</exception>
    public static ConversionReport Convert(
        ConversionOptions options, Action<string>? onNote = null, IProgress<(long Done, long Total)>? progress = null, CancellationToken ct = default) =>
        new ModelConverter(options, onNote).Run(progress, ct);

    private ConversionReport Run(IProgress<(long Done, long Total)>? progress, CancellationToken ct)
    {
        CheckOptions();
        using HuggingFaceModel? baseModel = _options.BaseFolder is { } baseFolder ? HuggingFaceModel.Open(baseFolder) : null;
        using HuggingFaceModel? ahnModel = _options.AhnFolder is { } ahnFolder ? HuggingFaceModel.Open(ahnFolder) : null;
        BaseConfig? baseConfig = baseModel is null ? null : BaseConfig.ReadBase(baseModel.ConfigFile);
        BaseConfig? trainedFor = ahnModel is null ? null : BaseConfig.Read(ahnModel.ConfigFile);
        BaseConfig config = (baseConfig ?? trainedFor)!;
        if (baseConfig is not null && trainedFor is not null) CheckSameShape(trainedFor, baseConfig, _options.BaseFolder!);
        AhnFolderConfig? ahn = ahnModel is null ? null
            : AhnFolderConfig.Read(ahnModel.ConfigFile, config.LayerCount, _options.Window, _options.Sinks, Note);

        List<TensorRow> baseRows = baseModel is null ? [] : Claim(baseModel, TensorTable.Base(config));
        List<TensorRow> ahnRows = ahnModel is null ? [] : Claim(ahnModel, TensorTable.Ahn(config, ahn!.Kind, ahn.FullAttentionLayers));
        string? fingerprint = ahn is null ? null : Fingerprint(baseModel, config);

        bool isAdapter = baseModel is null;
        string architecture = !isAdapter && ahn is not null ? GgufKeys.MergedArchitecture : GgufKeys.Architecture;
        GgufWriter writer = new();
        GgufKeys.AddGeneral(writer, architecture, isAdapter, _options.Name ?? FolderName(_options.BaseFolder ?? _options.AhnFolder!), FileType(isAdapter));
        if (!isAdapter) GgufKeys.AddBase(writer, architecture, config);
        if (ahn is not null) GgufKeys.AddAhn(writer, config, ahn, fingerprint);
        if (!isAdapter) HuggingFaceTokenizer.Read(_options.BaseFolder!, config, Note)?.AddTo(writer);
        TensorEncoder encoder = new(Environment.ProcessorCount, ct);
        foreach (TensorRow row in baseRows) AddTensor(writer, encoder, config, baseModel!, row);
        foreach (TensorRow row in ahnRows) AddTensor(writer, encoder, config, ahnModel!, row);
        _notes.AddRange(_fallbacks.Sentences());
        // Everything is proven now: what fails before this line fails with one sentence alone.
        foreach (string sentence in _notes) _onNote?.Invoke(sentence);
        writer.Write(_options.Output, progress, ct);

        return new ConversionReport
        {
            Path = _options.Output,
            Form = isAdapter ? "adapter" : ahn is null ? "base" : "merged",
            Bytes = new FileInfo(_options.Output).Length,
            TensorCount = writer.TensorCount,
            BaseParameters = baseRows.Sum(row => row.ElementCount),
            AhnParameters = ahnRows.Sum(row => row.ElementCount),
            Kind = ahn?.Kind,
            Window = ahn?.Window,
            Sinks = ahn?.Sinks,
            Fingerprint = fingerprint,
            Notes = [.. _notes],
        };
    }

    private void CheckOptions()
    {
        if (_options.BaseFolder is null && _options.AhnFolder is null) throw new ArgumentException("Nothing to convert: name a base folder, an AHN folder, or both.");
        if (!_options.Mixture.IsWritable)
        {
            throw new ArgumentException($"Weights are converted to {string.Join(", ", QuantizationMixture.WritableNames)}; found {_options.Mixture.Name}.");
        }
        if (_options.AhnFolder is null && (_options.Window ?? _options.Sinks) is not null) throw new ArgumentException("A window and sinks belong to a memory; name its folder too.");
        if (_options.FingerprintFrom is not null && (_options.AhnFolder is null || _options.BaseFolder is not null))
        {
            throw new ArgumentException("A fingerprint is taken from elsewhere only for an adapter; beside a base folder it is that folder's.");
        }
    }

    /// <summary>Proves that a folder holds exactly the tensors of the table, and returns them.</summary>
    private List<TensorRow> Claim(HuggingFaceModel model, IEnumerable<TensorRow> table)
    {
        List<TensorRow> rows = [.. table];
        foreach (TensorRow row in rows) model.GetTensor(row.HuggingFaceName, row.Shape.AsSpan());
        HashSet<string> expected = [.. rows.Select(row => row.HuggingFaceName)];
        List<string> unknown = [.. model.TensorNames.Where(name => !expected.Contains(name)).Order(StringComparer.Ordinal)];

        // Two that are known to be redundant: the head beside a tied embedding, and the rotation's frequencies that old checkpoints carry.
        if (unknown.Remove("lm_head.weight")) Note($"{model.Folder} holds an lm_head.weight although its config.json ties the head to the embedding: it is left out.");
        if (unknown.RemoveAll(name => name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal)) > 0) Note($"{model.Folder} holds rotary_emb.inv_freq, which follows from rope_theta: it is left out.");
        if (unknown.Count > 0)
        {
            string more = unknown.Count > 1 ? $" and {unknown.Count - 1} more" : "";
            throw new InvalidModelException($"{model.Folder}: expected only the tensors of its config.json, found {unknown[0]}{more}, which a conversion would lose.");
        }
        return rows;
    }

    private string? Fingerprint(HuggingFaceModel? baseModel, BaseConfig config)
    {
        if (baseModel is not null) return FingerprintOf(baseModel, config);
        if (_options.FingerprintFrom is not { } source)
        {
            Note("No base model is given, so the adapter gets no fingerprint, and a wrong base of the same shape will not be noticed; --fingerprint-from BASE.gguf or a base folder adds it.");
            return null;
        }
        if (Directory.Exists(source))
        {
            using HuggingFaceModel folder = HuggingFaceModel.Open(source);
            CheckSameShape(config, BaseConfig.ReadBase(folder.ConfigFile), source);
            return FingerprintOf(folder, config);
        }
        using GgufFile file = GgufFile.Open(source);
        CheckSameShape(config, file, source);
        return BaseFingerprint.Of(file, config.LayerCount);
    }

    private static string FingerprintOf(HuggingFaceModel model, BaseConfig config)
    {
        Dictionary<string, TensorRow> norms = TensorTable.Base(config).Where(row => row.Shape.Length == 1).ToDictionary(row => row.Name);
        return BaseFingerprint.Of(config.LayerCount, name =>
        {
            TensorRow row = norms[name];
            model.GetTensor(row.HuggingFaceName, row.Shape.AsSpan());
            float[] weights = new float[row.ElementCount];
            model.ReadSingles(row.HuggingFaceName, 0, weights);
            return weights;
        });
    }

    private void AddTensor(GgufWriter writer, TensorEncoder encoder, BaseConfig config, HuggingFaceModel model, TensorRow row)
    {
        if (row.Name.Length == 0) return;
        TypeChoice choice = _options.Mixture.Choose(config, row.Name, row.Shape.Length, row.RowLength);
        _fallbacks.Add(row.Name, row.RowLength, choice);
        long granule = row.Change == TensorChange.TransposeHeads ? row.Shape[1] * row.Shape[2] : row.RowLength;
        TensorEncoder.Source source = row.Change switch
        {
            TensorChange.TransposeHeads => (offset, values) => ReadTransposed(model, row, offset, values),
            TensorChange.AddProjectionBias => (offset, values) => ReadSum(model, row, offset, values),
            _ => (offset, values) => model.ReadSingles(row.HuggingFaceName, offset, values),
        };
        writer.AddTensor(row.Name, choice.Type, row.ShapeFastestFirst,
            stream => encoder.Write(stream, row.Name, choice.Type, row.ElementCount, row.RowLength, granule, source));
    }

    /// <summary>Whole heads of [in, out] become [out, in].</summary>
    private static void ReadTransposed(HuggingFaceModel model, TensorRow row, long elementOffset, Span<float> values)
    {
        int rows = (int)row.Shape[1], columns = (int)row.Shape[2], head = rows * columns;
        float[] read = new float[head];
        for (int start = 0; start < values.Length; start += head)
        {
            model.ReadSingles(row.HuggingFaceName, elementOffset + start, read);
            Span<float> transposed = values.Slice(start, head);
            for (int i = 0; i < rows; i++)
            {
                for (int o = 0; o < columns; o++) transposed[o * rows + i] = read[i * columns + o];
            }
        }
    }

    private static void ReadSum(HuggingFaceModel model, TensorRow row, long elementOffset, Span<float> values)
    {
        float[] projection = new float[values.Length];
        model.ReadSingles(row.HuggingFaceName, elementOffset, values);
        model.ReadSingles(row.HuggingFaceName.Replace(".dt_bias", ".dt_proj.bias", StringComparison.Ordinal), elementOffset, projection);
        for (int i = 0; i < values.Length; i++) values[i] += projection[i];
    }

    private void CheckSameShape(BaseConfig memory, BaseConfig model, string source) =>
        CheckSameShape(memory, (model.LayerCount, model.HiddenSize, model.HeadCount, model.KvHeadCount, model.HeadDim), source);

    private void CheckSameShape(BaseConfig memory, GgufFile file, string source)
    {
        GgufMetadata keys = file.Metadata;
        string architecture = keys.GetString("general.architecture");
        if (architecture is not (GgufKeys.Architecture or GgufKeys.MergedArchitecture) || !keys.Contains($"{architecture}.block_count"))
        {
            throw new InvalidModelException($"{source}: expected a {GgufKeys.Architecture} base model, found {architecture} without a base model's keys.");
        }
        int Size(string key) => (int)keys.GetUInt32($"{architecture}.{key}");
        int hidden = Size("embedding_length"), heads = Math.Max(1, Size("attention.head_count"));
        int headDim = (int)(keys.GetUInt32OrNull($"{architecture}.attention.key_length") ?? (uint)(hidden / heads));
        CheckSameShape(memory, (Size("block_count"), hidden, heads, Size("attention.head_count_kv"), headDim), source);
    }

    private void CheckSameShape(BaseConfig memory, (int Layers, int Hidden, int Heads, int KvHeads, int HeadDim) model, string source)
    {
        ReadOnlySpan<(string Word, int Expected, int Found)> sizes =
        [
            ("layers", memory.LayerCount, model.Layers), ("hidden size", memory.HiddenSize, model.Hidden), ("heads", memory.HeadCount, model.Heads),
            ("key/value heads", memory.KvHeadCount, model.KvHeads), ("head dimension", memory.HeadDim, model.HeadDim),
        ];
        foreach ((string word, int expected, int found) in sizes)
        {
            if (expected != found) throw new InvalidModelException($"The memory in {_options.AhnFolder} is for a base model of {word} {expected}, but {source} has {found}.");
        }
    }

    // A memory alone is F16 whatever quantised types were asked for.
    private int FileType(bool isAdapter) => (isAdapter && _options.Mixture.IsQuantized ? QuantizationMixture.Get("f16") : _options.Mixture).FileType;

    private void Note(string sentence) => _notes.Add(sentence);

    private static string FolderName(string folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
}
