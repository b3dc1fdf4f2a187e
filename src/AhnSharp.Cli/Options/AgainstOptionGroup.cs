using System.CommandLine;
using System.Linq;
using AhnSharp.Attention;
using AhnSharp.Kernels;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Options;

/// <summary>
/// What a model is compared against: another file, another adapter, another memory. What is not said is as it is for the model.
/// </summary>
internal sealed class AgainstOptionGroup
{
    private readonly Option<string?> _file = Choice.Text(
        "--against", "Compares with this GGUF file as reference, over the same text (default: the model itself).", "FILE");
    private readonly Option<string?> _ahn = Choice.Text(
        "--against-ahn", "GGUF adapter of the reference (default: none with --against, else that of --ahn).", "FILE");
    private readonly Option<MemoryMode?> _memory = Choice.Of(
        "--against-memory", "What the reference keeps of the text (default: the same as the model).",
        ("full", MemoryMode.Full), ("window", MemoryMode.Window), ("ahn", MemoryMode.Ahn));

    private readonly Option<int?> _window = Choice.WholeNumber(
        "--against-window", "Last tokens that the reference keeps exactly (default: as the model, else the file's).", 1, Choice.MaxTokens);
    private readonly Option<int?> _sinks = Choice.WholeNumber(
        "--against-sinks", "First tokens that the reference keeps exactly (default: as the model, else the file's).", 0, Choice.MaxTokens);
    private readonly Option<KvType?> _kv = Choice.Of(
        "--against-kv", "How the reference holds keys and values (default: as the model).", ("f32", KvType.F32), ("f16", KvType.F16),
        ("q8_0", KvType.Q8_0));

    private readonly Option<ActivationPrecision?> _activations = Choice.Of(
        "--against-activations", "What the reference multiplies Q8_0 weights with (default: as the model).",
        ("8bit", ActivationPrecision.EightBits), ("7bit", ActivationPrecision.SevenBits));

    private Option[] All => [_file, _ahn, _memory, _window, _sinks, _kv, _activations];

    internal void AddTo(Command command)
    {
        foreach (Option option in All) command.Add(option);
    }

    /// <summary>Whether any of these options asks for a comparison.</summary>
    internal bool IsAskedFor(ParseResult parsed) => All.Any(option => Choice.IsGiven(parsed, option));

    /// <summary>How the reference is loaded.</summary>
    internal ModelOptions ModelOptions(ModelOptionGroup model, ParseResult parsed)
    {
        ModelOptions options = model.ModelOptions(parsed);
        return parsed.GetValue(_activations) is { } activations ? options with { Activations = activations } : options;
    }

    /// <summary>
    /// The reference's file and adapter where it must be loaded beside the model; null where the model is its own reference.
    /// </summary>
    internal (string Path, string? AhnPath)? OtherFiles(ModelOptionGroup model, ParseResult parsed)
    {
        string? path = parsed.GetValue(_file), ahn = parsed.GetValue(_ahn);
        if (path is null && ahn is null)
            return ModelOptions(model, parsed) == model.ModelOptions(parsed) ? null : (model.ModelPath(parsed), model.AhnPath(parsed));
        if (ahn is not null) ahn = ModelFile.Resolve(_ahn.Name, ahn);
        return path is null ? (model.ModelPath(parsed), ahn) : (ModelFile.Resolve(_file.Name, path), ahn);
    }

    /// <summary>The reference's files, as far as they exist: they are never written over.</summary>
    internal string?[] Inputs(ParseResult parsed) =>
        [.. new[] { _file, _ahn }.Select(option => parsed.GetValue(option) is { } name ? ModelFile.TryResolve(option.Name, name) : null)];

    /// <summary>What <c>--against-memory</c> says; null: the same as the model.</summary>
    internal MemoryMode? Memory(ParseResult parsed) => parsed.GetValue(_memory);

    /// <summary>What the reference keeps, checked against it.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="config">The reference.</param>
    /// <param name="options">What the compared model keeps.</param>
    /// <param name="model">The same, settled.</param>
    internal SessionOptions SessionOptions(ParseResult parsed, ModelConfig config, SessionOptions options, SessionPlan model)
    {
        MemoryMode mode = parsed.GetValue(_memory) ?? model.Mode;
        if (mode == MemoryMode.Ahn && config.Ahn is null)
        {
            throw new UsageException("The reference has no memory, so it cannot be read with --memory ahn: "
                + "name its adapter with --against-ahn, or choose --against-memory full or window.");
        }
        if (mode == MemoryMode.Full)
        {
            foreach (Option option in new Option[] { _window, _sinks })
            {
                if (Choice.IsGiven(parsed, option))
                {
                    throw new UsageException(
                        $"{option.Name}: the reference keeps everything (--against-memory full), so it has no window; leave it out.");
                }
            }
        }
        // A model that keeps everything has no window of its own to lend, but --window may name one for the reference.
        bool hasWindow = model.Mode != MemoryMode.Full;
        return options with
        {
            Mode = mode,
            Window = parsed.GetValue(_window) ?? (hasWindow ? model.Window : options.Window),
            Sinks = parsed.GetValue(_sinks) ?? (hasWindow ? model.Sinks : options.Sinks),
            Kv = parsed.GetValue(_kv) ?? model.Kv,
            // What keeps everything has nothing to archive, and sees every distance as it is.
            Archive = mode == MemoryMode.Full ? null : options.Archive,
            Reach = mode == MemoryMode.Full ? null : options.Reach,
        };
    }
}
