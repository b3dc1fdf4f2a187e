using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
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

/// <summary><c>ahn perplexity</c>: how surprised the model is by a text, and how far it is from another model or another memory.</summary>
internal sealed class PerplexityCommand
{
    private const int DefaultEvery = 1024;
    private readonly Argument<string?> _named = new("model")
    {
        Description = "The model, as --model takes it.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly ModelOptionGroup _model;
    private readonly AgainstOptionGroup _against = new();
    private readonly TokensOptionGroup _tokens = new("perplexity");
    private readonly Option<string?> _nllOut = Choice.Text(
        "--nll-out", "Writes the negative log likelihoods: one little-endian float32 a predicted token, in order.", "FILE");
    private readonly Option<int?> _every = Choice.WholeNumber(
        "--every", $"Prints a table by position, a row every N tokens (a comparison always does, by default every {DefaultEvery}).", 1);
    private readonly Option<int?> _last = Choice.WholeNumber(
        "--last", "Predicts the last N tokens alone; what comes before is read, and with --archive only they ask it.", 1);
    private readonly Option<string?> _plot = Choice.Text(
        "--plot", "Draws perplexity against position as SVG, for every memory that the model can run with (or that of --memory alone); "
            + "of a comparison, the divergence.", "FILE");

    private readonly ReportOption _report = new("perplexity in the memories that --plot draws, or a comparison.");

    private readonly Option<bool> _recall = Choice.Switch(
        "--recall", "With --plot or --report: draws recall of codes against distance too, in chats made of the text (for the demo model, "
            + "which was trained on such chats, always).");

    private readonly Option<bool> _overwrite = OverwriteOption.Create("what --plot, --report and --nll-out name");
    private readonly Option<bool> _json = JsonOption.Create();

    private PerplexityCommand() =>
        _model = new ModelOptionGroup { Archive = new ArchiveOptionGroup(), Positional = parsed => parsed.GetValue(_named) };

    internal static Command Create()
    {
        PerplexityCommand perplexity = new();
        Command command = new(
            "perplexity", "Measures how well the model predicts a text, and what a smaller file or a shorter window costs.");
        ModelOptionGroup.CompleteNames(perplexity._named);
        command.Add(perplexity._named);
        perplexity._tokens.AddTo(command);
        command.Add(perplexity._nllOut);
        command.Add(perplexity._every);
        command.Add(perplexity._last);
        command.Add(perplexity._plot);
        perplexity._report.AddTo(command);
        command.Add(perplexity._recall);
        perplexity._model.AddTo(command);
        perplexity._against.AddTo(command);
        command.Add(perplexity._overwrite);
        command.Add(perplexity._json);
        command.SetAction(perplexity.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        bool plots = Draws(parsed), compares = _against.IsAskedFor(parsed);
        if (parsed.GetValue(_recall) && (!plots || compares))
        {
            throw new UsageException(
                "--recall adds to the drawing of --plot or --report, and to that of no comparison: give one of them without --against….");
        }
        if (plots && !compares && parsed.GetValue(_nllOut) is not null && parsed.GetValue(_model.Memory) is null)
        {
            throw new UsageException(
                "--nll-out takes the numbers of one memory, and --plot and --report measure several: name one with --memory.");
        }
        if (parsed.GetValue(_plot) is { } drawing && parsed.GetValue(_nllOut) is { } numbers
            && Path.GetFullPath(drawing) == Path.GetFullPath(numbers))
            throw new UsageException($"--plot and --nll-out both name {drawing}: give each a file of its own.");
        if (parsed.GetValue(_last) is not null && (plots || compares || parsed.GetValue(_every) is not null))
        {
            throw new UsageException(
                "--last measures the end of a text alone: leave it out with --plot, --report, --every and --against….");
        }
        string? text = await _tokens.ReadTextAsync(parsed, cancellationToken);
        if (text is null)
        {
            if (parsed.GetValue(_recall)) throw new UsageException("--recall makes chats of a text: give -f FILE instead of --ids.");
            int[] ids = await _tokens.ReadIdsAsync(parsed, cancellationToken);
            using LanguageModel network = await LoadedModel.LoadAsync(_model, parsed, cancellationToken);
            return compares ? await CompareAsync(
                network, ids, parsed, cancellationToken) : await MeasureAsync(network, ids, null, parsed, cancellationToken);
        }
        using TextModel model = await LoadedModel.LoadTextAsync(_model, parsed, cancellationToken);
        int[] encoded = _tokens.Encode(model.Tokenizer, text, parsed);
        if (compares) return await CompareAsync(model.Model, encoded, parsed, cancellationToken);
        RecallPlot? recall =
            plots && (parsed.GetValue(_recall) || _model.IsDemo(parsed)) ? RecallPlot.Of(model.Tokenizer, text, encoded.Length) : null;
        return await MeasureAsync(model.Model, encoded, recall, parsed, cancellationToken);
    }

    private async Task<int> MeasureAsync(
        LanguageModel model, int[] ids, RecallPlot? recall, ParseResult parsed, CancellationToken cancellationToken)
    {
        string? plotFile = parsed.GetValue(_plot), nllFile = parsed.GetValue(_nllOut);
        SessionOptions[] modes =
            Draws(parsed) ? _model.AllSessionOptions(parsed, model.Config) : [_model.SessionOptions(parsed, model.Config)];
        using PartialFile? nllOut = Output(nllFile, parsed);
        using PartialFile? plot = Output(plotFile, parsed);
        using PartialFile? report = Report(parsed);

        int last = parsed.GetValue(_last) ?? int.MaxValue;
        PerplexityReading[] readings = new PerplexityReading[modes.Length];
        for (int i = 0; i < modes.Length; i++)
        {
            SessionOptions options = modes[i];
            PerplexityResult result = await Progress.ShowAsync($"perplexity, {MemoryName.Of(options.Mode!.Value)}", bar => Task.Run(
                () => Perplexity.MeasureLast(
                    model, ids, last, options, new CountBar(bar, "tokens", Math.Min(last, ids.Length - 1)), cancellationToken),
                cancellationToken));
            readings[i] = new PerplexityReading(model.Plan(options), result);
            if (recall is not null) await recall.ReadAsync(model, options, cancellationToken);
        }
        if (nllOut is not null) PerplexityReport.WriteNll(nllOut, readings[0].Result);
        int? every = parsed.GetValue(_every);
        Panel[] panels = [.. PerplexityPlot.Panels(readings), .. recall?.Panels ?? []];
        if (plot is not null) Write(plot, $"What {_model.NameOf(parsed)} makes of {_tokens.NameOf(parsed)}", panels);
        if (report is not null)
        {
            HtmlReport page = PerplexityPage.Of(_model.NameOf(parsed), _tokens.NameOf(parsed), readings, panels, every);
            Write(report, page, model, readings[0].Result.Tokens, parsed);
        }

        if (!parsed.GetValue(_json)) PerplexityReport.Print(readings, every);
        else Terminal.PrintJson(json => PerplexityReport.Write(json, readings, every));
        if (plot is not null) Terminal.Note($"Drawn: {plotFile}");
        return AhnCommand.Done;
    }

    private async Task<int> CompareAsync(LanguageModel model, int[] ids, ParseResult parsed, CancellationToken cancellationToken)
    {
        string? plotFile = parsed.GetValue(_plot), nllFile = parsed.GetValue(_nllOut);
        SessionOptions options = _model.SessionOptions(parsed, model.Config, _against.Memory(parsed));
        (string Path, string? AhnPath)? files = _against.OtherFiles(_model, parsed);
        using LanguageModel? other = files is { } named ? await LoadedModel.LoadAsync(
            named.Path, named.AhnPath, _against.ModelOptions(_model, parsed), _model.DeviceChoice(parsed), cancellationToken) : null;
        LanguageModel reference = other ?? model;
        SessionOptions referenceOptions = _against.SessionOptions(parsed, reference.Config, options, model.Plan(options));
        ModelComparison.ThrowUnlessSameTokens(reference, model);
        using PartialFile? nllOut = Output(nllFile, parsed);
        using PartialFile? plot = Output(plotFile, parsed);
        using PartialFile? page = Report(parsed);

        ComparisonResult result = await Progress.ShowAsync("comparing", bar => Task.Run(
            () => ModelComparison.Measure(
                new ComparedModel(reference, referenceOptions), new ComparedModel(model, options), ids, new CountBar(
                    bar, "tokens", ids.Length - 1), cancellationToken),
            cancellationToken));
        var report = new ComparisonReport(
            new ComparedName(files is null ? _model.NameOf(parsed)
                : Path.GetFileName(files.Value.Path), files is null ? _model.AhnNameOf(parsed) : Path.GetFileName(files.Value.AhnPath),
                reference.Plan(referenceOptions), reference.Processor is { SevenBitMatrices: > 0 }),
            new ComparedName(
                _model.NameOf(parsed), _model.AhnNameOf(parsed), model.Plan(options), model.Processor is { SevenBitMatrices: > 0 }),
            result,
            parsed.GetValue(_every) ?? DefaultEvery);
        if (nllOut is not null) PerplexityReport.WriteNll(nllOut, new PerplexityResult(result.ModelNll, result.Seconds, default));
        if (plot is not null) Write(plot, $"{report.Model} against {report.Reference}", ComparisonPlot.Panels(report));
        if (page is not null)
        {
            Write(page, ComparisonPage.Of(report, _tokens.NameOf(parsed), parsed.GetValue(_every) ?? DefaultEvery), model,
                result.Tokens, parsed);
        }

        if (parsed.GetValue(_json)) Terminal.PrintJson(report.Write);
        else report.Print();
        if (plot is not null) Terminal.Note($"Drawn: {plotFile}");
        return AhnCommand.Done;
    }

    // Opened before the work, so that a file that may not be written is known in the first second.
    private PartialFile? Output(string? path, ParseResult parsed) => path is null ? null
        : OutputFile.Create(path, OutputKind.Other, parsed.GetValue(_overwrite),
            [.. _tokens.Inputs(parsed), .. _model.Inputs(parsed), .. _against.Inputs(parsed)]);

    private PartialFile? Report(ParseResult parsed) => _report.Open(
        parsed, parsed.GetValue(_overwrite), [("--plot", parsed.GetValue(_plot)), ("--nll-out", parsed.GetValue(_nllOut))],
        [.. _tokens.Inputs(parsed), .. _model.Inputs(parsed), .. _against.Inputs(parsed)]);

    // Both show every memory that the model can run with.
    private bool Draws(ParseResult parsed) => parsed.GetValue(_plot) is not null || _report.IsGiven(parsed);

    private void Write(PartialFile file, HtmlReport page, LanguageModel model, int tokens, ParseResult parsed)
    {
        ReportOption.AddFacts(page, parsed,
            [("text", string.Create(CultureInfo.InvariantCulture, $"{_tokens.NameOf(parsed)}, {tokens:N0} predicted tokens")),
                ("model", model.Identity.Description), ("runs on", model.RunsOn)]);
        _report.Write(file, page, parsed);
    }

    private static void Write(PartialFile file, string title, Panel[] panels) =>
        file.Write(Encoding.UTF8.GetBytes(new Figure { Title = title, Panels = [.. panels] }.ToSvg()));
}
