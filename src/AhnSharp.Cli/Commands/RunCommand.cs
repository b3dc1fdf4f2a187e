using System.CommandLine;
using System.CommandLine.Completions;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Options;
using AhnSharp.Cli.Settings;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Commands;

/// <summary><c>ahn run</c>: reads a text, answers one prompt, leaves.</summary>
internal sealed class RunCommand
{
    private readonly ArchiveOptionGroup _archive = new(byDefault: ArchiveDefault.ForDocuments);
    private readonly ModelOptionGroup _model;
    private readonly SamplingOptionGroup _sampling = new();
    private readonly ThinkingOption _thinking = new();
    private readonly TextOptionGroup _text = new();
    private readonly Option<bool> _json = JsonOption.Create();
    private readonly Option<bool> _events = MachineOutput.CreateLines();
    private readonly Option<bool> _raw = Choice.Switch("--raw",
        "Continues the text as it stands, without the chat template; names of special tokens, as <|fim_prefix|>, are these tokens.");
    private readonly Option<bool> _noSpecials = Choice.Switch(
        "--no-specials", "With --raw: names of special tokens are plain text, for a text that is not trusted.");

    private readonly Argument<string[]> _words = Choice.Words(
        "words", "The model, as --model takes it, and what is asked of it; without a model, all of it is the prompt.",
        ArgumentArity.ZeroOrMore);

    private RunCommand() => _model = new ModelOptionGroup { Archive = _archive, Positional = parsed => Line(parsed).Model };

    private SpokenLine Line(ParseResult parsed) => SpokenLine.Of(
        parsed.GetValue(_words) ?? [], parsed.GetValue(_model.Model) is not null, parsed.GetValue(_text.Prompt) is not null);

    internal static Command Create()
    {
        RunCommand run = new();
        run._words.HelpName = "[MODEL] [PROMPT]";
        run._words.CompletionSources.Add(static _ => ModelName.All().Select(static name => new CompletionItem(name)));
        Command command = new("run", "Reads a text and answers one prompt.") { run._words };
        run._text.AddTo(command);
        command.Add(run._raw);
        command.Add(run._noSpecials);
        run._model.AddTo(command);
        command.Add(run._model.ChatTemplate);
        run._sampling.AddTo(command);
        run._thinking.AddTo(command);
        command.Add(run._json);
        command.Add(run._events);
        command.SetAction(run.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        bool raw = parsed.GetValue(_raw), asJson = parsed.GetValue(_json);
        bool asEvents = parsed.GetValue(_events);
        if (asJson && asEvents) throw new UsageException("--json prints one object and --jsonl many: give one of the two.");
        SpokenLine line = Line(parsed);
        string? prompt = line.Prompt ?? parsed.GetValue(_text.Prompt), system = parsed.GetValue(_text.System);
        if (prompt is null && parsed.GetValue(_text.File) is null)
        {
            throw new UsageException("ahn run needs a text: ahn run \"A question\", --prompt TEXT, -f FILE ('-' is standard input), or both"
                + $"{(line.Model is null ? "" : $"; 'ahn chat {line.Model}' is a conversation")}.");
        }
        if (raw && system is not null)
            throw new UsageException("--system needs the chat template, which --raw leaves out: give one of the two.");
        if (parsed.GetValue(_noSpecials) && !raw)
            throw new UsageException("--no-specials needs --raw: in a chat nothing that is said is special.");
        if (raw && parsed.GetValue(_model.ChatTemplate) is not null)
            throw new UsageException("--chat-template has no use with --raw, which writes no template: give one of the two.");
        bool specials = raw && !parsed.GetValue(_noSpecials);
        _sampling.Check(parsed);
        await ModelOffer.MakeAsync(_model, parsed, asJson || asEvents, cancellationToken);
        string? document = await _text.ReadFileAsync(parsed, cancellationToken);

        SessionOptions keep = FitNote.Show(_model, parsed);
        using TextModel model = await LoadedModel.LoadTextAsync(_model, parsed, cancellationToken);
        if (!raw && model.Template is null)
        {
            if (system is not null) throw new UsageException("--system needs a chat template, and this file has none.");
            Terminal.Note("This file has no chat template: the text is continued as it stands.");
        }
        keep = _archive.Settle(parsed, keep, model, document);
        using TextSession session = model.CreateSession(keep, system, raw, specials);
        _thinking.Apply(parsed, model, session, raw);
        GenerationOptions options = _sampling.For(parsed, model);
        string text =
            document is null ? prompt! : prompt is null ? document : document + (raw || model.Template is null ? "" : "\n\n") + prompt;
        AnswerText answer = await AnswerStream.ShowAsync(
            progress => session.AskAsync(text, options, asEvents ? new EventStream.Reading() : progress, cancellationToken),
            print: !asJson && !asEvents, _sampling.Guard(parsed), asEvents ? EventStream.Text : null);
        GenerationStatistics took = session.Statistics!;
        if (asJson) Terminal.PrintJson(Members);
        if (asEvents) EventStream.Write("done", Members);
        AnswerSummary.Tell(session.State, took, options, answer);
        return AhnCommand.Done;

        void Members(Utf8JsonWriter json) => AnswerSummary.Write(json, answer, _model.NameOf(parsed), session.State, took);
    }
}
