using System;
using System.IO;
using System.Threading;
using AhnSharp.Archive;
using AhnSharp.Attention;
using AhnSharp.Embeddings;
using AhnSharp.Generation;
using AhnSharp.Kernels;
using AhnSharp.Sessions;

namespace AhnSharp.Extensions.AI;

/// <summary>Which model an application holds, how it is loaded and run, and what its sessions keep.</summary>
/// <remarks>What is null is as the model's file and the engine's defaults say. Validated when the application starts.</remarks>
public sealed class AhnSharpOptions
{
    /// <summary>The GGUF file, of a base or merged model.</summary>
    public string? ModelPath { get; set; }

    /// <summary>The file of the memory beside it.</summary>
    public string? AdapterPath { get; set; }

    /// <summary>The name under which clients ask for the model; null: that of its file, without the ending.</summary>
    public string? ModelId { get; set; }

    /// <summary>Loads the model otherwise than from <see cref="ModelPath"/> on the processor: on a GPU, say.</summary>
    public Func<AhnSharpOptions, CancellationToken, TextModel>? Load { get; set; }

    /// <summary>Whether it is loaded when the application starts, beside the start; else with the first request.</summary>
    public bool LoadAtStart { get; set; }

    /// <summary>As <see cref="ModelOptions.Threads"/>.</summary>
    public int? Threads { get; set; }

    /// <summary>As <see cref="ModelOptions.ChunkTokens"/>.</summary>
    public int? ChunkTokens { get; set; }

    /// <summary>As <see cref="ModelOptions.MemoryMap"/>.</summary>
    public bool MemoryMap { get; set; } = true;

    /// <summary>As <see cref="ModelOptions.Repack"/>.</summary>
    public bool Repack { get; set; } = true;

    /// <summary>As <see cref="ModelOptions.Activations"/>.</summary>
    public ActivationPrecision Activations { get; set; } = ActivationPrecision.EightBits;

    /// <summary>As <see cref="ModelOptions.IgnoreFingerprint"/>.</summary>
    public bool IgnoreFingerprint { get; set; }

    /// <summary>What sessions keep of a text, as <see cref="SessionOptions.Mode"/>.</summary>
    public MemoryMode? Memory { get; set; }

    /// <summary>As <see cref="SessionOptions.Window"/>.</summary>
    public int? Window { get; set; }

    /// <summary>As <see cref="SessionOptions.Sinks"/>.</summary>
    public int? Sinks { get; set; }

    /// <summary>As <see cref="SessionOptions.ContextTokens"/>.</summary>
    public int? ContextTokens { get; set; }

    /// <summary>As <see cref="SessionOptions.Kv"/>.</summary>
    public KvType Kv { get; set; } = KvType.F16;

    /// <summary>As <see cref="SessionOptions.Reach"/>.</summary>
    public long? Reach { get; set; }

    /// <summary>As <see cref="SessionOptions.Archive"/>.</summary>
    public ArchiveOptions? Archive { get; set; }

    /// <summary>As <see cref="SessionOptions.ArchiveFolder"/>.</summary>
    public string? ArchiveFolder { get; set; }

    /// <summary>The system turn of sessions that say none; null leaves it to the chat template.</summary>
    public string? SystemPrompt { get; set; }

    /// <summary>
    /// Most bytes that kept beginnings of conversations may take together (<see cref="PrefixCache"/>), so that the next request reads only
    /// what is new; 0 keeps none.
    /// </summary>
    public long CacheBytes { get; set; } = 1L << 30;

    /// <summary>As <see cref="TextEngineOptions.MaxAnswers"/>.</summary>
    public int MaxAnswers { get; set; } = 8;

    /// <summary>As <see cref="TextEngineOptions.PieceTokens"/>.</summary>
    public int? PieceTokens { get; set; }

    /// <summary>How answers are drawn where a request does not say.</summary>
    public CompletionOptions Completion { get; set; } = new();

    /// <summary>How texts become vectors where a request does not say.</summary>
    public EmbeddingOptions Embedding { get; set; } = new();

    /// <summary>The name under which clients ask for the model.</summary>
    internal string EffectiveModelId => ModelId
        ?? Path.GetFileNameWithoutExtension(ModelPath)
        ?? "ahnsharp";

    /// <summary>How the model is loaded.</summary>
    public ModelOptions ToModelOptions()
    {
        ModelOptions options = new()
        {
            MemoryMap = MemoryMap,
            Repack = Repack,
            Activations = Activations,
            IgnoreFingerprint = IgnoreFingerprint,
        };
        if (Threads is { } threads) options = options with { Threads = threads };
        if (ChunkTokens is { } chunk) options = options with { ChunkTokens = chunk };
        return options;
    }

    /// <summary>How many answers at once, and what is kept between them.</summary>
    public TextEngineOptions ToEngineOptions() => new() { MaxAnswers = MaxAnswers, CacheBytes = CacheBytes, PieceTokens = PieceTokens };

    /// <summary>What its sessions keep.</summary>
    public SessionOptions ToSessionOptions() => new()
    {
        Mode = Memory,
        Window = Window,
        Sinks = Sinks,
        ContextTokens = ContextTokens,
        Archive = Archive,
        ArchiveFolder = ArchiveFolder,
        Reach = Reach,
        Kv = Kv,
    };
}
