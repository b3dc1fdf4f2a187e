using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Options;
using AhnSharp.Generation;
using AhnSharp.Kernels;
using AhnSharp.Model;

namespace AhnSharp.Cli;

/// <summary>Loading a model for a command, and the first line that every such command prints: the tier that runs, the threads, the model.</summary>
internal static class LoadedModel
{
    /// <summary>Loads the network with its tokenizer and template.</summary>
    internal static Task<TextModel> LoadTextAsync(ModelOptionGroup options, ParseResult parsed, CancellationToken cancellationToken) =>
        LoadAsync(options, parsed, TextModel.Load, static text => text.Model, cancellationToken);

    /// <summary>The same, of the model that a snapshot was made with, unless the options name another.</summary>
    internal static Task<TextModel> LoadTextAsync(ModelOptionGroup options, ParseResult parsed, RecordedModel recorded, CancellationToken cancellationToken)
    {
        (string path, string? ahnPath) = recorded.Find(options, parsed);
        return LoadAsync(path, ahnPath, options.ModelOptions(parsed), TextModel.Load, static text => text.Model, cancellationToken);
    }

    /// <summary>Loads the network alone: for commands that take token ids.</summary>
    internal static Task<QwenModel> LoadAsync(ModelOptionGroup options, ParseResult parsed, CancellationToken cancellationToken) =>
        LoadAsync(options, parsed, QwenModel.Load, static model => model, cancellationToken);

    /// <summary>Loads the network of a second model beside the first, from files that the command line names otherwise.</summary>
    internal static Task<QwenModel> LoadAsync(string path, string? ahnPath, ModelOptions options, CancellationToken cancellationToken) =>
        LoadAsync(path, ahnPath, options, QwenModel.Load, static model => model, cancellationToken);

    private static Task<T> LoadAsync<T>(
        ModelOptionGroup options, ParseResult parsed, Func<string, string?, ModelOptions?, CancellationToken, T> load, Func<T, QwenModel> modelOf, CancellationToken cancellationToken) =>
        LoadAsync(options.ModelPath(parsed), options.AhnPath(parsed), options.ModelOptions(parsed), load, modelOf, cancellationToken);

    private static async Task<T> LoadAsync<T>(
        string path, string? ahnPath, ModelOptions options, Func<string, string?, ModelOptions?, CancellationToken, T> load, Func<T, QwenModel> modelOf, CancellationToken cancellationToken)
    {
        T loaded = await Task.Run(() => load(path, ahnPath, options, cancellationToken), cancellationToken);
        QwenModel model = modelOf(loaded);
        Terminal.Note(Describe(model, path, ahnPath));
        if (options.Activations == ActivationPrecision.SevenBits && model.SevenBitMatrices == 0)
            Terminal.Note("No matrix of this model is Q8_0 (or the tier is the portable one): --activations 7bit has no effect.");
        return loaded;
    }

    // For example: AVX-512, 2 threads, ahn-demo-q8_0.gguf: 8 layers of 384, 15.9 MB, memory DeltaNet (window 480, sinks 32)
    private static string Describe(QwenModel model, string path, string? ahnPath)
    {
        ModelConfig config = model.Config;
        string threads = model.Workers.Count == 1 ? "1 thread" : $"{model.Workers.Count} threads";
        string files = Path.GetFileName(path) + (ahnPath is null ? "" : $" + {Path.GetFileName(ahnPath)}");
        string memory = config.Ahn is { } ahn ? $"memory {ahn.Kind} (window {ahn.Window:N0}, sinks {ahn.Sinks:N0})" : "no memory";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Tier(KernelTable.Active)}, {threads}, {files}: {config.LayerCount} layers of {config.HiddenSize}, {model.FileBytes / 1e6:N1} MB, {memory}{(model.SevenBitMatrices > 0 ? ", activations of 7 bits" : "")}");
    }

    private static string Tier(Isa isa) => isa switch
    {
        Isa.Avx512 => "AVX-512",
        Isa.Avx2 => "AVX2",
        Isa.Sse => "SSE",
        Isa.Neon => "NEON",
        Isa.NeonDot => "NEON with sdot",
        _ => "portable",
    };
}
