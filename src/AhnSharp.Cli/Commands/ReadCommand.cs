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
using AhnSharp.Cli.Options;
using AhnSharp.Cli.Settings;
using AhnSharp.Documents;
using AhnSharp.Documents.Reading;
using AhnSharp.Files;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Commands;

/// <summary><c>ahn read</c>: documents into a file that answers questions about them without reading them again.</summary>
internal sealed class ReadCommand
{
    /// <summary>What is read, for help texts.</summary>
    internal const string Kinds = "Texts, Markdown, HTML, PDF, EPUB, .docx, .ipynb, a .gz of one of these, or folders of code";

    private readonly Argument<string[]> _paths = Choice.Words(
        "paths", $"{Kinds}, in the order to read them; '-' is standard input.", ArgumentArity.OneOrMore);

    private readonly Option<string?> _output = Choice.Text(
        "--output", "The file to write, usually NAME.ahn; while it is not whole, NAME.ahn.reading holds what was read.", "FILE", "-o");
    private readonly Option<int?> _checkpoint = Choice.WholeNumber(
        "--checkpoint",
        $"Tokens between checkpoints, rounded up to whole chunks; 0 = none (default {DocumentReadingOptions.DefaultCheckpointTokens}).", 0,
        Choice.MaxTokens);

    private readonly Option<bool> _resume = Choice.Switch(
        "--resume", "Goes on with an interrupted reading, or behind the old end of documents that have grown.");
    private readonly Option<bool> _overwrite = Choice.Switch("--overwrite", "Replaces the output where it exists.");
    private readonly Option<string?> _system = Choice.Text(
        "--system", "The system turn before the documents, for files with a chat template.", "TEXT");
    private readonly DocumentOptionGroup _documents = new();
    private readonly ArchiveOptionGroup _archive = new(byDefault: ArchiveDefault.On);
    private readonly ModelOptionGroup _model;
    private readonly Option<bool> _json = JsonOption.Create();
    private readonly Option<bool> _events = MachineOutput.CreateLines();

    private ReadCommand() => _model = new ModelOptionGroup { Archive = _archive };

