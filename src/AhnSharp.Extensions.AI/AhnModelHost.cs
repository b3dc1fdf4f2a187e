using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Generation;
using AhnSharp.Sessions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AhnSharp.Extensions.AI;

/// <summary>One model of an application: loaded once, whoever asks first, and freed with it.</summary>
/// <remarks>
/// For any number of threads. A loading that all who wait for it have cancelled ends, and the next who asks begins anew; one that fails
/// stays failed, and tells everybody the same sentence.
/// </remarks>
public sealed class AhnModelHost : IAsyncDisposable, IDisposable
{
    private readonly Lock _gate = new();
    private readonly ILogger _logger;
    private readonly List<LanguageSession> _sessions = []; // in use, under the gate
    private readonly bool _ownsModel = true;
    private Attempt? _attempt;
    private Task _ended = Task.CompletedTask; // of the attempt before
    private TextEngine? _engine;
    private AhnModelStatus _status;
    private bool _disposed;

    /// <summary>A model that nobody has asked for yet.</summary>
    public AhnModelHost(AhnSharpOptions options, ILogger<AhnModelHost>? logger = null)
        : this(options, (ILogger?)logger)
    {
        AhnTelemetry.Add(this);
    }

    /// <summary>A model that is loaded already and stays its owner's.</summary>
    internal AhnModelHost(TextModel model, AhnSharpOptions options)
        : this(options, (ILogger?)null)
    {
        _ownsModel = false;
        _attempt = new Attempt(new CancellationTokenSource()) { Task = Task.FromResult(model), IsLoaded = true };
        _status = Ready(model);
    }

    private AhnModelHost(AhnSharpOptions options, ILogger? logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        (Options, _logger) = (options, logger ?? NullLogger.Instance);
        _status = new AhnModelStatus(AhnModelState.Waiting, $"{ModelId} waits for the first request.");
    }

    /// <summary>As they were given.</summary>
    public AhnSharpOptions Options { get; }

    /// <summary>The name under which clients ask for it.</summary>
    public string ModelId => Options.EffectiveModelId;

    /// <summary>Where it stands.</summary>
    public AhnModelStatus Status => Volatile.Read(ref _status);

    /// <summary>Is told of every change of <see cref="Status"/>, on the thread that makes it.</summary>
    public event EventHandler<AhnModelStatus>? StatusChanged;

    /// <summary>The model, once it is ready; else null.</summary>
    public TextModel? Model
    {
        get
        {
            lock (_gate) return !_disposed && _attempt?.Task is { IsCompletedSuccessfully: true } done ? done.Result : null;
        }
    }

    /// <summary>Kept beginnings of conversations, once the model is ready; null before, and where the options keep none.</summary>
    public PrefixCache? Cache => Options.CacheBytes > 0 && Model is { } model ? EngineOf(model).Cache : null;

