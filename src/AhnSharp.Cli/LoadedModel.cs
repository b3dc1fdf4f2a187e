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
using AhnSharp.Generation;
using AhnSharp.Kernels;
using AhnSharp.Model;
using AhnSharp.Tokenizer;

namespace AhnSharp.Cli;

/// <summary>Loading a model for a command, and the first line that every such command prints: what computes, and the model.</summary>
internal static class LoadedModel
{
    /// <summary>Loads the network with its tokenizer and template.</summary>
    internal static Task<TextModel> LoadTextAsync(ModelOptionGroup options, ParseResult parsed, CancellationToken cancellationToken) =>
        LoadAsync(options.ModelPath(parsed), options.AhnPath(parsed), options.ModelOptions(parsed), options.DeviceChoice(parsed), TextOf(options, parsed), cancellationToken);

    /// <summary>The same, of the model that a snapshot was made with, unless the options name another.</summary>
    internal static Task<TextModel> LoadTextAsync(ModelOptionGroup options, ParseResult parsed, RecordedModel recorded, CancellationToken cancellationToken)
    {
        (string path, string? ahnPath) = recorded.Find(options, parsed);
        return LoadAsync(path, ahnPath, options.ModelOptions(parsed), options.DeviceChoice(parsed), TextOf(options, parsed), cancellationToken);
    }

    // With the template of --chat-template, or the file's; what of the file was put right is said.
    private static Func<ILanguageModel, TextModel> TextOf(ModelOptionGroup options, ParseResult parsed)
    {
        string? template = options.TemplateSource(parsed);
        return network =>
        {
            TextModel model = TextModel.Of(network, template);
            foreach (string note in (string[])[.. network.Metadata.Notes, .. model.Tokenizer.Notes]) Terminal.Note(note);
            return model;
        };
    }

    /// <summary>Says where a template makes of a conversation something else than one would expect.</summary>
    internal static void NoteHistory(TextSession session)
    {
        if (session.History == TurnHistory.Forgets)
            Terminal.Note("The chat template does not write earlier turns where they were: each question is answered from what was read, without the questions before it.");
    }

    /// <summary>Loads the network alone: for commands that take token ids.</summary>
    internal static Task<ILanguageModel> LoadAsync(ModelOptionGroup options, ParseResult parsed, CancellationToken cancellationToken) =>
        LoadAsync(options.ModelPath(parsed), options.AhnPath(parsed), options.ModelOptions(parsed), options.DeviceChoice(parsed), cancellationToken);

    /// <summary>Loads a network from files that the command line names otherwise.</summary>
    internal static Task<ILanguageModel> LoadAsync(string path, string? ahnPath, ModelOptions options, DeviceChoice device, CancellationToken cancellationToken) =>
        LoadAsync(path, ahnPath, options, device, static model => model, cancellationToken);

    /// <summary>Loads a network to the processor: for what is measured there alone.</summary>
    internal static async Task<QwenModel> LoadHereAsync(string path, string? ahnPath, ModelOptions options, CancellationToken cancellationToken) =>
        (QwenModel)await LoadAsync(path, ahnPath, options, new DeviceChoice(DeviceChoice.Processor, null, null), cancellationToken);

    /// <summary>Loads a network to where <paramref name="device"/> says, behind a bar where that is a GPU.</summary>
    internal static async Task<ILanguageModel> LoadNetworkAsync(string path, string? ahnPath, ModelOptions options, DeviceChoice device, CancellationToken cancellationToken)
    {
        if (device.Device != DeviceChoice.Processor)
        {
            ILanguageModel? there = await ByteProgress.ShowAsync(
                $"Loading {Path.GetFileName(path)}", progress => GpuSupport.Load(device, path, ahnPath, options, progress, cancellationToken));
            if (there is not null)
            {
                if (GpuSupport.OnProcessor(there) is null && IdleOptions(options) is { Length: > 0 } idle)
                    Terminal.Note($"All layers run on {device.Device}: {string.Join(" and ", idle)} {(idle.Length == 1 ? "has" : "have")} no effect.");
                return there;
            }
            Terminal.Note("No CUDA device was found: the model runs on the processor.");
        }
        return await Task.Run(() => QwenModel.Load(path, ahnPath, options, cancellationToken), cancellationToken);
    }

    private static async Task<T> LoadAsync<T>(string path, string? ahnPath, ModelOptions options, DeviceChoice device, Func<ILanguageModel, T> take, CancellationToken cancellationToken)
    {
        ILanguageModel network = await LoadNetworkAsync(path, ahnPath, options, device, cancellationToken);
        T loaded = await Task.Run(() => take(network), CancellationToken.None);
        Terminal.Note(Describe(network, path, ahnPath));
        if (options.Activations == ActivationPrecision.SevenBits && GpuSupport.OnProcessor(network) is { SevenBitMatrices: 0 })
            Terminal.Note("No matrix of this model is Q8_0 on the processor (or the tier is the portable one): --activations 7bit has no effect.");
        return loaded;
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
    private static string Describe(ILanguageModel model, string path, string? ahnPath)
    {
        ModelConfig config = model.Config;
        string files = Path.GetFileName(path) + (ahnPath is null ? "" : $" + {Path.GetFileName(ahnPath)}");
        string memory = config.Ahn is { } ahn ? $"memory {ahn.Kind} (window {ahn.Window:N0}, sinks {ahn.Sinks:N0})" : "no memory";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{model.RunsOn}, {files}: {config.LayerCount} layers of {config.HiddenSize}, {model.FileBytes / 1e6:N1} MB, {memory}{(GpuSupport.OnProcessor(model) is { SevenBitMatrices: > 0 } ? ", activations of 7 bits" : "")}");
    }
}
