using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Options;
using AhnSharp.Evaluation;
using AhnSharp.Files;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Commands;

/// <summary><c>ahn calibrate</c>: which heads of a model look facts up, so that an archive can do with fewer of them.</summary>
internal sealed class CalibrateCommand
{
    private const int DefaultLength = 8192, DefaultFacts = 8, DefaultSamples = 2, DefaultSeed = 1;

    /// <summary>Of the digits that all heads recall, what the heads that are kept must recall.</summary>
    private const double KeptShare = 0.98;

    private readonly ModelOptionGroup _model = new() { Archive = new ArchiveOptionGroup(isAlwaysAsked: true, takesHeads: false) };
    private readonly Option<string?> _file = Choice.Text(
        "--file", "Text to hide the codes in, UTF-8 (default: the demo's book).", "FILE", "-f");
    private readonly Option<int?> _length = Choice.WholeNumber(
        "--length", $"Tokens of a chat (default {DefaultLength}).", 1, Choice.MaxTokens);
    private readonly Option<int?> _facts = Choice.WholeNumber(
        "--facts", $"Codes in a chat (default {DefaultFacts}).", 1, RecallChatMaker.MaxFacts);
    private readonly Option<int?> _samples = Choice.WholeNumber(
        "--samples", $"Chats that rank the heads, and as many others that measure them (default {DefaultSamples}).", 1, 1000);
    private readonly Option<ulong?> _seed = Choice.Seed("--seed", $"Seed of the first chat (default {DefaultSeed}).");
    private readonly Option<int?> _keep = Choice.WholeNumber(
        "--keep", "Heads that get an archive (default: the fewest measured that recall 98 % of what all do).", 1);
    private readonly Option<string?> _output = Choice.Text(
        "--output", "File to write (default: beside the adapter or model, with the ending .heads.json).", "FILE", "-o");
    private readonly Option<bool> _overwrite = OverwriteOption.Create();
    private readonly Option<bool> _json = JsonOption.Create();

    private CalibrateCommand()
    {
    }

    internal static Command Create()
    {
        CalibrateCommand calibrate = new();
        Command command = new(
            "calibrate", "Finds the heads of a model that look facts up, for an archive of fewer heads (--archive-heads).")
        {
            calibrate._file, calibrate._length, calibrate._facts, calibrate._samples, calibrate._seed, calibrate._keep,
            calibrate._output, calibrate._overwrite,
        };
        calibrate._model.AddTo(command);
        command.Add(calibrate._json);
        command.SetAction(calibrate.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string? file = parsed.GetValue(_file);
        if (file is null) DemoBook.RequireFile();
        string output = parsed.GetValue(_output) ?? HeadCalibration.PathBeside(_model.AhnPath(parsed) ?? _model.ModelPath(parsed));
        using PartialFile written = OutputFile.Create(
            output, OutputKind.Other, parsed.GetValue(_overwrite), [file, .. _model.Inputs(parsed)]);
        string text = await TextOptionGroup.ReadTextAsync(file ?? DemoBook.Path, cancellationToken);
        using TextModel model = await LoadedModel.LoadTextAsync(_model, parsed, cancellationToken);
        if (!model.Model.CanArchive) throw new UsageException("ahn calibrate: an archive needs the processor; leave --device out.");
        SessionOptions options = _model.SessionOptions(parsed, model.Model.Config);
        RecallChatMaker maker = new(model.Tokenizer, text);
        int samples = parsed.GetValue(_samples) ?? DefaultSamples;
        RecallDialogue[] chats = [.. Enumerable.Range(0, 2 * samples).Select(i => maker.Make(
            parsed.GetValue(_length) ?? DefaultLength, parsed.GetValue(_facts) ?? DefaultFacts,
            unchecked((parsed.GetValue(_seed) ?? DefaultSeed) + (ulong)i)))];
        HeadCalibrator calibrator = new(model.Model, model.Tokenizer, options);
        (ImmutableArray<RankedHead> ranking, HeadRecall[] recall) = await Progress.ShowAsync("calibrate", bar => Task.Run(
            () => Measure(calibrator, chats, samples, bar, cancellationToken), cancellationToken));
        int keep = Keep(parsed.GetValue(_keep), ranking.Length, recall);
        ModelIdentity identity = model.Model.Identity;
        HeadCalibration calibration = new(
            identity.Description, identity.Fingerprint, model.Model.Config.LayerCount, model.Model.Config.KvHeadCount,
            Path.GetFileName(file ?? DemoBook.Path), keep, ranking, [.. recall]);
        written.Write(calibration.ToJson());
        string? kept = KeptCalibration.Keep(calibration);
        if (parsed.GetValue(_json)) Terminal.PrintJson(json => CalibrationTable.Write(json, calibration, output, kept));
        else CalibrationTable.Show(calibration, output, kept);
        return AhnCommand.Done;
    }

    // The chats of the second half, which the ranking did not see.
    private static (ImmutableArray<RankedHead>, HeadRecall[]) Measure(
        HeadCalibrator calibrator, RecallDialogue[] chats, int samples, IProgress<(long, long, string)> bar, CancellationToken cancellation)
    {
        const int Numbers = 5;
        long done = 0, total = chats[0].Chat.Length * (long)samples * (1 + Numbers);
        IProgress<long> read = new Reader(tokens => bar.Report((done += tokens, total, "")));
        ImmutableArray<RankedHead> ranking = calibrator.Rank(chats[..samples], read, cancellation);
        int all = ranking.Length;
        List<HeadRecall> recall = [];
        foreach (int heads in (int[])[all, 3 * all / 4, all / 2, all / 4, all / 8])
        {
            if (heads < 1 || recall.Exists(measured => measured.Heads == heads)) continue;
            recall.Add(calibrator.Measure(chats[samples..], ranking, heads, read, cancellation));
        }
        return (ranking, [.. recall]);
    }

    private static int Keep(int? asked, int all, HeadRecall[] recall)
    {
        if (asked > all) throw new UsageException($"--keep: expected at most {all} heads, as many as can have an archive, found {asked}.");
        return asked ?? recall.Where(measured => measured.Hits >= KeptShare * recall[0].Hits).Min(measured => measured.Heads);
    }

    private sealed class Reader(Action<long> report) : IProgress<long>
    {
        public void Report(long value) => report(value);
    }
}
