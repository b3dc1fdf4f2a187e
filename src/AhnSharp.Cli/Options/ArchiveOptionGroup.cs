using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using AhnSharp.Archive;
using AhnSharp.Cli.Display;
using AhnSharp.Evaluation;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;

namespace AhnSharp.Cli.Options;

/// <summary>Whether a session keeps what leaves its window, and how far it sees: for commands that make sessions.</summary>
/// <param name="isAlwaysAsked">Whether the command has a session with an archive whatever the options say.</param>
/// <param name="byDefault">Whether it has one unless it is told otherwise: all the time, or for a long document.</param>
/// <param name="takesHeads">Whether the archive can be one of fewer heads.</param>
internal sealed class ArchiveOptionGroup(
    bool isAlwaysAsked = false, ArchiveDefault byDefault = ArchiveDefault.Off, bool takesHeads = true)
{
    private const string Off = "off", Auto = "auto";
    private ParseResult? _told; // whose calibration was said

    internal Option<bool> Archive { get; } = Choice.Switch(
        "--archive", "Keeps what leaves the window exactly too, in a file, and looks it through for every question" + byDefault switch
        {
            ArchiveDefault.On => " (default on the processor).",
            ArchiveDefault.ForDocuments => " (default where a document of -f is longer than the window, on the processor).",
            _ => ".",
        });

    internal Option<bool> NoArchive { get; } = Choice.Switch("--no-archive", "Keeps nothing exactly of what leaves the window.");

    internal Option<ArchiveType?> Type { get; } = Choice.Of(
        "--archive-type", "How the archive keeps keys and values (default: int8).",
        ("int8", ArchiveType.EightBits), ("int4", ArchiveType.FourBits));

    internal Option<long?> Limit { get; } = ByteOption.Create(
        "--archive-limit", "The most that the archive takes of a disk, such as 2GB: of a longer text the oldest part is dropped from it.");

    internal Option<ArchiveReading?> Read { get; } = Choice.Of(
        "--read", "With an archive, what is seen behind the window while a text is read: ahn (the memory) or window (nothing); "
            + $"default: {(isAlwaysAsked ? "window" : "ahn")}.",
        ("ahn", ArchiveReading.Ahn), ("window", ArchiveReading.Window));

    internal Option<ArchiveReadout?> Readout { get; } = Choice.Of(
        "--readout", "With an archive, what the memory adds to answers: gated (default: what the archive leaves), off or on.",
        ("gated", ArchiveReadout.Gated), ("off", ArchiveReadout.Off), ("on", ArchiveReadout.On));

    internal Option<string?> Heads { get; } = Choice.Text(
        "--archive-heads", "Archives only the heads that 'ahn calibrate' found to look facts up: the file that it wrote, or auto, which "
            + "finds the one of this model (default: every head).", "FILE|auto");

    internal Option<string?> Reach { get; } = ReachOption();

    /// <summary>The model's file, and its memory's where that is another: where a calibration is looked for.</summary>
    internal Func<ParseResult, (string Model, string? Ahn)>? FilesOf { get; set; }

    // What says how an archive is kept and asked, and of these, what a session that exists can still be told.
    private Option[] Details => [Type, Limit, Read, Readout, Heads];

    private Option[] AskingDetails => [Read, Readout, Reach];

    internal void AddTo(Command command)
    {
        if (!isAlwaysAsked) command.Add(Archive);
        if (byDefault != ArchiveDefault.Off) command.Add(NoArchive);
        foreach (Option option in new Option[] { Type, Limit, Read, Readout, Reach }) command.Add(option);
        if (takesHeads) command.Add(Heads);
    }

    /// <summary>Whether an archive is asked for.</summary>
    internal bool IsAsked(ParseResult parsed) => isAlwaysAsked || parsed.GetValue(Archive);

    // Whether nobody has said anything, and the command has one then.
    private bool IsImplied(ParseResult parsed, bool isLongDocument) => !IsAsked(parsed) && !parsed.GetValue(NoArchive)
        && (byDefault == ArchiveDefault.On || (byDefault == ArchiveDefault.ForDocuments && isLongDocument));

    /// <summary>
    /// The session once model and document are known: an archive that nobody spoke of is made, or left out where it cannot be.
    /// </summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="options">What <see cref="Apply"/> gave.</param>
    /// <param name="model">What computes it.</param>
    /// <param name="document">What is read first, as far as it is known.</param>
    internal SessionOptions Settle(ParseResult parsed, SessionOptions options, TextModel model, string? document = null)
    {
        if (IsAsked(parsed) || options.Mode == MemoryMode.Full) return options;
        if (options.Archive is not null)
        {
            if (model.Model.CanArchive) return options;
            Terminal.Note("An archive needs the processor (--device cpu): what leaves the window is not kept exactly.");
            return options with { Archive = null, Reach = parsed.GetValue(Reach) is null ? null : options.Reach };
        }
        SessionPlan plan = model.Model.Plan(options);
        long held = (long)plan.Window + plan.Sinks;
        // A token is at least one character.
        bool isLong = document?.Length > held && model.Tokenizer.Encode(document).Length > held;
        if (!isLong || !model.Model.CanArchive || !IsImplied(parsed, isLong))
        {
            NoteIdle(parsed, "no archive is kept", Details);
            return options;
        }
        Terminal.Detail("The document is longer than the window: what leaves it is kept in an archive too (--no-archive leaves it out).");
        return With(parsed, options, model.Model.Config);
    }

    /// <summary>The first of these options that is on the command line; null: none is.</summary>
    internal string? IsGiven(ParseResult parsed)
    {
        foreach (Option option in (Option[])[Archive, NoArchive, .. Details, Reach])
        {
            if (Choice.IsGiven(parsed, option)) return option.Name;
        }
        return null;
    }

    /// <summary>Says where the options ask for another archive than a session has that is gone on with.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="path">The session's file.</param>
    /// <param name="hasArchive">Whether it has one.</param>
    /// <param name="isAsked">Whether what says how it is asked has an effect (<see cref="Asking"/>).</param>
    internal void CheckContinued(ParseResult parsed, string path, bool hasArchive, bool isAsked)
    {
        if (parsed.GetValue(Archive) && !hasArchive)
            throw new UsageException($"--archive: {path} was begun without one; --overwrite reads anew, or leave the option out.");
        if (parsed.GetValue(NoArchive) && hasArchive)
            throw new UsageException($"--no-archive: {path} was begun with an archive; --overwrite reads anew, or leave the option out.");
        NoteIdle(parsed, $"it is as {path} says", isAsked ? [Type, Limit, Heads] : [Type, Limit, Heads, .. AskingDetails]);
    }

    private static void NoteIdle(ParseResult parsed, string why, Option[] options)
    {
        foreach (Option option in options)
        {
            if (Choice.IsGiven(parsed, option)) Terminal.Note($"{option.Name} has no effect: {why}.");
        }
    }

    /// <summary>For commands that ask a session which exists: how it is asked.</summary>
    internal void AddAskingTo(Command command)
    {
        Read.Description = "What is seen behind the window while a long question is read: ahn (the memory) or window (nothing); "
            + "default: as the documents were read.";
        Readout.Description = "What the memory adds to answers: gated (what the archive leaves), off or on; default: as the file says.";
        Reach.Description = "Tokens: what lies farther away is seen as if it were so far, or 'off' (default: as the file says).";
        foreach (Option option in AskingDetails) command.Add(option);
    }

    /// <summary>How a saved session is to be asked, where not as it says; null: as it says.</summary>
    internal ArchiveAsking? Asking(ParseResult parsed, string path)
    {
        Option[] given = [.. AskingDetails.Where(option => Choice.IsGiven(parsed, option))];
        if (given.Length == 0) return null;
        using SnapshotFile file = SnapshotFile.Open(path);
        if (file.Mode == MemoryMode.Full)
            throw new UsageException($"{given[0].Name} is about what left a window, and {path} was read with full attention.");
        if (file.Archive is null && given.FirstOrDefault(option => option != Reach) is { } option)
            throw new UsageException($"{option.Name} says how an archive is asked, and {path} was read without one: read again.");
        return new ArchiveAsking
        {
            Reading = parsed.GetValue(Read),
            Readout = parsed.GetValue(Readout),
            Reach = parsed.GetValue(Reach) switch { null => null, Off => long.MaxValue, var text => Parse(text, file.Window + file.Sinks) },
        };
    }

    /// <summary>A session of the given options with what is asked for.</summary>
    internal SessionOptions Apply(ParseResult parsed, SessionOptions options, ModelConfig config)
    {
        if (parsed.GetValue(Archive) && parsed.GetValue(NoArchive))
            throw new UsageException("--archive and --no-archive contradict each other: give one of the two.");
        bool implied = options.Mode != MemoryMode.Full && IsImplied(parsed, isLongDocument: false);
        if (!IsAsked(parsed) && !implied)
        {
            bool mayFollow = options.Mode != MemoryMode.Full && IsImplied(parsed, isLongDocument: true);
            foreach (Option option in mayFollow ? [] : Details)
            {
                if (!Choice.IsGiven(parsed, option)) continue;
                throw new UsageException(parsed.GetValue(NoArchive)
                    ? $"{option.Name} says how an archive is kept and asked: leave it or --no-archive out."
                    : $"{option.Name} says how an archive is kept and asked: add --archive.");
            }
            return options with { Reach = ReachOf(parsed, options, config, archived: false) };
        }
        if (options.Mode == MemoryMode.Full)
        {
            throw new UsageException(
                "--archive keeps what leaves the window, and --memory full keeps everything: choose --memory ahn or window.");
        }
        return With(parsed, options, config);
    }

    private SessionOptions With(ParseResult parsed, SessionOptions options, ModelConfig config)
    {
        options = options with
        {
            Archive = WithHeads(parsed, new ArchiveOptions
            {
                Type = parsed.GetValue(Type) ?? ArchiveType.EightBits,
                Reading = parsed.GetValue(Read) ?? (isAlwaysAsked ? ArchiveReading.Window : ArchiveReading.Ahn),
                Readout = parsed.GetValue(Readout) ?? ArchiveReadout.Gated,
            }, config),
            Reach = ReachOf(parsed, options, config, archived: true),
        };
        if (parsed.GetValue(Limit) is not { } limit) return options;
        long least = new SessionPlan(config, options, 1).Shape!.LeastLimit;
        if (limit < least)
        {
            throw new UsageException(
                $"--archive-limit: expected at least {ByteProgress.Size(least)} for this model, found {ByteProgress.Size(limit)}.");
        }
        return options with { Archive = options.Archive with { LimitBytes = limit } };
    }

    private ArchiveOptions WithHeads(ParseResult parsed, ArchiveOptions options, ModelConfig config)
    {
        if (parsed.GetValue(Heads) is not { } given) return options;
        string path = given == Auto ? FindHeads(parsed, config) : given;
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

    private string FindHeads(ParseResult parsed, ModelConfig config)
    {
        (string model, string? ahn) = FilesOf!(parsed);
        string path = KeptCalibration.Find(model, ahn, config.LayerCount);
        // One line may make several sessions.
        if (_told != parsed) Terminal.Note($"archive heads: those of {path}");
        _told = parsed;
        return path;
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

    private long? ReachOf(ParseResult parsed, SessionOptions options, ModelConfig config, bool archived)
    {
        string? given = parsed.GetValue(Reach);
        if (given == Off) return null;
        long least = (long)(options.Window ?? config.Ahn?.Window ?? AhnConfig.DefaultWindow)
            + (options.Sinks ?? config.Ahn?.Sinks ?? AhnConfig.DefaultSinks);
        if (given is null) return archived ? Math.Max(config.TrainedTokens / 4 * 3, least) : null;
        if (options.Mode == MemoryMode.Full)
            throw new UsageException("--reach needs a window, which --memory full has not: choose --memory ahn or window.");
        return Parse(given, least);
    }

    private static long Parse(string given, long least)
    {
        long reach = long.Parse(given, NumberStyles.None, CultureInfo.InvariantCulture);
        return reach >= least ? reach : throw new UsageException(string.Create(
            CultureInfo.InvariantCulture, $"--reach: expected 'off' or at least window and sinks, {least} tokens, found '{given}'."));
    }
}
