using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace AhnSharp.Cli;

/// <summary>Ctrl-C (and SIGTERM): the first asks the command to leave, the second ends the process at once.</summary>
internal sealed class CtrlC : IDisposable
{
    private static volatile Func<bool>? _stopFirst;
    private readonly CancellationTokenSource _leaving = new();
    private readonly PosixSignalRegistration _interrupt, _terminate;

    internal CtrlC()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
    }

    /// <summary>Cancelled when the command is to leave.</summary>
    internal CancellationToken Leaving => _leaving.Token;

    /// <summary>Asked before leaving, while set: true says that Ctrl-C stopped something smaller than the command (an answer).</summary>
    internal static Func<bool>? StopFirst
    {
        get => _stopFirst;
        set => _stopFirst = value;
    }

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _leaving.Dispose();
    }

    private void OnSignal(PosixSignalContext signal)
    {
        if (signal.Signal == PosixSignal.SIGINT && _stopFirst?.Invoke() == true)
        {
            signal.Cancel = true;
        }
        else if (!_leaving.IsCancellationRequested)
        {
            signal.Cancel = true;
            _leaving.Cancel();
        }
    }
}
