using System;
using System.Threading;
using AhnSharp.Extensions.AI;

namespace AhnSharp.Server.Models;

/// <summary>A loaded model while somebody needs it: it is not unloaded before all leases are disposed.</summary>
internal sealed class ModelLease(LoadedModel model, TextEngine engine) : IDisposable
{
    private int _isDone;

    /// <summary>The name under which it is served.</summary>
    public string ModelId => model.Served.Id;

    /// <summary>What answers.</summary>
    public TextEngine Engine => engine;

    /// <summary>Whose turn it is.</summary>
    public Admission Admission => model.Admission;

    /// <summary>Its options.</summary>
    public AhnSharpOptions Options => model.Host.Options;

    /// <summary>How long the model stays without requests from now on.</summary>
    public void Keep(TimeSpan time) => model.KeepAlive = time;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDone, 1) == 0) model.Return();
    }
}