    /// <summary>The model; loads it where nobody has.</summary>
    /// <param name="cancellationToken">Ends the waiting, and the loading where nobody else waits for it.</param>
    /// <exception cref="Gguf.InvalidModelException">A file is not what it should be; so it stays.</exception>
    public async Task<TextModel> LoadAsync(CancellationToken cancellationToken = default)
    {
        Attempt attempt;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            cancellationToken.ThrowIfCancellationRequested();
            attempt = _attempt ??= Begin();
            attempt.Waiting++;
        }
        try
        {
            return await attempt.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                if (--attempt.Waiting == 0 && !attempt.IsLoaded && !attempt.Task.IsCompleted)
                {
                    attempt.Cancellation.Cancel();
                    if (_attempt == attempt) _attempt = null;
                }
            }
        }
    }

    /// <summary>What answers many conversations at once over the model; loads it where nobody has.</summary>
    /// <inheritdoc cref="LoadAsync(CancellationToken)"/>
    public async Task<TextEngine> LoadEngineAsync(CancellationToken cancellationToken = default) =>
        EngineOf(await LoadAsync(cancellationToken).ConfigureAwait(false));

    /// <summary>Starts a text with the options' sessions and system turn, on the loaded model.</summary>
    public async Task<TextSession> CreateSessionAsync(CancellationToken cancellationToken = default)
    {
        TextModel model = await LoadAsync(cancellationToken).ConfigureAwait(false);
        return model.CreateSession(Options.ToSessionOptions(), Options.SystemPrompt);
    }

    /// <summary>Counts a session among those in use (<see cref="AhnTelemetry"/>) until what is returned is disposed.</summary>
    public IDisposable Track(LanguageSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        lock (_gate) _sessions.Add(session);
        return new Tracked(this, session);
    }

    /// <summary>Ends a loading and waits for its end, then frees the model.</summary>
    public async ValueTask DisposeAsync()
    {
        if (EndAll() is not { } ended) return;
        await ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_engine is { } engine) await engine.DisposeAsync().ConfigureAwait(false);
        Free();
    }

    /// <inheritdoc cref="DisposeAsync"/>
    public void Dispose()
    {
        if (EndAll() is not { } ended) return;
        ((IAsyncResult)ended).AsyncWaitHandle.WaitOne();
        _engine?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Free();
    }

    /// <summary>The sessions that the application has told of.</summary>
    internal LanguageSession[] TrackedSessions()
    {
        lock (_gate) return [.. _sessions];
    }

    /// <summary>What its engine does now; null where it has none yet, or no more.</summary>
    internal TextEngineLoad? EngineLoad
    {
        get
        {
            lock (_gate) return _disposed ? null : _engine?.Load;
        }
    }

    private TextEngine EngineOf(TextModel model)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _engine ??= new TextEngine(model, Options.ToEngineOptions());
        }
    }

    // Under the gate.
    private Attempt Begin()
    {
        Attempt attempt = new(new CancellationTokenSource());
        Task before = _ended;
        attempt.Task = Task.Run(() => LoadAsync(attempt, before));
        _ended = attempt.Task;
        return attempt;
    }

    private async Task<TextModel> LoadAsync(Attempt attempt, Task before)
    {
        CancellationToken cancellation = attempt.Cancellation.Token;
        // Two loadings beside each other would take the memory of two models.
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            cancellation.ThrowIfCancellationRequested();
            Become(attempt, new AhnModelStatus(AhnModelState.Loading, $"{ModelId} is being loaded."));
            Log.Loading(_logger, ModelId, Options.ModelPath);
            long started = Stopwatch.GetTimestamp();
            TextModel model = Options.Load is { } load
                ? load(Options, cancellation)
                : TextModel.Load(Options.ModelPath!, Options.AdapterPath, Options.ToModelOptions(), cancellation);
            try
            {
                // What the model cannot follow fails now, not with the first request.
                model.Model.CreateSession(Options.ToSessionOptions()).Dispose();
                lock (_gate)
                {
                    cancellation.ThrowIfCancellationRequested();
                    attempt.IsLoaded = true;
                }
            }
            catch
            {
                model.Dispose();
                throw;
            }
            Log.Loaded(_logger, ModelId, Stopwatch.GetElapsedTime(started).TotalSeconds, model.Model.WeightBytes, model.Model.RunsOn);
            Become(attempt, Ready(model));
            return model;
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            Log.LoadingCancelled(_logger, ModelId);
            Become(attempt, new AhnModelStatus(AhnModelState.Waiting, $"{ModelId} waits for the next request: its loading was cancelled."));
            throw;
        }
        catch (Exception failure)
        {
            Log.LoadingFailed(_logger, failure, ModelId, failure.Message);
            Become(attempt, new AhnModelStatus(AhnModelState.Failed, $"{ModelId} could not be loaded: {failure.Message}", failure));
            throw;
        }
    }

    private AhnModelStatus Ready(TextModel model) =>
        new(AhnModelState.Ready, $"{ModelId} is ready on {model.Model.RunsOn}: {model.Model.WeightBytes / 1e9:0.0} GB of weights.");

    // An attempt that everybody has left says nothing about the next one.
    private void Become(Attempt attempt, AhnModelStatus status)
    {
        lock (_gate)
        {
            if (_disposed || (_attempt is { } current && current != attempt)) return;
            _status = status;
        }
        StatusChanged?.Invoke(this, status);
    }

    private Task? EndAll()
    {
        lock (_gate)
        {
            if (_disposed) return null;
            _disposed = true;
            _attempt?.Cancellation.Cancel();
            _status = new AhnModelStatus(AhnModelState.Disposed, $"{ModelId} was freed.");
        }
        AhnTelemetry.Remove(this);
        return _ended;
    }

    private void Free()
    {
        if (_ownsModel && _attempt?.Task is { IsCompletedSuccessfully: true } done) done.Result.Dispose();
        _attempt?.Cancellation.Dispose();
        Log.Freed(_logger, ModelId);
        StatusChanged?.Invoke(this, Status);
    }

    private sealed class Attempt(CancellationTokenSource cancellation)
    {
        public CancellationTokenSource Cancellation => cancellation;
        public Task<TextModel> Task { get; set; } = null!;
        public int Waiting { get; set; }
        public bool IsLoaded { get; set; } // from then on nobody cancels it
    }

    private sealed class Tracked(AhnModelHost host, LanguageSession session) : IDisposable
    {
        private int _isDone;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isDone, 1) != 0) return;
            lock (host._gate) host._sessions.Remove(session);
        }
    }
}