    internal static Command Create()
    {
        ReadCommand read = new();
        Command command = new("read", "Reads documents once, into a file that 'ahn ask' answers from.") { read._paths };
        foreach (Option option in new Option[] { read._output, read._checkpoint, read._resume, read._overwrite, read._system })
            command.Add(option);
        read._documents.AddTo(command);
        read._model.AddTo(command);
        command.Add(read._model.ChatTemplate);
        command.Add(read._json);
        command.Add(read._events);
        command.SetAction(read.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        DocumentReadingOptions options = new()
        {
            Output = parsed.GetValue(_output) ?? throw new UsageException("ahn read needs a file to write: name it with -o NAME.ahn."),
            CheckpointTokens = parsed.GetValue(_checkpoint) ?? DocumentReadingOptions.DefaultCheckpointTokens,
            Resume = parsed.GetValue(_resume),
            Overwrite = parsed.GetValue(_overwrite),
            System = parsed.GetValue(_system),
        };
        if (options.Resume && options.Overwrite)
            throw new UsageException("--resume keeps what was read and --overwrite replaces it: give one of the two.");
        string[] paths = parsed.GetValue(_paths)!;
        if (paths.Count(static path => path == "-") > 1)
            throw new UsageException("'-' is standard input, which can be read once: name it once.");
        bool asJson = parsed.GetValue(_json), asEvents = parsed.GetValue(_events);
        if (asJson && asEvents) throw new UsageException("--json prints one object and --jsonl many: give one of the two.");
        await ModelOffer.MakeAsync(_model, parsed, asJson || asEvents, cancellationToken, options.Resume);
        using FileLock alone = FileLock.TryTake(options.Output) ?? throw new IOException(
            $"{options.Output}: another command is writing it just now; wait for it, or name another file with -o.");
        DocumentReading.CheckOutput(options, [.. paths.Where(static path => path != "-"), .. _model.Inputs(parsed)]);

        List<Document> documents = await _documents.OpenAsync(parsed, paths, cancellationToken);
        DocumentReport.Announce(documents);
        DocumentsSection? begun = options.Resume ? DocumentReading.FindResumable(options.Output) : null;
        // What was begun goes on with its own model, whatever a person has set meanwhile.
        ChosenModel chosen = _model.Chosen(parsed);
        bool isNamed = begun is null || _model.Given(parsed) is not null;
        options = options with
        {
            Model = isNamed ? chosen.Name : begun!.Model,
            Ahn = begun is null || parsed.GetValue(_model.Ahn) is not null ? chosen.Adapter : begun.Ahn,
            System = options.System ?? begun?.System,
        };
        if (begun is null && options.Resume)
            Terminal.Note($"There is nothing to go on from beside {options.Output}: reading from the beginning.");

        SessionOptions session = begun is null ? FitNote.Show(_model, parsed) : _model.ExpectedSession(parsed);
        using TextModel model = await LoadedModel.LoadTextAsync(
            _model, parsed, new RecordedModel(options.Output, options.Model, options.Ahn, SaysModel: true), cancellationToken);
        if (options.System is not null && model.Template is null)
            throw new UsageException("--system needs a chat template, and this file has none.");
        string folder = Path.GetDirectoryName(Path.GetFullPath(options.Output))!;
        if (begun is null) session = _archive.Settle(parsed, session, model);
        options = options with { Session = session with { ArchiveFolder = folder } };
        using DocumentReading reading = await Task.Run(
            () => DocumentReading.Begin(model, new DocumentPrompt(documents), options), cancellationToken).WaitAsync(cancellationToken);
        if (reading.ResumedFrom is { } from)
        {
            Terminal.Note(string.Create(CultureInfo.InvariantCulture,
                $"Continuing from {from}, which holds {reading.TokensResumed:N0} of {reading.TokensTotal:N0} tokens."));
            _archive.CheckContinued(parsed, from, reading.Session.State.Plan.Archive is not null, isAsked: false);
        }
        ArchiveNote.Show(
            reading.Session.State.Plan, reading.TokensTotal, reading.TokensResumed,
            options.CheckpointTokens > 0 ? options.CheckpointTokens : reading.TokensTotal, folder);

        long started = Stopwatch.GetTimestamp();
        CtrlC.Farewell = () => Interruption(reading, options.Output);
        try
        {
            await Progress.ShowAsync("reading", async bar =>
            {
                await reading.RunAsync(asEvents ? new EventStream.Reading() : new DocumentBar(bar, documents.Count), cancellationToken);
                return true;
            });
        }
        catch (OperationCanceledException)
        {
            using (CtrlC.Finishing()) await reading.KeepAsync();
            CtrlC.Farewell = null;
            Terminal.Complain(Interruption(reading, options.Output));
            return CtrlC.ExitCode;
        }
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        long bytes = new FileInfo(options.Output).Length;
        if (asEvents) EventStream.Write("done", json => DocumentReport.Write(json, reading, documents, options.Output, bytes, seconds));
        else if (asJson)
            Terminal.PrintJson(json => DocumentReport.Write(json, reading, documents, options.Output, bytes, seconds));
        else DocumentReport.Print(reading, documents, options.Output, bytes, seconds);
        return AhnCommand.Done;
    }

    private static string Interruption(DocumentReading reading, string output)
    {
        string at = string.Create(
            CultureInfo.InvariantCulture, $"interrupted at {reading.Session.State.Position:N0} of {reading.TokensTotal:N0} tokens");
        string checkpoint = DocumentReading.CheckpointPath(output);
        return File.Exists(checkpoint)
            ? string.Create(
                CultureInfo.InvariantCulture, $"{at}; {checkpoint} holds {RecordedModel.ReadDocuments(checkpoint)!.TokensRead:N0} of them, "
                    + $"and the same command with --resume goes on from there.")
            : $"{at}, before the first checkpoint: nothing was kept.";
    }
}
