using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Gpu;
using AhnSharp.Cli.Options;
using AhnSharp.Cli.Reports;
using AhnSharp.Cli.Train;
using AhnSharp.Documents;
using AhnSharp.Documents.Reading;
using AhnSharp.Files;
using AhnSharp.Kernels;
using AhnSharp.Network;
using AhnSharp.Tokenizer;
using AhnSharp.Training;

namespace AhnSharp.Cli.Commands;

/// <summary><c>ahn train</c>: a memory for a model, distilled from the model itself on texts of one's own.</summary>
internal sealed class TrainCommand
{
    private readonly TrainOptionGroup _options = new();
    private readonly DocumentOptionGroup _documents = new();
    private readonly ReportOption _report = new("KL to full attention against steps, on texts trained on and held out.");
    private readonly Option<bool> _overwrite = OverwriteOption.Create("the adapter, its checkpoint and what --report names");
    private readonly Option<bool> _json = JsonOption.Create();

    private TrainCommand()
    {
    }

    internal static Command Create()
    {
        TrainCommand train = new();
        Command command = new("train", "Trains a memory for a base model on texts of your own, with the model itself as the teacher.");
        train._options.AddTo(command);
        train._documents.AddTo(command);
        train._report.AddTo(command);
        command.Add(train._overwrite);
        command.Add(train._json);
        command.SetAction(train.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string device = parsed.GetValue(_options.Device) ?? DeviceChoice.Processor;
        if (device != DeviceChoice.Processor) GpuSupport.Check(device);
        string model = ModelFile.Resolve("--model", parsed.GetValue(_options.Model)
            ?? throw new UsageException("ahn train needs the model that the memory is for: name it with --model BASE.gguf."));
        bool isResumed = parsed.GetValue(_options.Resume), isDry = parsed.GetValue(_options.DryRun);
        string output = parsed.GetValue(_options.Output)
            ?? (isDry ? "" : throw new UsageException("ahn train needs a file to write: name it with -o ADAPTER.gguf."));
        string[] texts = parsed.GetValue(_options.Text) ?? [], chats = parsed.GetValue(_options.Conversations) ?? [],
            paths = [.. texts, .. chats];
        TrainingOptions options = _options.Training(parsed);
        (int window, int sinks) = _options.Sizes(parsed, options);
        string checkpoint = TrainingFiles.CheckpointOf(output);
        if (isResumed && !File.Exists(checkpoint))
            throw new FileNotFoundException($"--resume: there is no checkpoint {checkpoint} to go on from.", checkpoint);
        if (isDry && (isResumed || _report.IsGiven(parsed)))
            throw new UsageException("--dry-run trains nothing: leave --resume and --report out.");
        bool mayReplace = parsed.GetValue(_overwrite) || isResumed;
        foreach (string written in isDry ? [] : (string[])[output, checkpoint])
            OutputFile.Check(written, OutputKind.Model, mayReplace, [model, .. paths]);
        using PartialFile? page = _report.Open(parsed, parsed.GetValue(_overwrite), [("--output", output)], [model, .. paths]);

        List<Document> documents = await _documents.OpenAsync(parsed, texts, cancellationToken);
        DocumentReport.Announce(documents);
        List<(string, string)> conversations = [];
        foreach (string path in chats)
            conversations.Add((Path.GetFileName(path), await TextOptionGroup.ReadTextAsync(path, cancellationToken)));
        using FrozenBase frozen = await Task.Run(
            () => FrozenBase.Load(model, parsed.GetValue(_options.Threads) ?? Workers.DefaultCount, cancellationToken), cancellationToken);
        if (!QwenTokenizer.IsIn(frozen.File.Metadata))
            throw new UsageException($"{model} holds no tokenizer, and texts are needed as tokens: use a file that has one.");
        QwenTokenizer tokenizer = QwenTokenizer.FromGguf(frozen.File.Metadata);
        TrainingTexts learned = await Task.Run(() => TrainingTexts.Of(
            tokenizer, [.. documents.Select(document => (document.Name, TextOf(document)))], options, conversations), cancellationToken);
        MemoryRule rule = _options.Rule(parsed);
        using DistillationPass? pass = device == DeviceChoice.Processor
            ? null : await Task.Run(() => GpuSupport.Train(device, frozen, rule), cancellationToken);
        MemoryTraining training = new(frozen, rule, learned, options, pass);
        if (isDry) return await ForecastAsync(training, parsed, cancellationToken);
        if (isResumed) TrainingCheckpoint.Read(checkpoint, training);
        return await TrainAsync(training, new TrainingFiles(output, window, sinks, training), output, page, parsed, cancellationToken);
    }

    private async Task<int> ForecastAsync(MemoryTraining training, ParseResult parsed, CancellationToken cancellationToken)
    {
        TrainForecast forecast = await Task.Run(() => TrainForecast.Measure(training, cancellationToken), cancellationToken);
        if (parsed.GetValue(_json)) Terminal.PrintJson(json => forecast.Write(json, training));
        else forecast.Show(training);
        return AhnCommand.Done;
    }

    private async Task<int> TrainAsync(
        MemoryTraining training, TrainingFiles files, string output, PartialFile? page, ParseResult parsed,
        CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        double tokensPerSecond = 0;
        try
        {
            // Whoever stops it waits until the layer that is computed is done and the checkpoint is written.
            using IDisposable finishing = CtrlC.Finishing();
            await Progress.ShowAsync("train", bar => Task.Run(
                () =>
                {
                    TrainBar shown = new(bar, training);
                    try
                    {
                        training.Run(shown.Report, (point, isBest) =>
                        {
                            files.Keep(isBest);
                            shown.Report(point);
                        }, cancellationToken);
                    }
                    catch (OperationCanceledException) when (training.Points.Count > 0)
                    {
                        files.KeepCheckpoint();
                        throw;
                    }
                    tokensPerSecond = shown.TokensPerSecond;
                    return true;
                },
                CancellationToken.None));
        }
        catch (OperationCanceledException) when (training.BestPoint is { } best)
        {
            Terminal.Note(string.Create(CultureInfo.InvariantCulture,
                $"Stopped behind step {training.Step:N0} of {training.Options.Steps:N0}: "
                + $"{output} is the best so far (step {best.Step:N0}, KL {best.HeldOutKl:N4}), and the same line with --resume goes on."));
            throw;
        }
        files.Finish();
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        if (page is not null)
        {
            HtmlReport report = TrainPage.Of(Path.GetFileName(parsed.GetValue(_options.Model))!, training);
            ReportOption.AddFacts(report, parsed,
                [.. training.Texts.Sources.Select(source => ("text", $"{source.Name}, SHA-256 {source.Sha256}"))]);
            _report.Write(page, report, parsed);
        }
        if (parsed.GetValue(_json)) Terminal.PrintJson(json => TrainResult.Write(json, training, output, seconds, tokensPerSecond));
        else TrainResult.Show(training, output, seconds);
        return AhnCommand.Done;
    }

    private static string TextOf(Document document) =>
        document.Kind == DocumentKind.Text ? document.Parts[0].Text : new DocumentPrompt([document]).Text;
}
