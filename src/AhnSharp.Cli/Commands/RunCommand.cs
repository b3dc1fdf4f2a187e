using System.CommandLine;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Options;
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
    private readonly Option<bool> _raw = Choice.Switch("--raw",
        "Continues the text as it stands, without the chat template; names of special tokens, as <|fim_prefix|>, are these tokens.");
    private readonly Option<bool> _noSpecials = Choice.Switch(
        "--no-specials", "With --raw: names of special tokens are plain text, for a text that is not trusted.");

    private RunCommand() => _model = new ModelOptionGroup { Archive = _archive };

    internal static Command Create()
    {
        RunCommand run = new();
        Command command = new("run", "Reads a text and answers one prompt.");
        run._text.AddTo(command);
        command.Add(run._raw);
        command.Add(run._noSpecials);
        run._model.AddTo(command);
        command.Add(run._model.ChatTemplate);
        run._sampling.AddTo(command);
        run._thinking.AddTo(command);
        command.Add(run._json);
        command.SetAction(run.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        bool raw = parsed.GetValue(_raw), asJson = parsed.GetValue(_json);
        string? prompt = parsed.GetValue(_text.Prompt), system = parsed.GetValue(_text.System);
        if (prompt is null && parsed.GetValue(_text.File) is null)
            throw new UsageException("ahn run needs a text: --prompt TEXT, -f FILE ('-' is standard input), or both.");
        if (raw && system is not null)
            throw new UsageException("--system needs the chat template, which --raw leaves out: give one of the two.");
        if (parsed.GetValue(_noSpecials) && !raw)
            throw new UsageException("--no-specials needs --raw: in a chat nothing that is said is special.");
        if (raw && parsed.GetValue(_model.ChatTemplate) is not null)
            throw new UsageException("--chat-template has no use with --raw, which writes no template: give one of the two.");
        bool specials = raw && !parsed.GetValue(_noSpecials);
        GenerationOptions options = _sampling.Read(parsed);
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
        string text =
            document is null ? prompt! : prompt is null ? document : document + (raw || model.Template is null ? "" : "\n\n") + prompt;
        string answer = await AnswerStream.ShowAsync(
            progress => session.AskAsync(text, options, progress, cancellationToken), print: !asJson);
        GenerationStatistics took = session.Statistics!;
        if (asJson)
        {
            Terminal.PrintJson(json =>
            {
                json.WriteString("text", answer);
                AnswerSummary.Write(json, session.State, took);
            });
        }
        Terminal.Note(AnswerSummary.Line(session.State, took, options));
        return AhnCommand.Done;
    }
}
