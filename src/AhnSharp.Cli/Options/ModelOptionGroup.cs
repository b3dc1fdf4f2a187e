using System;
using System.CommandLine;
using System.CommandLine.Completions;
using System.IO;
using System.Linq;
using AhnSharp.Attention;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Settings;
using AhnSharp.Kernels;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Options;

/// <summary>Which model, in which memory: the options that every command shares that runs one.</summary>
internal sealed class ModelOptionGroup
{
    internal Option<string?> Model { get; } = Choice.Text("--model",
        "GGUF file of the model, plain or merged with its memory, OWNER/REPO:TYPE as 'ahn pull' fetched it, or a short name of 'ahn use' "
            + "(default: what 'ahn use' set, else the built-in demo model).", "FILE", "-m");

    internal Option<string?> Ahn { get; } = Choice.Text("--ahn",
        "GGUF adapter with the memory of the model, or OWNER/REPO:TYPE (default: what 'ahn use' keeps with the model; none leaves it out).",
        "FILE");

    internal Option<MemoryMode?> Memory { get; } = Choice.Of(
        "--memory", "full: all of the text; window: its first and last tokens; ahn: these, and a memory of the rest (default: ahn where "
            + "the model has a memory, else full).",
        ("full", MemoryMode.Full), ("window", MemoryMode.Window), ("ahn", MemoryMode.Ahn));

    internal Option<int?> Window { get; } = Choice.WholeNumber(
        "--window", "Last tokens kept exactly (default: the file's).", 1, Choice.MaxTokens);

    internal Option<int?> Sinks { get; } = Choice.WholeNumber(
        "--sinks", "First tokens kept exactly (default: the file's).", 0, Choice.MaxTokens);

    internal Option<int?> Context { get; } = Choice.WholeNumber(
        "--context", "Tokens that --memory full may hold (default: the file's context length).", 1, Choice.MaxTokens);

    internal Option<KvType?> Kv { get; } = Choice.Of(
        "--kv", "How keys and values are held (default: f16).", ("f32", KvType.F32), ("f16", KvType.F16), ("q8_0", KvType.Q8_0));

    internal Option<int?> Threads { get; } = Choice.WholeNumber(
        "--threads", "Threads that compute (default: one per physical core).", 1, 1024);

    internal Option<string?> Device { get; } = Choice.Text(
        "--device", "What computes: cpu (default), cuda, cuda:N, cuda:N,M for several, opencl, opencl:N, or auto: "
            + "a CUDA device where there is one. 'ahn devices' lists them.", "DEVICE");

    internal Option<int?> GpuLayers { get; } = Choice.WholeNumber(
        "--gpu-layers", "Layers that go to the GPU, the others stay on the processor (default: as many as fit).", 1);

    internal Option<ActivationPrecision?> Activations { get; } = Choice.Of(
        "--activations", "What Q8_0 weights are multiplied with: 8bit (default), or 7bit, which reads a third faster and less exactly.",
        ("8bit", ActivationPrecision.EightBits), ("7bit", ActivationPrecision.SevenBits));

    internal Option<bool> NoMmap { get; } = Choice.Switch("--no-mmap", "Reads the file into memory instead of mapping it.");

    internal Option<bool> Force { get; } = Choice.Switch("--force", "Uses an adapter although it was made for other base weights.");

    internal Option<string?> ChatTemplate { get; } = Choice.Text(
        "--chat-template", "File with a chat template (Jinja) that takes the place of the model's own.", "FILE");

    /// <summary>Archive and reach; null: the command has no such options.</summary>
    internal ArchiveOptionGroup? Archive
    {
        get;
        init
        {
            field = value;
            if (value is not null) value.FilesOf = Files;
        }
    }

    /// <summary>The model that stands on the line without --model; null: the command takes none there.</summary>
    internal Func<ParseResult, string?>? Positional { get; init; }

    /// <summary>Whether the command runs the demo model where its line names none, whatever a person has set.</summary>
    internal bool IgnoresSettings { get; init; }

    private UserSettings? Settings => IgnoresSettings ? null : UserSettings.Here;

    /// <summary>The model that the line names, with or without --model; null: it names none.</summary>
    internal string? Given(ParseResult parsed)
    {
        string? option = parsed.GetValue(Model), positional = Positional?.Invoke(parsed);
        if (option is not null && positional is not null)
            throw new UsageException($"--model names {option}, and the line {positional} too: give one model.");
        return option ?? positional;
    }

