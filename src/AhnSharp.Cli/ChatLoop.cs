using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cli.Chat;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Help;
using AhnSharp.Documents.Reading;
using AhnSharp.Generation;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;

namespace AhnSharp.Cli;

/// <summary>Reads lines and answers them until the input ends or somebody leaves; each line is a turn that continues the session.</summary>
/// <remarks>
/// Ctrl-C stops the answer that is running; a second one before the next line leaves. The state before each turn is kept as a
/// fork, while all of them hold no more than a budget, so that turns can be taken back. Frees the session, which is another
/// one after a turn was taken back.
/// </remarks>
internal sealed class ChatLoop : IDisposable
{
    /// <summary>What the states before earlier turns may hold together, where nobody asks for another amount.</summary>
    internal const int DefaultKeepMegabytes = 512;

    private GenerationOptions _options;
    private readonly ChatInput _input = new([.. ChatWords.All.Select(word => word.Word)]);
    private readonly TextSession? _beginning;
    private readonly ChatHistory _history;
    private readonly int _keepMegabytes;
    private readonly CancellationToken _leaving;
    private readonly bool _isInteractive = !Console.IsInputRedirected;
    private readonly Lock _gate = new();
    private CancellationTokenSource? _answering;
    private bool _pressed;
    private int _answers;
    private ChatSaving? _saving;
    private const string FileTurn = "/file ";

    /// <param name="session">The conversation to go on with; freed with the loop or when a turn is taken back.</param>
    /// <param name="options">How answers are drawn.</param>
    /// <param name="keepMegabytes">Most that the states before earlier turns may hold together.</param>
    /// <param name="leaving">Cancelled when the command is to leave.</param>
    /// <param name="keepsBeginning">Whether /reset goes back to what the session holds now, a document, instead of to nothing.</param>
    internal ChatLoop(
        TextSession session, GenerationOptions options, int keepMegabytes, CancellationToken leaving, bool keepsBeginning = false)
    {
        _beginning = keepsBeginning ? session.Fork() : null;
        (Session, _options, _keepMegabytes, _leaving) = (session, options, keepMegabytes, leaving);
        _history = new ChatHistory(keepMegabytes * 1_000_000L);
        CtrlC.StopFirst = OnCtrlC;
    }

    /// <summary>What stops an answer that goes round, for each answer anew.</summary>
    internal Func<RepetitionGuard?> Guard { get; init; } = static () => new RepetitionGuard();

    /// <summary>Begins another conversation with a system turn; null: this one cannot.</summary>
    internal Func<string, TextSession>? NewSession { get; init; }

    /// <summary>How /file makes text of a document.</summary>
    internal Func<string, CancellationToken, Task<string>>? ReadDocument { get; init; }

    /// <summary>The passages that the last answer was read from; null: they are not told.</summary>
    internal Func<TextSession, List<(SourcePlace Place, AnswerSource Source)>>? Sources { get; init; }

    /// <summary>How /save keeps the conversation; null: alone.</summary>
    internal SnapshotOptions? Saving { get; init; }

    /// <summary>Answers are JSON instead of text, as --json and --jsonl have it: the model in it; null: text.</summary>
    internal string? ModelForPrograms { get; init; }

    /// <summary>With <see cref="ModelForPrograms"/>: each piece is an event, as --jsonl has them.</summary>
    internal bool TellsEvents { get; init; }

    /// <summary>Files that this conversation reads or that its command keeps: /save never writes over them.</summary>
    internal string?[] Inputs { get; init; } = [];

    /// <summary>The conversation as it stands.</summary>
    internal TextSession Session { get; private set; }

    public void Dispose()
    {
        CtrlC.StopFirst = null;
        _history.Dispose();
        Session.Dispose();
        _beginning?.Dispose();
    }

