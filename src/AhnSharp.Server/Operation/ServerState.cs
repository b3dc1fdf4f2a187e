using System;
using System.Threading;

namespace AhnSharp.Server.Operation;

/// <summary>Where the server is between its start and its end.</summary>
internal sealed class ServerState : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private volatile bool _isReady, _isStopping;
    private volatile string? _loadFailure;

    /// <summary>Whether what is to be loaded at the start is loaded.</summary>
    public bool IsReady
    {
        get => _isReady;
        set => _isReady = value;
    }

    /// <summary>Whether it ends: what runs may finish, nothing begins.</summary>
    public bool IsStopping
    {
        get => _isStopping;
        set => _isStopping = value;
    }

    /// <summary>Why the model could not be loaded at the start, without paths; null where it could.</summary>
    public string? LoadFailure
    {
        get => _loadFailure;
        set => _loadFailure = value;
    }

    /// <summary>Cancelled when what still runs is ended.</summary>
    public CancellationToken End => _end.Token;

    /// <summary>Nothing begins any more, and what runs is ended after a while.</summary>
    public void Stop(TimeSpan after)
    {
        IsStopping = true;
        _end.CancelAfter(after);
    }

    public void Dispose() => _end.Dispose();
}
