using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Serialization;
using AhnSharp.Archive;
using AhnSharp.Gguf;

namespace AhnSharp.Evaluation;

/// <summary>Which (layer, key/value head) pairs of a model look facts up, best first: an archive of the first of them is smaller.</summary>
/// <remarks>
/// As JSON: format "ahn-archive-heads", version 1, model (for people), fingerprint (of the base, <see cref="Network.BaseFingerprint"/>),
/// layers, kv_heads, text, keep, heads [{layer, kv_head, attention}], recall [{heads, digits, hits, archive_bytes, index_bytes}].
/// </remarks>
/// <param name="Model">Name, for people.</param>
/// <param name="Fingerprint">Of the base model; null where it has none.</param>
/// <param name="Layers">Its layers.</param>
/// <param name="KvHeads">Key/value heads of a layer.</param>
/// <param name="Text">What was read, for people.</param>
/// <param name="Keep">How many of the heads get an archive.</param>
/// <param name="Heads">Best first.</param>
/// <param name="Recall">What was measured with more and fewer of them.</param>
public sealed record HeadCalibration(
    string Model, string? Fingerprint, int Layers, int KvHeads, string Text, int Keep, ImmutableArray<RankedHead> Heads,
    ImmutableArray<HeadRecall> Recall)
{
    private const string Format = "ahn-archive-heads";
    private const int Version = 1;
    private const int MaxBytes = 16 << 20; // 100,000 heads

    /// <summary>Name of the file beside a model or its adapter.</summary>
    public static string PathBeside(string modelPath) => Path.ChangeExtension(modelPath, ".heads.json");

    /// <summary>An archive of the heads that are kept, for this model alone.</summary>
    public ArchiveOptions Apply(ArchiveOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options with { Heads = [.. Heads.Take(Keep).Select(head => (head.Layer, head.KvHead))], HeadsFingerprint = Fingerprint };
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is no calibration; the sentence says what was expected.</exception>
    public static HeadCalibration Read(string path)
    {
        if (new FileInfo(path).Length > MaxBytes)
        {
            throw new InvalidDataException(
                $"{path}: expected a calibration of archive heads of at most {MaxBytes >> 20} MB, found a longer file.");
        }
        byte[] bytes = File.ReadAllBytes(path);
        HeadCalibrationFile? file;
        try
        {
            file = JsonSerializer.Deserialize(bytes, HeadCalibrationJson.Default.HeadCalibrationFile);
        }
        catch (JsonException broken)
        {
            throw new InvalidDataException(
                $"{path}: expected the JSON that 'ahn calibrate' writes, and it does not read as such "
                    + $"({GgufText.Shortened(broken.Message)}).", broken);
        }
        if (file is null || file.Format != Format)
            throw new InvalidDataException($"{path}: expected the format '{Format}' that 'ahn calibrate' writes, found another.");
        if (file.Version != Version)
            throw new InvalidDataException($"{path}: expected version {Version} of '{Format}', found {file.Version}.");
        return file.ToCalibration(path);
    }

    /// <summary>As <see cref="Read"/> reads it.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(
        new HeadCalibrationFile
        {
            Format = Format,
            Version = Version,
            Model = Model,
            Fingerprint = Fingerprint,
            Layers = Layers,
            KvHeads = KvHeads,
            Text = Text,
            Keep = Keep,
            Heads = [.. Heads],
            Recall = [.. Recall],
        },
        HeadCalibrationJson.Default.HeadCalibrationFile);
}

/// <summary>The file, as written.</summary>
internal sealed class HeadCalibrationFile
{
    public string? Format { get; set; }
    public int Version { get; set; }
    public string? Model { get; set; }
    public string? Fingerprint { get; set; }
    public int Layers { get; set; }
    public int KvHeads { get; set; }
    public string? Text { get; set; }
    public int Keep { get; set; }
    public List<RankedHead>? Heads { get; set; }
    public List<HeadRecall>? Recall { get; set; }

    public HeadCalibration ToCalibration(string path)
    {
        if (Heads is not { Count: > 0 } heads || Layers < 1 || KvHeads < 1)
            throw new InvalidDataException($"{path}: expected layers, kv_heads and a list of heads, found one missing or empty.");
        if (Keep < 1 || Keep > heads.Count)
            throw new InvalidDataException($"{path}: keep: expected 1 to {heads.Count}, as many as there are heads, found {Keep}.");
        HashSet<(int, int)> seen = [];
        foreach (RankedHead head in heads)
        {
            if ((uint)head.Layer >= (uint)Layers || (uint)head.KvHead >= (uint)KvHeads || !seen.Add((head.Layer, head.KvHead)))
            {
                throw new InvalidDataException(
                    $"{path}: heads: expected each of {Layers} layers × {KvHeads} key/value heads at most once, found head {head.KvHead} "
                    + $"of layer {head.Layer}.");
            }
        }
        return new HeadCalibration(Model ?? "", Fingerprint, Layers, KvHeads, Text ?? "", Keep, [.. heads], [.. Recall ?? []]);
    }
}

/// <summary>Generated readers and writers: no reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HeadCalibrationFile))]
internal sealed partial class HeadCalibrationJson : JsonSerializerContext;