    internal async Task RunAsync()
    {
        if (_isInteractive) Terminal.Note("/help lists the commands.");
        while (await _input.ReadAsync(_leaving) is { } line)
        {
            lock (_gate) _pressed = false;
            switch (line.Trim())
            {
                case "": break;
                case "/exit" or "/bye" or "/quit": return;
                case "exit" or "quit" or "bye" when _isInteractive: return;
                case "/help" or "/?":
                    foreach ((_, string helpLine) in ChatWords.All) Terminal.Note(helpLine, ChatWords.Indent);
                    Terminal.Note(ChatWords.Keys);
                    break;
                case "/sources": ShowSources(); break;
                case "/set": Terminal.Note(ChatOptions.Describe(_options)); break;
                case ['/', 's', 'e', 't', ' ', .. var change]: Change(change); break;
                case "/system": Terminal.Note("/system needs a text: /system You are a librarian."); break;
                case ['/', 's', 'y', 's', 't', 'e', 'm', ' ', .. var system]: BeginAnew(system.Trim()); break;
                case "/file": Terminal.Note("/file needs the name of a document: /file FILE."); break;
                case ['/', 'f', 'i', 'l', 'e', ' ', .. var path]: await ReadFileAsync(path.Trim()); break;
                case "/stats": ShowStatistics(); break;
                case "/undo":
                    if (TakeBack() is { } undone)
                    {
                        Terminal.Note(string.Create(
                            CultureInfo.InvariantCulture, $"Undone: {Quote(undone)} · {Session.State.Position:N0} tokens seen"));
                    }
                    break;
                case "/retry":
                    if (TakeBack() is { } again)
                    {
                        bool isFile = again.StartsWith(FileTurn, StringComparison.Ordinal);
                        await (isFile ? ReadFileAsync(again[FileTurn.Length..]) : AnswerAsync(again));
                    }
                    break;
                case "/reset":
                    Forget();
                    Terminal.Note("The conversation is forgotten.");
                    break;
                case "/save" or "/save --overwrite": Terminal.Note("/save needs the name of a file: /save FILE."); break;
                case ['/', 's', 'a', 'v', 'e', ' ', .. var file]:
                    (_saving ??= new ChatSaving(Saving, Inputs)).Save(Session, file.Trim(), _leaving);
                    break;
                case ['/', '/', ..] escaped: await AnswerAsync(escaped[1..]); break;
                case ['/', ..] unknown:
                    string word = unknown.Split(' ')[0];
                    Terminal.Note($"There is no command {word}{Nearest.Hint(word, ChatWords.All.Select(one => one.Word))}; "
                        + "/help lists them, and // begins a turn with /.");
                    break;
                default: await AnswerAsync(line); break;
            }
        }
    }

