using System;
using System.Runtime.InteropServices;
using System.Threading;
using AhnSharp.Cli.Display;

namespace AhnSharp.Cli;

/// <summary>Ctrl-C (and SIGTERM): the first asks the command to leave, the second ends the process at once.</summary>
/// <remarks>
/// A command that is asked to leave does so between two pieces of work. Where one piece takes longer (a step of a large model on a slow
/// machine, a name that is looked up, a pipe that nobody writes to), the process is ended after <see cref="Patience"/>: files are replaced
/// whole or not at all, so nothing is torn. What must still be written is written first (<see cref="Finishing"/>).
/// </remarks>
internal sealed class CtrlC : IDisposable
{
    // Together with the end of the process less than a second.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(650), LongestFinish = TimeSpan.FromSeconds(60);
    private static volatile Func<bool>? _stopFirst;
    private static volatile CtrlC? _current;
    private static int _finishing;
    private readonly CancellationTokenSource _leaving = new();
    private readonly PosixSignalRegistration _interrupt, _terminate;
    private int _hasLeft;

    internal CtrlC()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        _current = this;
    }

    /// <summary>Cancelled when the command is to leave.</summary>
    internal CancellationToken Leaving => _leaving.Token;

    /// <summary>The exit code of a command that left because it was asked to: 128 and the number of the signal.</summary>
    internal static int ExitCode { get; private set; } = AhnCommand.Interrupted;

    /// <summary>Asked before leaving, while set: true says that Ctrl-C stopped something smaller than the command (an answer).</summary>
    internal static Func<bool>? StopFirst
    {
        get => _stopFirst;
        set => _stopFirst = value;
    }

    /// <summary>
    /// What is said where the process is ended in the middle of work: what was kept of it. Called on another thread than the work's.
    /// </summary>
    internal static Func<string>? Farewell { get; set; }

    /// <summary>Asks the command to leave, as a signal does.</summary>
    internal static void Leave(int exitCode) => _current?.LeaveWith(exitCode);

    /// <summary>
    /// While held, the process is not ended although the command was asked to leave: what is being written would be lost.
    /// </summary>
    internal static IDisposable Finishing()
    {
        Interlocked.Increment(ref _finishing);
        return new Finish();
    }

    public void Dispose()
    {
        Interlocked.Exchange(ref _hasLeft, 1);
        _interrupt.Dispose();
        _terminate.Dispose();
        _leaving.Dispose();
    }

    private void OnSignal(PosixSignalContext signal)
    {
        signal.Cancel = true;
        if (signal.Signal == PosixSignal.SIGINT && _stopFirst?.Invoke() == true) return;
        int exitCode = signal.Signal == PosixSignal.SIGTERM ? AhnCommand.Terminated : AhnCommand.Interrupted;
        if (_leaving.IsCancellationRequested) End(exitCode);
        else LeaveWith(exitCode);
    }

    private void LeaveWith(int exitCode)
    {
        if (_leaving.IsCancellationRequested) return;
        ExitCode = exitCode;
        // First, as cancelling runs what others registered, on this thread.
        new Thread(EndLater) { IsBackground = true, Name = "leaving" }.Start();
        _leaving.Cancel();
    }

    private void EndLater()
    {
        Thread.Sleep(Patience);
        for (long start = Environment.TickCount64; Volatile.Read(ref _finishing) > 0
            && Environment.TickCount64 - start < LongestFinish.TotalMilliseconds;) Thread.Sleep(20);
        if (Volatile.Read(ref _hasLeft) == 0) End(ExitCode);
    }

    private static void End(int exitCode)
    {
        Terminal.Restore();
        if (exitCode != AhnCommand.ReaderLeft) Terminal.Complain(Sentence());
        Environment.Exit(exitCode);
    }

    private static string Sentence()
    {
        try
        {
            return Farewell?.Invoke() ?? "interrupted.";
        }
        catch (Exception error) when (error is System.IO.IOException or InvalidOperationException)
        {
            // The work goes on beside, and what it holds may be in between.
            return "interrupted.";
        }
    }

    private sealed class Finish : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref _finishing);
    }
}
