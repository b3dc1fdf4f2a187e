using System;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Server.Documents;
using AhnSharp.Server.Http;

namespace AhnSharp.Server.Tests.Documents;

/// <summary>The demo model, under one name, in an engine of its own.</summary>
internal sealed class DemoModels(TextModel model, TextEngineOptions? options = null) : IDocumentModels, IAsyncDisposable
{
    public const string Name = "demo";
    private int _leases;

    public TextEngine Engine { get; } = new(model, options ?? new TextEngineOptions { PieceTokens = 64 });

    /// <summary>Leases that are not disposed.</summary>
    public int Leases => Volatile.Read(ref _leases);

    /// <summary>Whoever asks for a model waits until this is done.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>So many requests are told that there is no memory just now.</summary>
    public int Busy { get; set; }

    public async Task<IDocumentModelLease> AcquireAsync(string? model, CancellationToken cancellation)
    {
        if (Busy > 0)
        {
            Busy--;
            throw ApiException.Busy(503, "model_unavailable", "There is no memory for it just now.", TimeSpan.FromMilliseconds(10));
        }
        if (model is not (null or Name)) throw ApiException.NotFound("model_not_found", $"There is no model '{model}' here.");
        await Gate.WaitAsync(cancellation);
        Interlocked.Increment(ref _leases);
        return new Lease(this);
    }

    public ValueTask DisposeAsync() => Engine.DisposeAsync();

    private sealed class Lease(DemoModels models) : IDocumentModelLease
    {
        public TextEngine Engine => models.Engine;

        public string ModelId => Name;

        public ValueTask DisposeAsync()
        {
            Interlocked.Decrement(ref models._leases);
            return ValueTask.CompletedTask;
        }
    }
}
