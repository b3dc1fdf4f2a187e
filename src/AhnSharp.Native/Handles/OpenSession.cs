using System;
using System.Threading;
using AhnSharp.Native.Boundary;

namespace AhnSharp.Native.Handles;

/// <summary>A session, its model, and the one call that may run on it.</summary>
internal sealed class OpenSession
{
    private readonly OpenModel _model;
    private readonly TextSession _text;
    private readonly Lock _gate = new();
    private CancellationTokenSource? _running;
    private bool _closed;

    /// <summary>Takes over a session, and a hold of its model.</summary>
    internal OpenSession(OpenModel model, TextSession text) => (_model, _text) = (model, text);

    /// <summary>Makes a session of a held model and its handle; lets the model go where that fails.</summary>
    internal static nint Open(OpenModel model, Func<TextModel, TextSession> make)
    {
        model.Hold();
        try
        {
            return HandleTable.Add(new OpenSession(model, make(model.Text)));
        }
        catch
        {
            model.Release();
            throw;
        }
    }

    /// <summary>Runs the one call.</summary>
    /// <exception cref="BoundaryException">AHN_BUSY.</exception>
    internal T Use<T>(Func<TextSession, CancellationTokenSource, T> work)
    {
        using CancellationTokenSource running = new();
        Begin(running);
        try
        {
            return work(_text, running);
        }
        finally
        {
            lock (_gate) _running = null;
        }
    }

    internal void Use(Action<TextSession, CancellationTokenSource> work) => Use((text, running) =>
    {
        work(text, running);
        return true;
    });

    internal nint Fork() => Use((text, _) => Open(_model, _ => text.Fork()));

    /// <summary>Ends the call that runs now, if one does.</summary>
    internal void Cancel()
    {
        lock (_gate) _running?.Cancel();
    }

    /// <summary>Frees the session; from here on its handle is wrong.</summary>
    internal void Close(nint handle)
    {
        lock (_gate)
        {
            if (_running is not null) throw Busy();
            HandleTable.Remove(handle, this);
            _closed = true;
        }
        _text.Dispose();
        _model.Release();
    }

    private void Begin(CancellationTokenSource running)
    {
        lock (_gate)
        {
            if (_closed)
            {
                throw new BoundaryException(
                    Status.InvalidHandle, "session: expected the handle of an open session, found one that was freed by another thread.");
            }
            if (_running is not null) throw Busy();
            _running = running;
        }
    }

    private static BoundaryException Busy() =>
        new(Status.Busy,
            "session: expected one call at a time, found another under way; let it return, or end it with ahn_session_cancel.");
}
