using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Options;
using AhnSharp.Cli.Reports;
using AhnSharp.Evaluation;
using AhnSharp.Files;
using AhnSharp.Plots;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Commands;

/// <summary>
/// <c>ahn recall</c>: how many digits of codes in a long text the model gives back, read with the right answers in place.
/// </summary>
internal sealed class RecallCommand
{
    private const int DefaultLength = 4096, DefaultFacts = 4, DefaultSamples = 5, DefaultSeed = 1;
    private readonly ModelOptionGroup _model = new() { Archive = new ArchiveOptionGroup() };
    private readonly Option<string?> _set = Choice.Text(
        "--set", "Recall chats as JSON: an array of {length, ids, answer_positions}.", "FILE");
    private readonly Option<string?> _file = Choice.Text(
        "--file", "Makes chats of this text, UTF-8, with codes hidden in it; '-' is standard input.", "FILE", "-f");
    private readonly Option<int?> _length = Choice.WholeNumber(
        "--length", $"Tokens of a made chat (default {DefaultLength}).", 1, Choice.MaxTokens);
    private readonly Option<int?> _facts = Choice.WholeNumber(
        "--facts", $"Codes in a made chat (default {DefaultFacts}).", 1, RecallChatMaker.MaxFacts);
    private readonly Option<int?> _samples = Choice.WholeNumber("--samples", $"Chats to make (default {DefaultSamples}).", 1);
    private readonly Option<ulong?> _seed = Choice.Seed(
        "--seed", $"Seed of the first chat; the next chat has the next seed (default {DefaultSeed}).");
    private readonly Option<string?> _plot = Choice.Text(
        "--plot", "With -f: draws the digits right against the distance of their sentence as SVG, for every memory that the model can run "
            + "with (or that of --memory alone).", "FILE");

    private readonly ReportOption _report = new("the digits right, with -f in the memories and by the distance that --plot draws.");
    private readonly Option<bool> _overwrite = OverwriteOption.Create("what --plot and --report name");
    private readonly Option<bool> _json = JsonOption.Create();

    private RecallCommand()
    {
    }

