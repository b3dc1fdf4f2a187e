using System;
using System.Globalization;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cli.Display;
using AhnSharp.Files;
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
    private const string Help =
        "/stats  what the session holds, and what the last answer took\n"
        + "/undo   takes back the last turn and its answer\n"
        + "/retry  asks the last turn again\n"
        + "/save FILE  keeps the conversation in a file: 'ahn chat --session FILE' goes on from it; "
        + "--overwrite behind it replaces one that exists\n"
        + "/reset  forgets the conversation\n"
        + "/exit   leaves (so does the end of the input)\n"
        + "//…     a turn that begins with /\n"
        + "Ctrl-C stops an answer; twice leaves.";

    /// <summary>What the states before earlier turns may hold together, where nobody asks for another amount.</summary>
    internal const int DefaultKeepMegabytes = 512;

    private readonly GenerationOptions _options;
    private readonly TextSession? _beginning;
    private readonly ChatHistory _history;
    private readonly int _keepMegabytes;
    private readonly CancellationToken _leaving;
    private readonly bool _isInteractive = !Console.IsInputRedirected;
    private readonly Lock _gate = new();
    private CancellationTokenSource? _answering;
    private bool _pressed;
    private int _answers;
    private FileIdentity? _savedHere;

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

    /// <summary>How /save keeps the conversation; null: alone.</summary>
    internal SnapshotOptions? Saving { get; init; }

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
        while (await ReadLineAsync() is { } line)
        {
            lock (_gate) _pressed = false;
            switch (line.Trim())
            {
                case "": break;
                case "/exit": return;
                case "/help":
                    foreach (string helpLine in Help.Split('\n')) Terminal.Note(helpLine);
                    break;
                case "/stats": ShowStatistics(); break;
                case "/undo":
                    if (TakeBack() is { } undone)
                    {
                        Terminal.Note(string.Create(
                            CultureInfo.InvariantCulture, $"Taken back: {Quote(undone)} · {Session.State.Position:N0} tokens seen"));
                    }
                    break;
                case "/retry":
                    if (TakeBack() is { } again) await AnswerAsync(again);
                    break;
                case "/reset":
                    Forget();
                    Terminal.Note("The conversation is forgotten.");
                    break;
                case "/save" or "/save --overwrite": Terminal.Note("/save needs the name of a file: /save FILE."); break;
                case ['/', 's', 'a', 'v', 'e', ' ', .. var path]: Save(path.Trim()); break;
                case ['/', '/', ..] escaped: await AnswerAsync(escaped[1..]); break;
                case ['/', ..] unknown:
                    Terminal.Note($"There is no command {unknown}; /help lists them, and // begins a turn with /."); break;
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
                progress => Session.AskAsync(turn, options, progress, stopping.Token), print: true, Guard());
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

    // What cannot be written is told, and the chat goes on: nothing of it is lost.
    private void Save(string path)
    {
        const string Overwrite = " --overwrite";
        bool overwrite = path.EndsWith(Overwrite, StringComparison.Ordinal);
        if (overwrite) path = path[..^Overwrite.Length].TrimEnd();
        try
        {
            // What this chat saved before is its own, and may be saved again.
            OutputFile.Check(
                path, OutputKind.Session, overwrite || (_savedHere is not null && FileIdentity.Of(path) == _savedHere), Inputs);
            using FileLock alone = FileLock.TryTake(path)
                ?? throw new IOException($"{path}: another command is changing it just now; save again, or to another file.");
            using IDisposable finishing = CtrlC.Finishing();
            Session.Save(path, Saving, _leaving);
            _savedHere = FileIdentity.Of(path);
            Terminal.Note($"Saved to {path}, {ByteProgress.Size(new FileInfo(path).Length)}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Terminal.Complain(Failure.Explain(e).Sentence);
        }
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

    private async Task<string?> ReadLineAsync()
    {
        if (_isInteractive) Terminal.Prompt("> ");
        // Reading a line cannot be cancelled: leave without it.
        return await Task.Run(Console.ReadLine, CancellationToken.None).WaitAsync(_leaving);
    }

    private bool OnCtrlC()
    {
        lock (_gate)
        {
            if (_pressed) return false;
            _pressed = true;
            if (_answering is not null) _answering.Cancel();
            else Terminal.Note("Ctrl-C again leaves.");
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