    /// <summary>The model and its memory, whoever named them.</summary>
    internal ChosenModel Chosen(ParseResult parsed) => ChosenModel.Of(
        Given(parsed), parsed.GetValue(Ahn), parsed.GetValue(Model) is null ? "model" : "--model", Settings);

    /// <summary>Source of the template that the option names; null where it is absent.</summary>
    internal string? TemplateSource(ParseResult parsed)
    {
        if (parsed.GetValue(ChatTemplate) is not { } path) return null;
        if (!File.Exists(path)) throw new UsageException($"--chat-template: expected a file, found none at {path}.");
        string source = File.ReadAllText(path);
        return string.IsNullOrWhiteSpace(source) ? throw new UsageException(
            $"--chat-template: {path} is empty; expected a template.") : source;
    }

    internal void AddTo(Command command)
    {
        command.Add(Memory);
        AddWithoutMemoryTo(command);
        Archive?.AddTo(command);
    }

    /// <summary>Completes names of models where a line takes one.</summary>
    internal static void CompleteNames(Argument<string?> argument) => argument.CompletionSources.Add(
        static _ => ModelName.All().Select(static name => new CompletionItem(name)));

    internal ModelOptionGroup() => Model.CompletionSources.Add(
        static _ => ModelName.All().Select(static name => new CompletionItem(name)));

    /// <summary>All but --memory: for commands that run several.</summary>
    internal void AddWithoutMemoryTo(Command command)
    {
        foreach (Option option in new Option[]
        {
            Model, Ahn, Window, Sinks, Context, Kv, Device, GpuLayers, Threads, Activations, NoMmap, Force,
        }) command.Add(option);
    }

    /// <summary>Adds the options that say which model and how to load it: for sessions that exist already.</summary>
    internal void AddLoadingTo(Command command)
    {
        foreach (Option option in new Option[] { Model, Ahn, Device, GpuLayers, Threads, Activations, NoMmap, Force }) command.Add(option);
    }

    /// <summary>What a session that exists must keep, where an option says so.</summary>
    internal SessionOptions ExpectedSession(ParseResult parsed)
    {
        if (Choice.IsGiven(parsed, Kv))
            Terminal.Note("Keys and values are held as the file holds them: --kv has no effect.");
        return new SessionOptions
        {
            Mode = parsed.GetValue(Memory),
            Window = parsed.GetValue(Window),
            Sinks = parsed.GetValue(Sinks),
            ContextTokens = parsed.GetValue(Context),
        };
    }

    /// <summary>The file of the model, or the demo model; it exists.</summary>
    internal string ModelPath(ParseResult parsed)
    {
        ChosenModel chosen = Chosen(parsed);
        return ModelPath(chosen.Name, chosen.Option);
    }

    /// <summary>The file that an argument or option names, or the demo model; it exists.</summary>
    internal static string ModelPath(string? given, string option = "model")
    {
        if (given is not null) return ModelFile.Resolve(option, given);
        DemoModel.RequireFile();
        return DemoModel.Path;
    }

    /// <summary>The file of the model's memory, which exists; null where there is none beside the model.</summary>
    internal string? AhnPath(ParseResult parsed) => AdapterOption(parsed) is var (path, option) ? ModelFile.Resolve(option, path) : null;

    private (string Path, string Option)? AdapterOption(ParseResult parsed)
    {
        ChosenModel chosen = Chosen(parsed);
        return chosen.Adapter is null ? null : (chosen.Adapter, parsed.GetValue(Ahn) is null ? $"the memory of {chosen.Name}" : "--ahn");
    }

    /// <summary>The model's file, and its memory's where that is another; both exist.</summary>
    internal (string Model, string? Ahn) Files(ParseResult parsed) => (ModelPath(parsed), AhnPath(parsed));

    /// <summary>The files that a command reads because of these options, as far as they exist: they are never written over.</summary>
    internal string?[] Inputs(ParseResult parsed)
    {
        (string? model, string? ahn, _) = Chosen(parsed);
        return [model is null ? DemoModel.Path : ModelFile.TryResolve("--model", model),
            ahn is null ? null : ModelFile.TryResolve("--ahn", ahn)];
    }

