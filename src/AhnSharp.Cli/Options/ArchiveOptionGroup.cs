using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using AhnSharp.Archive;
using AhnSharp.Evaluation;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Options;

/// <summary>Whether a session keeps what leaves its window, and how far it sees: for commands that make sessions.</summary>
/// <param name="isAlwaysAsked">Whether the command has a session with an archive without being asked for one.</param>
/// <param name="takesHeads">Whether the archive can be one of fewer heads.</param>
internal sealed class ArchiveOptionGroup(bool isAlwaysAsked = false, bool takesHeads = true)
{
    private const string Off = "off";

    internal Option<bool> Archive { get; } = Choice.Switch(
        "--archive", "Keeps what leaves the window exactly too, and looks it through for every question.");

    internal Option<ArchiveType?> Type { get; } = Choice.Of(
        "--archive-type", "How the archive keeps keys and values (default: int8).",
        ("int8", ArchiveType.EightBits), ("int4", ArchiveType.FourBits));

    internal Option<ArchiveReading?> Read { get; } = Choice.Of(
        "--read", "With an archive, what is seen behind the window while a text is read: ahn (the memory) or window (nothing); "
            + $"default: {(isAlwaysAsked ? "window" : "ahn")}.",
        ("ahn", ArchiveReading.Ahn), ("window", ArchiveReading.Window));

    internal Option<ArchiveReadout?> Readout { get; } = Choice.Of(
        "--readout", "With an archive, what the memory adds to answers: gated (default: what the archive leaves), off or on.",
        ("gated", ArchiveReadout.Gated), ("off", ArchiveReadout.Off), ("on", ArchiveReadout.On));

    internal Option<string?> Heads { get; } = Choice.Text(
        "--archive-heads", "Archives the heads alone that 'ahn calibrate' found to look facts up (default: every head).", "FILE");

    internal Option<string?> Reach { get; } = ReachOption();

    internal void AddTo(Command command)
    {
        if (!isAlwaysAsked) command.Add(Archive);
        foreach (Option option in new Option[] { Type, Read, Readout, Reach }) command.Add(option);
        if (takesHeads) command.Add(Heads);
    }

    /// <summary>Whether an archive is asked for.</summary>
    internal bool IsAsked(ParseResult parsed) => isAlwaysAsked || parsed.GetValue(Archive);

    /// <summary>The first of these options that is on the command line; null: none is.</summary>
    internal string? IsGiven(ParseResult parsed)
    {
        foreach (Option option in new Option[] { Archive, Type, Read, Readout, Heads, Reach })
        {
            if (parsed.GetResult(option) is { Implicit: false }) return option.Name;
        }
        return null;
    }

    /// <summary>A session of the given options with what is asked for.</summary>
    internal SessionOptions Apply(ParseResult parsed, SessionOptions options, ModelConfig config)
    {
        if (!IsAsked(parsed))
        {
            foreach (Option option in new Option[] { Type, Read, Readout, Heads })
            {
                if (parsed.GetResult(option) is { Implicit: false })
                    throw new UsageException($"{option.Name} says how an archive is kept and asked: add --archive.");
            }
        }
        else if (options.Mode == MemoryMode.Full)
        {
            throw new UsageException(
                "--archive keeps what leaves the window, and --memory full keeps everything: choose --memory ahn or window.");
        }
        return options with
        {
            Archive = !IsAsked(parsed) ? null : WithHeads(parsed, new ArchiveOptions
            {
                Type = parsed.GetValue(Type) ?? ArchiveType.EightBits,
                Reading = parsed.GetValue(Read) ?? (isAlwaysAsked ? ArchiveReading.Window : ArchiveReading.Ahn),
                Readout = parsed.GetValue(Readout) ?? ArchiveReadout.Gated,
            }, config),
            Reach = ReachOf(parsed, options, config),
        };
    }

    private ArchiveOptions WithHeads(ParseResult parsed, ArchiveOptions options, ModelConfig config)
    {
        if (parsed.GetValue(Heads) is not { } path) return options;
        if (!File.Exists(path))
            throw new UsageException($"--archive-heads: expected a file that 'ahn calibrate' wrote, found none at {path}.");
        HeadCalibration calibration = HeadCalibration.Read(path);
        if ((calibration.Layers, calibration.KvHeads) != (config.LayerCount, config.KvHeadCount))
        {
            throw new UsageException(
                $"--archive-heads: {path} is for a model of {calibration.Layers} layers × {calibration.KvHeads} key/value heads, and this "
                + $"one has {config.LayerCount} × {config.KvHeadCount}: calibrate it with 'ahn calibrate'.");
        }
        return calibration.Apply(options);
    }

    private static Option<string?> ReachOption()
    {
        Option<string?> option = Choice.Text(
            "--reach", "Tokens: what lies farther away is seen as if it were so far, or 'off' (default: with an archive 3/4 of the context "
                + "that the model was trained for, else off).", "N");
        option.Validators.Add(result =>
        {
            string text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
            if (text == Off || (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long reach) && reach > 0)) return;
            result.AddError($"--reach: expected 'off' or a number of tokens of at least 1, found '{text}'.");
        });
        return option;
    }

    private long? ReachOf(ParseResult parsed, SessionOptions options, ModelConfig config)
    {
        string? given = parsed.GetValue(Reach);
        if (given == Off) return null;
        long least = (long)(options.Window ?? config.Ahn?.Window ?? AhnConfig.DefaultWindow)
            + (options.Sinks ?? config.Ahn?.Sinks ?? AhnConfig.DefaultSinks);
        if (given is null) return IsAsked(parsed) ? Math.Max(config.TrainedTokens / 4 * 3, least) : null;
        if (options.Mode == MemoryMode.Full)
            throw new UsageException("--reach needs a window, which --memory full has not: choose --memory ahn or window.");
        long reach = long.Parse(given, NumberStyles.None, CultureInfo.InvariantCulture);
        if (reach < least)
        {
            throw new UsageException(string.Create(
                CultureInfo.InvariantCulture, $"--reach: expected 'off' or at least window and sinks, {least} tokens, found '{given}'."));
        }
        return reach;
    }
}
