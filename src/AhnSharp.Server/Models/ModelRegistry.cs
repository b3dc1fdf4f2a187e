using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Extensions.AI;
using AhnSharp.Generation;
using AhnSharp.Machine;
using AhnSharp.Planning;
using AhnSharp.Server.Http;
using AhnSharp.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AhnSharp.Server.Models;

/// <summary>
/// The models that are loaded: each with its first request, unloaded where nobody asks, and never more than memory holds.
/// </summary>
internal sealed class ModelRegistry : IAsyncDisposable
{
    /// <summary>The code of a refusal because the model is still being loaded.</summary>
    public const string LoadingCode = "model_loading";

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1), s_askAgain = TimeSpan.FromSeconds(5);
    private readonly AhnServerOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _planning = new(1);
    private readonly Lock _gate = new();
    private readonly List<LoadedModel> _loaded = [];
    private readonly Timer _timer;
    private bool _disposed;

    public ModelRegistry(AhnServerOptions options, ILoggerFactory loggers)
    {
        (_options, _loggers, _logger) = (options, loggers, loggers.CreateLogger("AhnSharp.Server"));
        Catalog = new ModelCatalog(options);
        _timer = new Timer(_ => _ = UnloadIdleAsync(), null, s_look, s_look);
    }

    /// <summary>What may be asked for.</summary>
    public ModelCatalog Catalog { get; }

    /// <summary>What is loaded, or being loaded.</summary>
    public IReadOnlyList<LoadedModel> Loaded
    {
        get
        {
            lock (_gate) return [.. _loaded];
        }
    }

    /// <summary>A model, loaded, for as long as the lease is held.</summary>
    /// <param name="name">As a request says it; null: the default one.</param>
    /// <param name="cancellation">Ends the waiting, and the loading where nobody else waits for it.</param>
    /// <exception cref="ApiException">There is none of that name, or there is no memory for it now.</exception>
    public async Task<ModelLease> AcquireAsync(string? name, CancellationToken cancellation)
    {
        ServedModel served = Catalog.Find(name);
        while (true)
        {
            LoadedModel model = Take(served) ?? await PlanAsync(served, cancellation).ConfigureAwait(false);
            try
            {
                return new ModelLease(
                    model, await model.Host.LoadEngineAsync(cancellation)
                        .WaitAsync(_options.LoadPatience, cancellation).ConfigureAwait(false));
            }
            catch (TimeoutException)
            {
                model.Return();
                throw ApiException.Busy(StatusCodes.Status503ServiceUnavailable, LoadingCode,
                    $"model: '{served.Id}' is being loaded: ask again.", s_askAgain);
            }
            catch (ObjectDisposedException) when (!_disposed)
            {
                model.Return(); // unloaded in between: another round
                Remove(model);
            }
            catch
            {
                model.Return();
                if (model.Host.Status.State == AhnModelState.Failed && Remove(model)) await model.Host.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <summary>Unloads a model now, where nobody needs it.</summary>
    /// <returns>Whether there was one, and it was free.</returns>
    public async Task<bool> UnloadAsync(string id)
    {
        LoadedModel? model;
        lock (_gate)
        {
            model = _loaded.FirstOrDefault(one => one.Served.Id == id && one.Leases == 0);
            if (model is not null) _loaded.Remove(model);
        }
        if (model is null) return false;
        await model.Host.DisposeAsync().ConfigureAwait(false);
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        LoadedModel[] all;
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            all = [.. _loaded];
            _loaded.Clear();
        }
        await _timer.DisposeAsync().ConfigureAwait(false);
        foreach (LoadedModel model in all) await model.Host.DisposeAsync().ConfigureAwait(false);
    }

    private LoadedModel? Take(ServedModel served)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            LoadedModel? model = _loaded.FirstOrDefault(one => one.Served == served);
            model?.Take();
            return model;
        }
    }

    private bool Remove(LoadedModel model)
    {
        lock (_gate) return _loaded.Remove(model);
    }

    // Room is made before anything is loaded: one plan at a time.
    private async Task<LoadedModel> PlanAsync(ServedModel served, CancellationToken cancellation)
    {
        await _planning.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (Take(served) is { } other) return other;
            AhnSharpOptions options = new()
            {
                ModelId = served.Id,
                ModelPath = served.Path,
                AdapterPath = served.AdapterPath,
                MaxAnswers = _options.MaxAnswers,
                CacheBytes = _options.CacheBytes,
                Completion = new CompletionOptions { Generation = _options.Generation },
            };
            _options.Configure?.Invoke(options);
            long bytes = PlannedBytes(options);
            await MakeRoomAsync(served, bytes).ConfigureAwait(false);
            Func<AhnSharpOptions, CancellationToken, TextModel> load = options.Load ?? Load;
            options.Load = (own, token) =>
            {
                TextModel model = load(own, token);
                own.PieceTokens = _options.PieceTokens is { } given ? Math.Min(given, model.Model.ChunkTokens) : Piece(served, model, own);
                return model;
            };
            LoadedModel loaded = new(served, new AhnModelHost(options, _loggers.CreateLogger<AhnModelHost>()),
                new Admission(options.MaxAnswers, _options.MaxWaiting), bytes);
            loaded.Take();
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                _loaded.Add(loaded);
            }
            _ = LoadAsync(loaded); // whoever asked may leave: the next finds it loaded
            return loaded;
        }
        finally
        {
            _planning.Release();
        }
    }

    private int? Piece(ServedModel served, TextModel model, AhnSharpOptions own)
    {
        if (own.PieceTokens is { } configured) return configured;
        PieceTokens piece = PieceTokens.For(model, own.MaxAnswers, _options.LongestPause);
        if (piece.Pass > _options.LongestPause)
        {
            ServerLog.PausesLonger(
                _logger, served.Id, own.MaxAnswers, piece.Pass.TotalMilliseconds, _options.LongestPause.TotalMilliseconds);
        }
        return piece.Tokens;
    }

    private static async Task LoadAsync(LoadedModel model)
    {
        await ((Task)model.Host.LoadAsync()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static TextModel Load(AhnSharpOptions options, CancellationToken cancellation) =>
        TextModel.Load(options.ModelPath!, options.AdapterPath, options.ToModelOptions(), cancellation);

    // Weights, one pass, and the states of all answers at their fullest. Where sessions keep everything, a fullest one is the whole
    // context: eight of those are hardly ever asked for at once, so one is counted, and what is missing then is refused by the request.
    private static long PlannedBytes(AhnSharpOptions options)
    {
        ModelPlan plan = ModelPlan.Read(options.ModelPath!, options.AdapterPath, options.ToModelOptions());
        SessionPlan session = plan.Session(options.ToSessionOptions());
        int sessions = session.Mode == MemoryMode.Full ? 1 : options.MaxAnswers;
        return plan.MaxBytes(session) + (sessions - 1) * session.MaxBytes;
    }

    private async Task MakeRoomAsync(ServedModel served, long bytes)
    {
        while (true)
        {
            LoadedModel? idle;
            long held;
            lock (_gate)
            {
                held = _loaded.Sum(static model => model.PlannedBytes);
                long limit = _options.MemoryBytes ?? MachineMemory.Read().AvailableBytes + held;
                if (held + bytes <= limit) return;
                idle = _loaded.Where(static model => model.Leases == 0).MaxBy(static model => model.Idle);
                if (idle is null)
                {
                    string sentence = string.Create(CultureInfo.InvariantCulture,
                        $"model: '{served.Id}' needs {bytes / 1e9:0.0} GB, and of {limit / 1e9:0.0} GB other models take "
                            + $"{held / 1e9:0.0} GB");
                    // Alone it would not fit either: asking again changes nothing, but loading it is the owner's decision (a file that is
                    // mapped needs less at once).
                    if (held == 0) return;
                    throw ApiException.Busy(StatusCodes.Status503ServiceUnavailable, "no_memory",
                        $"{sentence}, which are in use: ask again later.", TimeSpan.FromSeconds(10));
                }
                _loaded.Remove(idle);
            }
            ServerLog.Unloading(_logger, idle.Served.Id, "its memory is needed");
            await idle.Host.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task UnloadIdleAsync()
    {
        foreach (LoadedModel model in Loaded)
        {
            if ((model.KeepAlive ?? _options.KeepAlive) is not { } keep) continue;
            lock (_gate)
            {
                if (model.Host.Model is null || model.Leases > 0 || model.Idle < keep || !_loaded.Remove(model)) continue;
            }
            ServerLog.Unloading(_logger, model.Served.Id, "nobody asked it for as long as it is kept");
            await model.Host.DisposeAsync().ConfigureAwait(false);
        }
    }
}
