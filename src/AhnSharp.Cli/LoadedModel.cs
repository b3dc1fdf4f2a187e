using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Gpu;
using AhnSharp.Cli.Options;
using AhnSharp.Cpu;
using AhnSharp.Kernels;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Tokenizer;

namespace AhnSharp.Cli;

/// <summary>Loading a model for a command, and the first line that every such command prints: what computes, and the model.</summary>
internal static class LoadedModel
{
    /// <summary>Loads the network with its tokenizer and template.</summary>
    internal static Task<TextModel> LoadTextAsync(ModelOptionGroup options, ParseResult parsed, CancellationToken cancellationToken) =>
        LoadAsync(options.ModelPath(parsed), options.AhnPath(parsed), options.ModelOptions(parsed), options.DeviceChoice(parsed),
            TextOf(options, parsed, options.ModelPath(parsed)), cancellationToken);

    /// <summary>The same, of the model that a snapshot was made with, unless the options name another.</summary>
    internal static Task<TextModel> LoadTextAsync(
        ModelOptionGroup options, ParseResult parsed, RecordedModel recorded, CancellationToken cancellationToken)
    {
        (string path, string? ahnPath) = recorded.Find(options, parsed);
        return LoadAsync(
            path, ahnPath, options.ModelOptions(parsed), options.DeviceChoice(parsed), TextOf(options, parsed, path), cancellationToken);
    }

    // With the template of --chat-template, or the file's; what of the file was put right is said.
    private static Func<LanguageModel, TextModel> TextOf(ModelOptionGroup options, ParseResult parsed, string path)
    {
        string? template = options.TemplateSource(parsed);
        return network =>
        {
            DemoModel.Introduce(path, options);
            TextModel model = TextModel.Of(network, template);
            foreach (string note in (string[])[.. network.Metadata.Notes, .. model.Tokenizer.Notes]) Terminal.Note(note);
            return model;
        };
    }

    /// <summary>Says where a template makes of a conversation something else than one would expect.</summary>
    internal static void NoteHistory(TextSession session)
    {
        if (session.History == TurnHistory.Forgets)
        {
            Terminal.Note("The chat template does not write earlier turns where they were: each question is answered from what was read, "
                + "without the questions before it.");
        }
    }

    /// <summary>Loads the network alone: for commands that take token ids.</summary>
    internal static Task<LanguageModel> LoadAsync(ModelOptionGroup options, ParseResult parsed, CancellationToken cancellationToken) =>
        LoadAsync(options.ModelPath(parsed), options.AhnPath(parsed), options.ModelOptions(parsed), options.DeviceChoice(parsed),
            cancellationToken);

    /// <summary>Loads a network from files that the command line names otherwise.</summary>
    internal static Task<LanguageModel> LoadAsync(
        string path, string? ahnPath, ModelOptions options, DeviceChoice device, CancellationToken cancellationToken) =>
            LoadAsync(path, ahnPath, options, device, static model => model, cancellationToken);

    /// <summary>Loads a network to the processor: for what is measured there alone.</summary>
    internal static async Task<CpuModel> LoadHereAsync(
        string path, string? ahnPath, ModelOptions options, CancellationToken cancellationToken)
    {
        CpuModel model = await Task.Run(() => CpuModel.Load(path, ahnPath, options, cancellationToken), cancellationToken);
        NoteMeasured(model, path, ahnPath, options);
        return model;
    }

    /// <summary>As <see cref="LoadHereAsync"/>, to where <paramref name="device"/> says.</summary>
    internal static async Task<LanguageModel> LoadMeasuredAsync(
        string path, string? ahnPath, ModelOptions options, DeviceChoice device, CancellationToken cancellationToken)
    {
        LanguageModel model = await LoadNetworkAsync(path, ahnPath, options, device, cancellationToken);
        NoteMeasured(model, path, ahnPath, options);
        return model;
    }

    /// <summary>Loads a network to where <paramref name="device"/> says, behind a bar where that is a GPU.</summary>
    internal static async Task<LanguageModel> LoadNetworkAsync(
        string path, string? ahnPath, ModelOptions options, DeviceChoice device, CancellationToken cancellationToken)
    {
        if (device.Device != DeviceChoice.Processor)
        {
            LanguageModel? there = await ByteProgress.ShowAsync(
                $"Loading {Path.GetFileName(path)}", progress =>
                    GpuSupport.Load(device, path, ahnPath, options, progress, cancellationToken));
            if (there is not null)
            {
                if (there.Processor is null && IdleOptions(options) is { Length: > 0 } idle)
                {
                    Terminal.Note($"All layers run on {device.Device}: "
                        + $"{string.Join(" and ", idle)} {(idle.Length == 1 ? "has" : "have")} no effect.");
                }
                return there;
            }
            Terminal.Note("No CUDA device was found: the model runs on the processor.");
        }
        return await Task.Run(() => CpuModel.Load(path, ahnPath, options, cancellationToken), cancellationToken);
    }

    private static async Task<T> LoadAsync<T>(string path, string? ahnPath, ModelOptions options, DeviceChoice device,
        Func<LanguageModel, T> take, CancellationToken cancellationToken)
    {
        LanguageModel network = await LoadNetworkAsync(path, ahnPath, options, device, cancellationToken);
        T loaded = await Task.Run(() => take(network), CancellationToken.None);
        Announce(network, path, ahnPath, options);
        return loaded;
    }

    // Numbers without what they were measured of are worth nothing.
    private static void NoteMeasured(LanguageModel network, string path, string? ahnPath, ModelOptions options)
    {
        Terminal.Note(Describe(network, path, ahnPath));
        NoteIdleBits(network, options);
    }

    private static void Announce(LanguageModel network, string path, string? ahnPath, ModelOptions options)
    {
        Terminal.Detail(Describe(network, path, ahnPath));
        NoteIdleBits(network, options);
    }

    private static void NoteIdleBits(LanguageModel network, ModelOptions options)
    {
        if (options.Activations == ActivationPrecision.SevenBits && network.Processor is { SevenBitMatrices: 0 })
        {
            Terminal.Note(
                "No matrix of this model is Q8_0 on the processor (or the tier is the portable one): --activations 7bit has no effect.");
        }
    }

    // What was asked of the processor, where it computes nothing.
    private static string[] IdleOptions(ModelOptions options)
    {
        List<string> idle = [];
        if (options.Threads != Workers.DefaultCount) idle.Add("--threads");
        if (!options.Repack) idle.Add("--no-repack");
        if (options.Activations == ActivationPrecision.SevenBits) idle.Add("--activations 7bit");
        return [.. idle];
    }

    // For example: AVX-512, 2 threads, ahn-demo-q8_0.gguf: 8 layers of 384, 15.9 MB, memory DeltaNet (window 480, sinks 32)
    private static string Describe(LanguageModel model, string path, string? ahnPath)
    {
        ModelConfig config = model.Config;
        string files = Path.GetFileName(path) + (ahnPath is null ? "" : $" + {Path.GetFileName(ahnPath)}");
        string memory = config.Ahn is { } ahn ? $"memory {ahn.Rule} (window {ahn.Window:N0}, sinks {ahn.Sinks:N0})" : "no memory";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{model.RunsOn}, {files}: {config.LayerCount} layers of {config.HiddenSize}, {model.FileBytes / 1e6:N1} MB, "
                + $"{memory}{(model.Processor is { SevenBitMatrices: > 0 } ? ", activations of 7 bits" : "")}");
    }
}