    internal async Task AnswerAsync(string turn)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(_leaving);
        lock (_gate) _answering = stopping;
        _history.Add(Session, turn);
        try
        {
            // A seed makes the whole conversation repeatable; each answer has draws of its own.
            ulong? seed = _options.Sampling.Seed + (ulong)_answers++;
            GenerationOptions options = _options with { Sampling = _options.Sampling with { Seed = seed } };
            AnswerText answer = await AnswerStream.ShowAsync(
                progress => Session.AskAsync(turn, options, TellsEvents ? new EventStream.Reading() : progress, stopping.Token),
                print: ModelForPrograms is null, Guard(), TellsEvents ? EventStream.Text : null);
            if (TellsEvents) EventStream.Write("done", Members);
            else if (ModelForPrograms is not null) EventStream.WriteLine(Members);

            void Members(Utf8JsonWriter json)
            {
                AnswerSummary.Write(json, answer, ModelForPrograms!, Session.State, Session.Statistics!);
                if (Sources is not null && Session.RecordsSources) SourceList.Write(json, Sources(Session));
            }
            AnswerSummary.Tell(Session.State, Session.Statistics!, options, answer, isChat: true);
        }
        catch (OperationCanceledException) when (!_leaving.IsCancellationRequested)
        {
            Terminal.Note("Stopped; the conversation can go on.");
        }
        catch (ContextOverflowException e) when (_isInteractive)
        {
            // Nothing of the turn was read: there is nothing to take back.
            if (_history.TryTakeLast(out TextSession same, out _)) same.Dispose();
            Terminal.Complain($"{e.Message} /reset forgets the conversation.");
        }
        finally
        {
            lock (_gate) _answering = null;
            _history.Trim(Session);
        }
    }

    // The session as it was before the last turn takes the place of this one; returns the turn, or says why there is none.
    private string? TakeBack()
    {
        if (!_history.TryTakeLast(out TextSession before, out string turn))
        {
            Terminal.Note(_history.HasForgotten ? $"No earlier state is kept: those of older turns went over --keep {_keepMegabytes} MB."
                : "Nothing was said yet.");
            return null;
        }
        Session.Dispose();
        Session = before;
        return turn;
    }

    private static string Quote(string turn) => turn.Length <= 60 ? $"\"{turn}\"" : $"\"{turn.AsSpan(0, 59)}…\"";

    private void Forget()
    {
        _history.Clear();
        if (_beginning is null)
        {
            Session.Reset();
            return;
        }
        Session.Dispose();
        Session = _beginning.Fork();
    }

    private void Change(string change)
    {
        string[] words = change.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != 2)
        {
            Terminal.Note("/set needs a name and a value: /set temperature 0.7.");
            return;
        }
        try
        {
            _options = ChatOptions.Set(_options, words[0], words[1]);
            Terminal.Note(ChatOptions.Describe(_options));
        }
        catch (UsageException wrong)
        {
            Terminal.Complain(wrong.Message);
        }
    }

    private void BeginAnew(string system)
    {
        if (NewSession is not { } create)
        {
            Terminal.Note("A session that was saved or read has its system turn already: 'ahn chat --system' begins another.");
            return;
        }
        TextSession session = create(system);
        _history.Clear();
        Session.Dispose();
        Session = session;
        Terminal.Note("A new conversation, with this system turn.");
    }

    private async Task ReadFileAsync(string path)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(_leaving);
        lock (_gate) _answering = stopping;
        long before = Session.State.Position;
        try
        {
            string document = await ReadDocument!(path, stopping.Token);
            _history.Add(Session, FileTurn + path);
            await Progress.ShowAsync("reading", async bar =>
            {
                await Session.ReadAsync(document, new ReadingBar(bar), stopping.Token);
                return true;
            });
            Terminal.Note(string.Create(CultureInfo.InvariantCulture,
                $"{path} is read, {Session.State.Position - before:N0} tokens so far; ask about it."));
        }
        catch (OperationCanceledException) when (!_leaving.IsCancellationRequested)
        {
            if (TakeBack() is not null) Terminal.Note($"Stopped; nothing of {path} is kept.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or UsageException or InvalidDataException
            or ContextOverflowException)
        {
            if (e is ContextOverflowException && _history.TryTakeLast(out TextSession same, out _)) same.Dispose();
            Terminal.Complain(Failure.Explain(e).Sentence);
        }
        finally
        {
            lock (_gate) _answering = null;
            _history.Trim(Session);
        }
    }

    private void ShowSources()
    {
        if (Sources is null || Session.State.Plan.Archive is null)
            Terminal.Note("This conversation has no archive, so its answers have no sources: --archive keeps one.");
        else if (Session.Sources.Count == 0) Terminal.Note("Nothing of the archive was read for the last answer.");
        else SourceList.Print(Sources(Session));
    }

    private bool OnCtrlC()
    {
        lock (_gate)
        {
            if (_pressed) return false;
            _pressed = true;
            if (_answering is not null) _answering.Cancel();
            else
            {
                _input.Leave();
                Terminal.Note("Ctrl-C again leaves.");
                _input.Restart();
            }
            return true;
        }
    }

    private void ShowStatistics()
    {
        LanguageSession state = Session.State;
        Terminal.Note(Session.Statistics is { } took
            ? AnswerSummary.Line(state, took, _options)
            : string.Create(CultureInfo.InvariantCulture, $"{state.Position:N0} tokens seen; nothing was asked yet."));
    }
}
