using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Options;
using AhnSharp.Evaluation;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Commands;

/// <summary>
/// <c>ahn demo</c>: one long chat with codes hidden in it, read four times (full attention, window alone, window + memory, and these with
/// an archive) and asked for each code. Chat, answers and numbers are made as it runs.
/// </summary>
internal sealed class DemoCommand
{
    private const int DefaultTokens = 16384, Codes = 8, DefaultSeed = 1;
    private static readonly MemoryMode[] Modes = [MemoryMode.Full, MemoryMode.Window, MemoryMode.Ahn];
    private readonly ModelOptionGroup _model = new() { IgnoresSettings = true };
    private readonly Option<ulong?> _seed = Choice.Seed(
        "--seed", $"Chooses excerpt, names, codes and their places (default {DefaultSeed}).");
    private readonly Option<int?> _tokens = Choice.WholeNumber(
        "--tokens", $"Tokens of the chat (default {DefaultTokens}).", 1, Choice.MaxTokens);
    private readonly Option<string?> _book = Choice.Text(
        "--book", "The text to hide the codes in, UTF-8; '-' is standard input (default: Dracula).", "FILE");
    private readonly ArchiveOptionGroup _archive = new(isAlwaysAsked: true);
    private readonly Option<bool> _json = JsonOption.Create();

    private DemoCommand() => _archive.FilesOf = _model.Files;

    internal static Command Create()
    {
        DemoCommand demo = new();
        Command command = new("demo", $"Reads a long chat with {Codes} codes in it and is asked for each: with full attention, "
            + "a window alone, a window with its memory, and these with an archive.")
        {
            demo._tokens, demo._seed, demo._book,
        };
        demo._model.AddWithoutMemoryTo(command);
        demo._archive.AddTo(command);
        command.Add(demo._json);
        command.SetAction(demo.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        bool asJson = parsed.GetValue(_json);
        ulong seed = parsed.GetValue(_seed) ?? DefaultSeed;
        string? book = parsed.GetValue(_book);
        if (book is null) DemoBook.RequireFile();
        string text = await TextOptionGroup.ReadTextAsync(book ?? DemoBook.Path, cancellationToken);

        using TextModel model = await LoadedModel.LoadTextAsync(_model, parsed, cancellationToken);
        if (model.Model.Config.Ahn is null)
        {
            throw new UsageException(
                "ahn demo compares a window with and without its memory, and this model has none: name its adapter with --ahn.");
        }
        RecallDialogue dialogue = Make(new RecallChatMaker(model.Tokenizer, text), parsed.GetValue(_tokens) ?? DefaultTokens, seed);
        SessionPlan memory = model.Model.Plan(_model.SessionOptionsOf(parsed, MemoryMode.Ahn));
        ThrowUnlessWorthReading(dialogue, model.Model.Plan(_model.SessionOptionsOf(parsed, MemoryMode.Full)), memory);
        string title = book is null ? "Bram Stoker's Dracula" : book == "-" ? "standard input" : Path.GetFileName(book);
        List<SessionOptions> readings = [.. Modes.Select(mode => _model.SessionOptionsOf(parsed, mode))];
        // The plain rows stay as they are: what an archive adds is a row of its own.
        if (model.Model.CanArchive) readings.Add(_archive.Apply(parsed, readings[^1], model.Model.Config));
        else if (_archive.IsGiven(parsed) is { } option)
            throw new UsageException($"{option}: an archive needs the processor; add --device cpu, or leave the option out.");
        else Terminal.Note("An archive needs the processor (--device cpu): its row is left out.");
        if (!asJson) DemoScreen.Introduce(dialogue, title, seed, readings.Count);

        List<RecallInterviewResult> results = [];
        foreach (SessionOptions options in readings)
        {
            using RecallInterview interview = new(model.Model, model.Tokenizer, dialogue, options);
            results.Add(asJson
                ? await ReadAndAskAsync(interview, dialogue, options.Mode!.Value, cancellationToken)
                : await DemoScreen.ShowAsync(interview, dialogue, model.Model.Plan(options), cancellationToken));
        }

        bool isDemoModel = _model.IsDemo(parsed);
        if (asJson) Terminal.PrintJson(json => DemoJson.Write(json, title, seed, dialogue, results, memory));
        else DemoScreen.Conclude(results, memory, isDemoModel);
        return AhnCommand.Done;
    }

    // A length that no such chat can have is a wrong option, as every other number out of its range.
    private static RecallDialogue Make(RecallChatMaker maker, int tokens, ulong seed)
    {
        try
        {
            return maker.Make(tokens, Codes, seed);
        }
        catch (InvalidDataException wrong)
        {
            throw new UsageException($"--tokens: {wrong.Message}");
        }
    }

    private static void ThrowUnlessWorthReading(RecallDialogue dialogue, SessionPlan full, SessionPlan memory)
    {
        int most = RecallInterview.LongestChatTokens(dialogue);
        if (most > full.ContextTokens)
        {
            throw new UsageException($"With full attention the chat and its answers may come to {most} tokens, "
                + $"and the context holds {full.ContextTokens}: raise --context or lower --tokens.");
        }
        long window = (long)memory.Window + memory.Sinks;
        if (dialogue.Reading.Length <= window)
        {
            throw new UsageException($"The text of {dialogue.Reading.Length} tokens fits the window of {window}, "
                + "so nothing would reach the memory: raise --tokens or lower --window.");
        }
    }

    private static Task<RecallInterviewResult> ReadAndAskAsync(
        RecallInterview interview, RecallDialogue dialogue, MemoryMode mode, CancellationToken cancellationToken) =>
            Progress.ShowAsync(MemoryName.Of(mode), async bar =>
            {
                await interview.ReadAsync(new ReadingBar(bar), cancellationToken);
                for (int i = 0; i < dialogue.Facts.Length; i++)
                {
                    await foreach (string _ in interview.AskNextAsync(cancellationToken))
                    {
                    }
                }
                return interview.Result;
            });
}