    internal static Command Create()
    {
        RecallCommand recall = new();
        Command command = new("recall", "Counts the digits of codes in long texts that the model gives back (greedy, teacher-forced).")
        {
            recall._set, recall._file, recall._length, recall._facts, recall._samples, recall._seed, recall._plot, recall._overwrite,
        };
        recall._report.AddTo(command);
        recall._model.AddTo(command);
        command.Add(recall._json);
        command.SetAction(recall.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string? set = parsed.GetValue(_set), file = parsed.GetValue(_file);
        if (set is null == file is null)
            throw new UsageException("ahn recall needs one of --set FILE (chats as JSON) and -f FILE (a text to make chats of).");

        if (file is not null)
        {
            using PartialFile? drawing = parsed.GetValue(_plot) is not { } named ? null
                : OutputFile.Create(named, OutputKind.Other, parsed.GetValue(_overwrite), [file, .. _model.Inputs(parsed)]);
            using PartialFile? page = Report(parsed, file);
            string text = await TextOptionGroup.ReadTextAsync(file, cancellationToken);
            using TextModel model = await LoadedModel.LoadTextAsync(_model, parsed, cancellationToken);
            RecallChatMaker maker = new(model.Tokenizer, text);
            int length = parsed.GetValue(_length) ?? DefaultLength, facts = parsed.GetValue(_facts) ?? DefaultFacts,
                samples = parsed.GetValue(_samples) ?? DefaultSamples;
            ulong seed = parsed.GetValue(_seed) ?? DefaultSeed;
            if (parsed.GetValue(_plot) is not null || page is not null)
            {
                RecallPlot plot = new(Enumerable.Range(0, samples).Select(i => maker.Make(length, facts, unchecked(seed + (ulong)i))));
                return await DrawAsync(model.Model, plot, drawing, page, parsed, cancellationToken);
            }
            IAsyncEnumerable<RecallChat> made = Enumerable.Range(0, samples)
                .Select(i => maker.Make(length, facts, unchecked(seed + (ulong)i)).Chat).ToAsyncEnumerable();
            return await ScoreAsync(model.Model, made, (long)samples * length, null, parsed, cancellationToken);
        }

        if (parsed.GetValue(_plot) is not null)
        {
            throw new UsageException("--plot draws recall against distance, and the chats of --set do not say where their sentences stand: "
                + "make chats of a text with -f.");
        }
        foreach (Option option in new Option[] { _length, _facts, _samples, _seed })
        {
            if (Choice.IsGiven(parsed, option))
            {
                throw new UsageException(
                    $"{option.Name} says how to make chats of a text (-f); the chats of --set are made already: leave it out.");
            }
        }
        if (!File.Exists(set)) throw new FileNotFoundException($"--set: there is no file {set}.", set);
        using PartialFile? summary = Report(parsed, set);
        // Read twice: first whole, so that a broken last chat is known before an hour's work, and the bar knows its end.
        long total = 0;
        await foreach (RecallChat chat in RecallSet.ReadAsync(set, cancellationToken)) total += chat.Ids.Length;
        using LanguageModel network = await LoadedModel.LoadAsync(_model, parsed, cancellationToken);
        return await ScoreAsync(network, RecallSet.ReadAsync(set, cancellationToken), total, summary, parsed, cancellationToken);
    }

    private async Task<int> DrawAsync(
        LanguageModel model, RecallPlot plot, PartialFile? drawing, PartialFile? page, ParseResult parsed,
        CancellationToken cancellationToken)
    {
        foreach (SessionOptions options in _model.AllSessionOptions(parsed, model.Config))
            await plot.ReadAsync(model, options, cancellationToken);
        drawing?.Write(
            Encoding.UTF8.GetBytes(new Figure { Title = $"What {_model.NameOf(parsed)} brings back", Panels = [.. plot.Panels] }.ToSvg()));
        if (page is not null) Write(page, model, [.. plot.Totals], [.. plot.Panels], parsed);
        if (parsed.GetValue(_json)) Terminal.PrintJson(json => RecallTable.Write(json, plot.Totals));
        else foreach ((SessionPlan plan, RecallTotals totals, double seconds) in plot.Totals) RecallTable.Show(totals, plan, seconds);
        if (parsed.GetValue(_plot) is { } plotFile) Terminal.Note($"Drawn: {plotFile}");
        return AhnCommand.Done;
    }

    private async Task<int> ScoreAsync(
        LanguageModel model, IAsyncEnumerable<RecallChat> chats, long totalTokens, PartialFile? page, ParseResult parsed,
        CancellationToken cancellationToken)
    {
        SessionOptions options = _model.SessionOptions(parsed, model.Config);
        RecallTotals totals = new();
        long started = Stopwatch.GetTimestamp();
        await Progress.ShowAsync("recall", bar => Task.Run(
            async () =>
            {
                long read = 0;
                await foreach (RecallChat chat in chats.WithCancellation(cancellationToken))
                {
                    totals.Add(chat, RecallScorer.CountHits(model, chat, options, cancellationToken));
                    read += chat.Ids.Length;
                    bar.Report((read, totalTokens, RecallTable.Note(totals)));
                }
                return totals;
            },
            cancellationToken));
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        if (page is not null) Write(page, model, [(model.Plan(options), totals, seconds)], [], parsed);
        if (parsed.GetValue(_json)) Terminal.PrintJson(json => RecallTable.Write(json, totals, model.Plan(options), seconds));
        else RecallTable.Show(totals, model.Plan(options), seconds);
        return AhnCommand.Done;
    }

    private PartialFile? Report(ParseResult parsed, string chats) => _report.Open(
        parsed, parsed.GetValue(_overwrite), [("--plot", parsed.GetValue(_plot))], [chats, .. _model.Inputs(parsed)]);

    private void Write(PartialFile file, LanguageModel model, IReadOnlyList<(SessionPlan Plan, RecallTotals Totals, double Seconds)> totals,
        IReadOnlyList<Panel> panels, ParseResult parsed)
    {
        HtmlReport page = RecallPage.Of(_model.NameOf(parsed), totals, panels);
        ReportOption.AddFacts(page, parsed,
            [("text", Path.GetFileName(parsed.GetValue(_file) ?? parsed.GetValue(_set))!), ("model", model.Identity.Description),
                ("runs on", model.RunsOn)]);
        _report.Write(file, page, parsed);
    }
}
