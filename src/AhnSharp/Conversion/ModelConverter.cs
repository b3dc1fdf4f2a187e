using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using AhnSharp.Files;
using AhnSharp.Gguf;
using AhnSharp.Network;

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
    /// <exception cref="IOException">The output may not be written; the message is one sentence.</exception>
    public static ConversionReport Convert(
        ConversionOptions options, Action<string>? onNote = null, IProgress<(long Done, long Total)>? progress = null,
        CancellationToken ct = default) =>
        new ModelConverter(options, onNote).Run(progress, ct);

    private ConversionReport Run(IProgress<(long Done, long Total)>? progress, CancellationToken ct)
    {
        CheckOptions();
        OutputFile.Check(
            _options.Output, OutputKind.Model, _options.Overwrite, _options.BaseFolder, _options.AhnFolder, _options.FingerprintFrom);
        using HuggingFaceModel? baseModel = _options.BaseFolder is { } baseFolder ? HuggingFaceModel.Open(baseFolder) : null;
        using HuggingFaceModel? ahnModel = _options.AhnFolder is { } ahnFolder ? HuggingFaceModel.Open(ahnFolder) : null;
        FolderConfig? baseConfig = baseModel is null ? null : FolderConfig.ReadBase(baseModel.ConfigFile);
        ModelConfig? trainedFor = ahnModel is null ? null : FolderConfig.Read(ahnModel.ConfigFile).Model;
        ModelConfig config = (baseConfig?.Model ?? trainedFor)!;
        if (baseConfig is not null && trainedFor is not null) CheckSameShape(trainedFor, config, _options.BaseFolder!);
        if (ahnModel is not null)
        {
            config =
                config with { Ahn = AhnFolderConfig.Read(ahnModel.ConfigFile, config.LayerCount, _options.Window, _options.Sinks, Note) };
        }

        NetworkTensors network = new(config);
        List<TensorSpec> baseRows = baseModel is null ? [] : Claim(baseModel, network.Base);
        List<TensorSpec> ahnRows = ahnModel is null ? [] : Claim(ahnModel, network.Memories);
        AhnConfig? ahn = config.Ahn is null ? null : config.Ahn with { Fingerprint = Fingerprint(baseModel, config) };

        ModelForm form = baseModel is null ? ModelForm.Adapter : ahn is null ? ModelForm.Base : ModelForm.Merged;
        GgufWriter writer = new();
        ModelKeys.WriteGeneral(
            writer, config.Architecture, form, _options.Name ?? FolderName(_options.BaseFolder ?? _options.AhnFolder!), FileType(form));
        if (baseModel is not null) ModelKeys.WriteBase(writer, config, form);
        if (ahn is not null) ModelKeys.WriteMemory(writer, config, ahn);
        if (baseConfig is not null)
        {
            PoolingType? pooling = FolderEmbedding.PoolingOf(_options.BaseFolder!);
            string name = form == ModelForm.Merged ? config.Architecture.MergedName : config.Architecture.Name;
            if (pooling is { } type) writer.Add(PoolingKey.Of(name), (uint)type);
            HuggingFaceTokenizer.Read(_options.BaseFolder!, baseConfig, pooling is not null, Note)?.AddTo(writer);
        }
        TensorEncoder encoder = new(Environment.ProcessorCount, ct);
        foreach (TensorSpec row in baseRows) AddTensor(writer, encoder, config, baseModel!, row);
        foreach (TensorSpec row in ahnRows) AddTensor(writer, encoder, config, ahnModel!, row);
        _notes.AddRange(_fallbacks.Sentences());
        // Everything is proven now: what fails before this line fails with one sentence alone.
        foreach (string sentence in _notes) _onNote?.Invoke(sentence);
        using (PartialFile written = new(_options.Output, _options.Overwrite))
        {
            writer.Write(written.Stream, progress, ct);
            written.Commit();
        }


        return new ConversionReport
        {
            Path = _options.Output,
            Form = form.ToString().ToLowerInvariant(),
            Bytes = new FileInfo(_options.Output).Length,
            TensorCount = writer.TensorCount,
            BaseParameters = baseRows.Sum(row => row.ElementCount),
            AhnParameters = ahnRows.Sum(row => row.ElementCount),
            Kind = ahn?.Rule.Word,
            Window = ahn?.Window,
            Sinks = ahn?.Sinks,
            Fingerprint = ahn?.Fingerprint,
            Notes = [.. _notes],
        };
    }

    private void CheckOptions()
    {
        if (_options.BaseFolder is null && _options.AhnFolder is null)
            throw new ArgumentException("Nothing to convert: name a base folder, an AHN folder, or both.");
        if (!_options.Mixture.IsWritable)
        {
            throw new ArgumentException(
                $"Weights are converted to {string.Join(", ", QuantizationMixture.WritableNames)}; found {_options.Mixture.Name}.");
        }
        if (_options.AhnFolder is null && (_options.Window ?? _options.Sinks) is not null)
            throw new ArgumentException("A window and sinks belong to a memory; name its folder too.");
        if (_options.FingerprintFrom is not null && (_options.AhnFolder is null || _options.BaseFolder is not null))
        {
            throw new ArgumentException(
                "A fingerprint is taken from elsewhere only for an adapter; beside a base folder it is that folder's.");
        }
    }

    /// <summary>Proves that a folder holds exactly the tensors of the table, and returns them.</summary>
    private List<TensorSpec> Claim(HuggingFaceModel model, IEnumerable<TensorSpec> table)
    {
        List<TensorSpec> rows = [.. table];
        foreach (TensorSpec row in rows) model.GetTensor(row.CheckpointName, row.Shape.AsSpan());
        HashSet<string> expected = [.. rows.Select(row => row.CheckpointName)];
        List<string> unknown = [.. model.TensorNames.Where(name => !expected.Contains(name)).Order(StringComparer.Ordinal)];

        // Two that are known to be redundant: the head beside a tied embedding, and the rotation's frequencies that old checkpoints carry.
        if (unknown.Remove("lm_head.weight"))
            Note($"{model.Folder} holds an lm_head.weight although its config.json ties the head to the embedding: it is left out.");
        if (unknown.RemoveAll(name => name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal)) > 0)
            Note($"{model.Folder} holds rotary_emb.inv_freq, which follows from rope_theta: it is left out.");
        if (unknown.Count > 0)
        {
            string more = unknown.Count > 1 ? $" and {unknown.Count - 1} more" : "";
            throw new InvalidModelException(
                $"{model.Folder}: expected only the tensors of its config.json, found {unknown[0]}{more}, which a conversion would lose.");
        }
        return rows;
    }

    private string? Fingerprint(HuggingFaceModel? baseModel, ModelConfig config)
    {
        if (baseModel is not null) return FingerprintOf(baseModel, config);
        if (_options.FingerprintFrom is not { } source)
        {
            Note("No base model is given, so the adapter gets no fingerprint, and a wrong base of the same shape will not be noticed; "
                + "--fingerprint-from BASE.gguf or a base folder adds it.");
            return null;
        }
        if (BaseFingerprint.IsOne(source)) return source.ToLowerInvariant();
        if (Directory.Exists(source))
        {
            using HuggingFaceModel folder = HuggingFaceModel.Open(source);
            CheckSameShape(config, FolderConfig.ReadBase(folder.ConfigFile).Model, source);
            return FingerprintOf(folder, config);
        }
        using GgufFile file = GgufFile.Open(source);
        OutputFile.Check(_options.Output, OutputKind.Model, _options.Overwrite, file.PartPaths);
        if (ModelKeys.IsAdapter(file.Metadata))
            throw new InvalidModelException($"{source}: expected a {config.Architecture.Name} base model, found an adapter without one.");
        CheckSameShape(config, ModelKeys.Read(file), source);
        return BaseFingerprint.Of(file, config.LayerCount);
    }

    private static string FingerprintOf(HuggingFaceModel model, ModelConfig config)
    {
        Dictionary<string, TensorSpec> norms = new NetworkTensors(config).Base.Where(row => row.IsVector).ToDictionary(row => row.Name);
        return BaseFingerprint.Of(config.LayerCount, name =>
        {
            TensorSpec row = norms[name];
            model.GetTensor(row.CheckpointName, row.Shape.AsSpan());
            float[] weights = new float[row.ElementCount];
            model.ReadSingles(row.CheckpointName, 0, weights);
            return weights;
        });
    }

    private void AddTensor(GgufWriter writer, TensorEncoder encoder, ModelConfig config, HuggingFaceModel model, TensorSpec row)
    {
        if (row.Name.Length == 0) return;
        TypeChoice choice = _options.Mixture.Choose(config, row.Name, row.Shape.Length, row.RowLength);
        _fallbacks.Add(row.Name, row.RowLength, choice);
        long granule = row.Change == TensorChange.TransposeHeads ? row.Shape[1] * row.Shape[2] : row.RowLength;
        TensorEncoder.Source source = row.Change switch
        {
            TensorChange.TransposeHeads => (offset, values) => ReadTransposed(model, row, offset, values),
            TensorChange.AddProjectionBias => (offset, values) => ReadSum(model, row, offset, values),
            _ => (offset, values) => model.ReadSingles(row.CheckpointName, offset, values),
        };
        writer.AddTensor(row.Name, choice.Type, row.ShapeFastestFirst,
            stream => encoder.Write(stream, row.Name, choice.Type, row.ElementCount, row.RowLength, granule, source));
    }

    /// <summary>Whole heads of [in, out] become [out, in].</summary>
    private static void ReadTransposed(HuggingFaceModel model, TensorSpec row, long elementOffset, Span<float> values)
    {
        int rows = (int)row.Shape[1], columns = (int)row.Shape[2], head = rows * columns;
        float[] read = new float[head];
        for (int start = 0; start < values.Length; start += head)
        {
            model.ReadSingles(row.CheckpointName, elementOffset + start, read);
            Span<float> transposed = values.Slice(start, head);
            for (int i = 0; i < rows; i++)
            {
                for (int o = 0; o < columns; o++) transposed[o * rows + i] = read[i * columns + o];
            }
        }
    }

    private static void ReadSum(HuggingFaceModel model, TensorSpec row, long elementOffset, Span<float> values)
    {
        float[] projection = new float[values.Length];
        model.ReadSingles(row.CheckpointName, elementOffset, values);
        model.ReadSingles(row.CheckpointName.Replace(".dt_bias", ".dt_proj.bias", StringComparison.Ordinal), elementOffset, projection);
        for (int i = 0; i < values.Length; i++) values[i] += projection[i];
    }

    private void CheckSameShape(ModelConfig memory, ModelConfig model, string source)
    {
        if (memory.Architecture != model.Architecture)
        {
            throw new InvalidModelException($"The memory in {_options.AhnFolder} is for a base model of {memory.Architecture.Title}, "
                + $"but {source} is one of {model.Architecture.Title}.");
        }
        ReadOnlySpan<(string Word, int Expected, int Found)> sizes =
        [
            ("layers", memory.LayerCount, model.LayerCount), ("hidden size", memory.HiddenSize, model.HiddenSize),
            ("heads", memory.HeadCount, model.HeadCount),
            ("key/value heads", memory.KvHeadCount, model.KvHeadCount), ("head dimension", memory.HeadDim, model.HeadDim),
        ];
        foreach ((string word, int expected, int found) in sizes)
        {
            if (expected != found)
            {
                throw new InvalidModelException(
                    $"The memory in {_options.AhnFolder} is for a base model of {word} {expected}, but {source} has {found}.");
            }
        }
    }

    // A memory alone is F16 whatever quantized types were asked for.
    private int FileType(ModelForm form) =>
        (form == ModelForm.Adapter && _options.Mixture.IsQuantized ? QuantizationMixture.Get("f16") : _options.Mixture).FileType;

    private void Note(string sentence) => _notes.Add(sentence);

    private static string FolderName(string folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
}