    /// <summary>What computes.</summary>
    internal DeviceChoice DeviceChoice(ParseResult parsed)
    {
        string device = parsed.GetValue(Device) ?? Settings?.Value(SettingKey.Device) ?? Cli.DeviceChoice.Processor;
        if (device == Cli.DeviceChoice.Processor && parsed.GetValue(GpuLayers) is not null)
            throw new UsageException("--gpu-layers needs a GPU: name it with --device.");
        // Of a session that exists already only the file knows the sizes: then the model's own are planned with.
        SessionOptions session = new()
        {
            Mode = parsed.GetValue(Memory),
            Window = parsed.GetValue(Window),
            Sinks = parsed.GetValue(Sinks),
            ContextTokens = parsed.GetValue(Context),
            Kv = parsed.GetValue(Kv) ?? KvType.F16,
        };
        return new DeviceChoice(device, parsed.GetValue(GpuLayers), session);
    }

    internal ModelOptions ModelOptions(ParseResult parsed) => new()
    {
        Threads = parsed.GetValue(Threads) ?? Settings?.Whole(SettingKey.Threads) ?? Workers.DefaultCount,
        MemoryMap = !parsed.GetValue(NoMmap),
        Activations = parsed.GetValue(Activations) ?? ActivationPrecision.EightBits,
        IgnoreFingerprint = parsed.GetValue(Force),
    };

    /// <summary>What a session keeps, checked against the model; says so where an option has no effect.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="config">The model.</param>
    /// <param name="beside">The memory of a second session that takes the same options; null: there is none.</param>
    internal SessionOptions SessionOptions(ParseResult parsed, ModelConfig config, MemoryMode? beside = null)
    {
        MemoryMode mode = parsed.GetValue(Memory) ?? (config.Ahn is null ? MemoryMode.Full : MemoryMode.Ahn);
        if (mode == MemoryMode.Ahn && config.Ahn is null)
        {
            throw new UsageException(
                "--memory ahn needs a memory, and this model has none: name its adapter with --ahn, or choose --memory full or window.");
        }
        bool keepsAll = mode == MemoryMode.Full, hasFullLayers = config.Ahn is { FullAttentionLayers.Length: > 0 };
        bool otherUses = beside is { } other && other == MemoryMode.Full != keepsAll;
        Option[] idle = otherUses ? [] : keepsAll ? [Window, Sinks] : hasFullLayers ? [] : [Context];
        foreach (Option option in idle)
        {
            if (Choice.IsGiven(parsed, option))
                Terminal.Note($"With --memory {mode.ToString().ToLowerInvariant()}, {option.Name} has no effect.");
        }
        return WithArchive(parsed, SessionOptionsOf(parsed, mode), config);
    }

    /// <summary>With archive and reach, where the command has such options.</summary>
    internal SessionOptions WithArchive(ParseResult parsed, SessionOptions options, ModelConfig config) =>
        Archive?.Apply(parsed, options, config) ?? options;

    /// <summary>Whether the model is the one that runs where none is named.</summary>
    internal bool IsDemo(ParseResult parsed) => Chosen(parsed).IsDemo;

    /// <summary>The model's file name.</summary>
    internal string NameOf(ParseResult parsed) => Path.GetFileName(ModelPath(parsed));

    /// <summary>The adapter's file name, or null.</summary>
    internal string? AhnNameOf(ParseResult parsed) => Path.GetFileName(AhnPath(parsed));

    /// <summary>What sessions keep in every memory that the model can run with, or in that of <c>--memory</c> alone.</summary>
    internal SessionOptions[] AllSessionOptions(ParseResult parsed, ModelConfig config)
    {
        if (parsed.GetValue(Memory) is not null) return [SessionOptions(parsed, config)];
        MemoryMode[] modes =
            config.Ahn is null ? [MemoryMode.Full, MemoryMode.Window] : [MemoryMode.Full, MemoryMode.Window, MemoryMode.Ahn];
        if (Archive?.IsGiven(parsed) is { } option)
            throw new UsageException($"{option} is for one memory, and every memory that the model has would be drawn: add --memory.");
        return [.. modes.Select(mode => SessionOptionsOf(parsed, mode))];
    }

    /// <summary>What a session keeps in a memory that the command chose by itself.</summary>
    internal SessionOptions SessionOptionsOf(ParseResult parsed, MemoryMode mode) => new()
    {
        Mode = mode,
        Window = parsed.GetValue(Window),
        Sinks = parsed.GetValue(Sinks),
        ContextTokens = parsed.GetValue(Context),
        Kv = parsed.GetValue(Kv) ?? KvType.F16,
    };
}
