using System;

namespace AhnSharp.Sessions;

/// <summary>All layers of one session in the processor's memory, for whoever describes or writes them.</summary>
internal sealed class HostLayers(HostLayer[] layers) : IDisposable
{
    public HostLayer[] All => layers;

    public void Dispose()
    {
        foreach (HostLayer? layer in layers) layer?.Dispose();
    }
}
