using System;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cli.Display;
using AhnSharp.Generation;
using AhnSharp.Model;

namespace AhnSharp.Cli;

/// <summary>Reads lines and answers them until the input ends or somebody leaves; each line is a turn that continues the session.</summary>
/// <remarks>Ctrl-C stops the answer that is running; a second one before the next line leaves.</remarks>
internal sealed class ChatLoop : IDisposable
{
    private const string Help =
        "/stats  what the session holds, and what the last answer took\n"
        + "/reset  forgets the conversation\n"
        + "/exit   leaves (so does the end of the input)\n"
        + "//…     a turn that begins with /\n"
        + "Ctrl-C stops an answer; twice leaves.";

    private readonly TextSession _session;
    private readonly GenerationOptions _options;
    private readonly CancellationToken _leaving;
    private readonly bool _isInteractive = !Console.IsInputRedirected;
    private readonly Lock _gate = new();
    private CancellationTokenSource? _answering;
    private bool _pressed;
    private int _answers;

    internal ChatLoop(TextSession session, GenerationOptions options, CancellationToken leaving)
    {
        (_session, _options, _leaving) = (session, options, leaving);
        CtrlC.StopFirst = OnCtrlC;
    }

    public void Dispose() => CtrlC.StopFirst = null;

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
                case "/help": Terminal.Note(Help); break;
                case "/stats": ShowStatistics(); break;
                case "/reset":
                    _session.Reset();
                    Terminal.Note("The conversation is forgotten.");
                    break;
                case ['/', '/', ..] escaped: await AnswerAsync(escaped[1..]); break;
                case ['/', ..] unknown: Terminal.Note($"There is no command {unknown}; /help lists them, and // begins a turn with /."); break;
                default: await AnswerAsync(line); break;
            }
        }
    }

    internal async Task AnswerAsync(string turn)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(_leaving);
        lock (_gate) _answering = stopping;
        try
        {
            // A seed makes the whole conversation repeatable; each answer has draws of its own.
            ulong? seed = _options.Sampling.Seed + (ulong)_answers++;
            GenerationOptions options = _options with { Sampling = _options.Sampling with { Seed = seed } };
            await AnswerStream.ShowAsync(progress => _session.AskAsync(turn, options, progress, stopping.Token), print: true);
            Terminal.Note(AnswerSummary.Line(_session.State, _session.Statistics!, options));
        }
        catch (OperationCanceledException) when (!_leaving.IsCancellationRequested)
        {
            Terminal.Note("Stopped; the conversation can go on.");
        }
        catch (ContextOverflowException e) when (_isInteractive)
        {
            Terminal.Complain($"{e.Message} /reset forgets the conversation.");
        }
        finally
        {
            lock (_gate) _answering = null;
        }
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
        Session state = _session.State;
        Terminal.Note(_session.Statistics is { } took
            ? AnswerSummary.Line(state, took, _options)
            : string.Create(CultureInfo.InvariantCulture, $"{state.Position:N0} tokens seen; nothing was asked yet."));
    }
}
