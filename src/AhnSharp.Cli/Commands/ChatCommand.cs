using System.CommandLine;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Archive;
using AhnSharp.Cli.Chat;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Options;
using AhnSharp.Cli.Settings;
using AhnSharp.Documents.Reading;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Commands;

/// <summary><c>ahn chat</c>: a conversation, a line a turn, from a terminal or a pipe.</summary>
internal sealed class ChatCommand
{
    private readonly ArchiveOptionGroup _archive = new(byDefault: ArchiveDefault.ForDocuments);
    private readonly Argument<string?> _named = new("model")
    {
        Description = "The model, as --model takes it.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly ModelOptionGroup _model;
    private readonly SamplingOptionGroup _sampling = new();
    private readonly ThinkingOption _thinking = new();
    private readonly TextOptionGroup _text = new("The first turn; the conversation goes on behind its answer.");
    private readonly Option<int?> _keep = Choice.WholeNumber(
        "--keep",
        $"Megabytes that the states before earlier turns may hold, for /undo and /retry (default {ChatLoop.DefaultKeepMegabytes}).", 0);

    private readonly Option<string?> _session = Choice.Text(
        "--session", "Goes on from a session that /save or 'ahn read' kept; the file stays as it is.", "FILE");

    private readonly Option<bool> _resume = Choice.Switch(
        "--resume", "Goes on with the last conversation that was left in a terminal.");

    private readonly Option<bool> _json = JsonOption.CreateLines("each answer");
    private readonly Option<bool> _events = MachineOutput.CreateLines();

    private ChatCommand() => _model = new ModelOptionGroup { Archive = _archive, Positional = parsed => parsed.GetValue(_named) };

    internal static Command Create()
    {
        ChatCommand chat = new();
        Command command = new("chat", "A conversation, a line a turn; /help lists its commands.");
        ModelOptionGroup.CompleteNames(chat._named);
        command.Add(chat._named);
        chat._text.AddTo(command);
        chat._model.AddTo(command);
        command.Add(chat._model.ChatTemplate);
        chat._sampling.AddTo(command);
        chat._thinking.AddTo(command);
        command.Add(chat._session);
        command.Add(chat._resume);
        command.Add(chat._keep);
        command.Add(chat._json);
        command.Add(chat._events);
        command.SetAction(chat.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(_text.File) == "-")
            throw new UsageException("-f -: ahn chat reads its turns from standard input; name a file, or use 'ahn run'.");
        bool asJson = parsed.GetValue(_json), asEvents = parsed.GetValue(_events);
        if (asJson && asEvents) throw new UsageException("--json prints an object for each answer and --jsonl more: give one of the two.");
        _sampling.Check(parsed);
        await ModelOffer.MakeAsync(_model, parsed, asJson || asEvents, cancellationToken,
            parsed.GetValue(_session) is not null || parsed.GetValue(_resume));
        string? document = await _text.ReadFileAsync(parsed, cancellationToken), system = parsed.GetValue(_text.System);

        string? saved = parsed.GetValue(_session);
        bool resumes = parsed.GetValue(_resume);
        if (resumes && saved is not null)
            throw new UsageException("--session names a conversation, and --resume means the last: give one.");
        (string? lastModel, string? lastAhn) = resumes ? LastChat.Model() : (null, null);
        if (resumes) saved = LastChat.SessionPath;
        if (saved is not null && system is not null)
            throw new UsageException("--system: a saved session has its system turn already; leave the option out.");
        SessionOptions keep = saved is null ? FitNote.Show(_model, parsed) : _model.ExpectedSession(parsed);
        DocumentsSection? documents = saved is null ? null : RecordedModel.ReadWholeDocuments(saved);
        RecordedModel recorded = resumes
            ? new RecordedModel(saved!, lastModel, lastAhn, SaysModel: true) : RecordedModel.Of(saved ?? "", documents);
        using TextModel model = await LoadedModel.LoadTextAsync(_model, parsed, recorded, cancellationToken);
        if (model.Template is null)
        {
            throw new UsageException(
                "ahn chat needs a chat template, and this file has none: name one with --chat-template, or use 'ahn run'.");
        }
        if (saved is null) keep = _archive.Settle(parsed, keep, model, document);
        ArchiveAsking? asking = saved is null ? null : _archive.Asking(parsed, saved);
        using TextSession session = saved is null
            ? model.CreateSession(keep, system) : await Task.Run(() => model.LoadSession(saved, keep, asking), cancellationToken);
        if (saved is not null) _archive.CheckContinued(parsed, saved, session.State.Plan.Archive is not null, isAsked: true);
        LoadedModel.NoteHistory(session);
        _thinking.Apply(parsed, model, session);
        if (saved is not null) Terminal.Detail(AnswerSummary.Held(saved, session.State));
        if (document is not null)
        {
            await Progress.ShowAsync("reading", async bar =>
            {
                await session.ReadAsync(document, new ReadingBar(bar), cancellationToken);
                return true;
            });
        }
        GenerationOptions options = _sampling.For(parsed, model);
        using ChatLoop loop = new(
            session, options, parsed.GetValue(_keep) ?? ChatLoop.DefaultKeepMegabytes, cancellationToken, keepsBeginning: saved is not null)
        {
            Guard = () => _sampling.Guard(parsed),
            NewSession = saved is null ? text => model.CreateSession(keep, text) : null,
            ReadDocument = (file, stopping) => _text.ReadDocumentAsync(parsed, file, stopping),
            Sources = session => SourceList.Of(session, model.Tokenizer, documents),
            Saving = RecordedModel.SavingBeside(documents, Recorded(parsed, recorded)),
            ModelForPrograms = asJson || asEvents ? Path.GetFileName(recorded.Find(_model, parsed).Path) : null,
            TellsEvents = asEvents,
            Inputs = [saved, parsed.GetValue(_text.File), .. recorded.Inputs(_model, parsed)],
        };
        session.RecordsSources = session.State.Plan.Archive is not null;
        try
        {
            if (parsed.GetValue(_text.Prompt) is { } prompt) await loop.AnswerAsync(prompt);
            await loop.RunAsync();
        }
        finally
        {
            if (Terminal.IsInteractive && UserSettings.Here.Value(SettingKey.History) != "off")
            {
                RecordedModel last = Recorded(parsed, recorded);
                LastChat.Keep(loop.Session, last.Model, last.Ahn);
            }
        }
        return AhnCommand.Done;
    }

    // What runs here, as a later command finds it.
    private RecordedModel Recorded(ParseResult parsed, RecordedModel recorded)
    {
        ChosenModel chosen = _model.Chosen(parsed);
        bool named = !recorded.SaysModel || _model.Given(parsed) is not null;
        (string? model, string? ahn) = named ? (chosen.Name, chosen.Adapter) : (recorded.Model, recorded.Ahn);
        return new RecordedModel(recorded.Snapshot, Lasting(model), Lasting(ahn), SaysModel: true);
    }

    private static string? Lasting(string? name)
    {
        return File.Exists(name) ? Path.GetFullPath(name) : name;
    }
}
