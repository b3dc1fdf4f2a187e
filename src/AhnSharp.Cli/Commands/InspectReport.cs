using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Archive;
using AhnSharp.Gguf;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Commands;

/// <summary>Everything that <c>ahn inspect</c> prints.</summary>
internal sealed record InspectReport
{
    /// <summary>The memory of one mode: what grows or turns with the text, the compressed memory, and the sum.</summary>
    internal sealed record ModeBytes(MemoryMode Mode, long Tokens, long Exact, long Memory);

    /// <summary>What an archive takes with every token that left the window, of a disk and of memory, and what asking reads.</summary>
    internal sealed record ArchiveBytes(int Heads, double Disk, double Index, long MostRead);

    internal sealed record TypeShare(GgmlType Type, int Tensors, long Parameters, long Bytes);

    public required string Path { get; init; }

    public required string? AdapterPath { get; init; }

    public required int Version { get; init; }

    public required long Bytes { get; init; }

    public required int Parts { get; init; }

    public required string Architecture { get; init; }

    public required string? Name { get; init; }

    /// <summary><c>base</c>, <c>merged</c>, <c>adapter</c>, <c>vocabulary</c>, or <c>other</c> for what this engine does not run.</summary>
    public required string Form { get; init; }

    public required int Tensors { get; init; }

    public required long BaseParameters { get; init; }

    public required long AhnParameters { get; init; }

    public required IReadOnlyList<TypeShare> Types { get; init; }

    /// <summary>The network's shape; null where the file holds none.</summary>
    public ModelConfig? Config { get; init; }

    /// <summary>The keys of the memory: those of the adapter where one is given.</summary>
    public GgufMetadata? AhnKeys { get; init; }

    /// <summary>Of the base weights in the file; null without them.</summary>
    public string? Fingerprint { get; init; }

    public GgufMetadata Metadata { get; private init; } = null!;

    /// <summary>Bytes of the compressed memory, which an adapter alone tells too.</summary>
    public long? MemoryStateBytes { get; init; }

    public SessionOptions Session { get; private init; } = new();

    public int Window { get; private init; }

    public int Sinks { get; private init; }

    public int ChunkTokens { get; private init; }

    public IReadOnlyList<ModeBytes> Modes { get; init; } = [];

    /// <summary>Of all heads; null where no archive is made for such heads, or nothing leaves a window.</summary>
    public ArchiveBytes? Archive { get; private init; }

    /// <summary>What a look at every weight found; null where nobody asked for it.</summary>
    public InspectWeights? Weights { get; init; }

    /// <summary>The fingerprint that the memory asks for, or null.</summary>
    public string? WantedFingerprint => AhnKeys?.GetStringOrNull("ahn.base_model.fingerprint");

    public static InspectReport Of(GgufFile file, GgufFile? adapter, SessionOptions session)
    {
        GgufMetadata keys = file.Metadata;
        string architecture = keys.GetString("general.architecture");
        string form = FormOf(file, architecture);
        if (adapter is not null && form != "base")
        {
            throw new UsageException(
                $"--ahn belongs to a base model, and {file.Path} is {(form == "merged" ? "merged with its memory already" : "none")}.");
        }
        bool isModel = form is "base" or "merged";
        ModelConfig? config = isModel ? ModelKeys.Read(file, adapter) : null;
        GgufMetadata? ahnKeys = adapter?.Metadata ?? (form is "merged" or "adapter" ? keys : null);
        IReadOnlyList<GgufTensor> all = [.. file.Tensors, .. adapter?.Tensors ?? []];
        InspectReport report = new()
        {
            Path = file.Path,
            AdapterPath = adapter?.Path,
            Version = file.Version,
            Bytes = file.ByteLength + (adapter?.ByteLength ?? 0),
            Parts = file.PartCount,
            Architecture = architecture,
            Name = keys.GetStringOrNull("general.name"),
            Form = form,
            Tensors = all.Count,
            BaseParameters = all.Where(tensor => !tensor.IsMemory).Sum(tensor => tensor.ElementCount),
            AhnParameters = all.Where(tensor => tensor.IsMemory).Sum(tensor => tensor.ElementCount),
            Types = [.. all.GroupBy(tensor => tensor.Type)
                .Select(group => new TypeShare(group.Key, group.Count(), group.Sum(t => t.ElementCount), group.Sum(t => t.ByteLength)))
                .OrderByDescending(share => share.Bytes)],
            Config = config,
            AhnKeys = ahnKeys,
            Fingerprint = config is null ? null : BaseFingerprint.Of(file, config.LayerCount),
            Metadata = keys,
            MemoryStateBytes = ahnKeys is null ? null : StateBytes(ahnKeys),
            Session = session,
        };
        return config is null ? report : report.WithModes(config, session);
    }

    private InspectReport WithModes(ModelConfig config, SessionOptions session)
    {
        int chunk = new ModelOptions().ChunkTokens;
        List<ModeBytes> modes = [];
        int window = 0, sinks = 0;
        foreach (MemoryMode mode in new[] { MemoryMode.Full, MemoryMode.Window, MemoryMode.Ahn })
        {
            if (mode == MemoryMode.Ahn && config.Ahn is null) continue;
            SessionPlan plan = new(config, session with { Mode = mode }, chunk);
            modes.Add(new ModeBytes(mode, plan.MaxExactTokens, plan.MaxExactBytes, plan.MemoryBytes));
            if (mode != MemoryMode.Full) (window, sinks) = (plan.Window, plan.Sinks);
        }
        return this with
        {
            Modes = modes,
            Window = window,
            Sinks = sinks,
            ChunkTokens = chunk,
            Archive = ArchiveOf(config, session with { Mode = MemoryMode.Window, Archive = new ArchiveOptions() }, chunk),
        };
    }

    private static ArchiveBytes? ArchiveOf(ModelConfig config, SessionOptions session, int chunk)
    {
        try
        {
            ArchiveShape shape = new SessionPlan(config, session, chunk).Shape!;
            double block = shape.Block;
            // Of each head the keys of all candidates, and the values of those that it attends to.
            long read = (long)shape.Heads * (shape.Options.Candidates + shape.Options.AttendedBlocks) * (shape.HeadBytes / 2);
            return new ArchiveBytes(shape.Heads, shape.BlockBytes / block, shape.IndexBytes / block, read);
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }

    // layers · H · D² floats, whatever the length of the text.
    private static long StateBytes(GgufMetadata ahn)
    {
        uint layers = ahn.GetUInt32("ahn.block_count"), heads = ahn.GetUInt32("ahn.head_count"), dim = ahn.GetUInt32("ahn.head_dim");
        int full = ahn.GetInt32ArrayOrNull("ahn.full_attention_layers")?.Length ?? 0;
        if (Math.Max(Math.Max(layers, heads), dim) > 1 << 14)
        {
            throw new InvalidModelException(
                $"ahn.block_count, ahn.head_count and ahn.head_dim: expected sizes of a model, found {layers}, {heads} and {dim}.");
        }
        return Math.Max(0, layers - full) * heads * dim * dim * sizeof(float);
    }

    private static string FormOf(GgufFile file, string architecture)
    {
        if (ModelKeys.IsAdapter(file.Metadata)) return ModelKeys.IsMemoryAdapter(file.Metadata) ? "adapter" : "other";
        if (file.Tensors.Count == 0 && file.Metadata.Contains("tokenizer.ggml.tokens")) return "vocabulary";
        return Network.Architecture.Find(architecture) is not { } found ? "other" : found.IsMerged ? "merged" : "base";
    }
}
