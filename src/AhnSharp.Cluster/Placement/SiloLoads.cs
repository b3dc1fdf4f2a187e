using System.Collections.Generic;
using System.Linq;
using System.Threading;
using AhnSharp.Cluster.Grains;
using Orleans.Runtime;

namespace AhnSharp.Cluster.Placement;

/// <summary>What this silo knows of the loads of all: as they told last, and what it has sent there since.</summary>
internal sealed class SiloLoads
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SiloAddress, int> _sent = []; // since the last telling
    private SiloLoad[] _loads = [];

    /// <summary>What all have told.</summary>
    public void Learn(SiloLoad[] loads)
    {
        lock (_gate)
        {
            _loads = loads;
            _sent.Clear();
        }
    }

    /// <summary>
    /// The silo for a document of a model: of those that have it loaded, or else serve it, the one with most room; of those with as much,
    /// the first from a place that differs from document to document.
    /// </summary>
    /// <param name="model">The model; null: any.</param>
    /// <param name="silos">The silos that may be chosen, one at least.</param>
    /// <param name="from">Where to begin among them.</param>
    public SiloAddress Choose(string? model, SiloAddress[] silos, uint from)
    {
        lock (_gate)
        {
            SiloAddress[] order = [.. silos.Order()];
            int first = (int)(from % order.Length);
            SiloAddress chosen = order[first..].Concat(order[..first]).MaxBy(silo => Rank(silo, model))!;
            _sent[chosen] = _sent.GetValueOrDefault(chosen) + 1;
            return chosen;
        }
    }

    // Loaded before served before unknown; then answers that there is still room for.
    private (int Has, int Room) Rank(SiloAddress silo, string? model)
    {
        int sent = _sent.GetValueOrDefault(silo);
        if (_loads.FirstOrDefault(one => one.Silo.Equals(silo)) is not { } load) return (0, -sent);
        bool isLoaded = model is null ? load.Loaded.Length > 0 : load.Loaded.Contains(model);
        bool isServed = model is null ? load.Served.Length > 0 : load.Served.Contains(model);
        return (isLoaded ? 2 : isServed ? 1 : 0, load.Room - load.Answers - sent);
    }
}
