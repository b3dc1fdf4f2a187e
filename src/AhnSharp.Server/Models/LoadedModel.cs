using System;
using System.Threading;
using AhnSharp.Extensions.AI;

namespace AhnSharp.Server.Models;

/// <summary>A model that is loaded, or is being loaded.</summary>
internal sealed class LoadedModel(ServedModel served, AhnModelHost host, Admission admission, long plannedBytes)
{
    private long _lastUsed = Environment.TickCount64;
    private int _leases;

    public ServedModel Served => served;

    public AhnModelHost Host => host;

    public Admission Admission => admission;

    /// <summary>What it is planned to take at most, with all its answers under way.</summary>
    public long PlannedBytes => plannedBytes;

    /// <summary>Who needs it.</summary>
    public int Leases => Volatile.Read(ref _leases);

    /// <summary>How long nobody has needed it.</summary>
    public TimeSpan Idle => Leases > 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Environment.TickCount64 - Volatile.Read(ref _lastUsed));

    /// <summary>How long it stays without requests, as the last request that said so wants it; null: as the options say.</summary>
    public TimeSpan? KeepAlive { get; set; }

    public void Take() => Interlocked.Increment(ref _leases);

    public void Return()
    {
        Volatile.Write(ref _lastUsed, Environment.TickCount64);
        Interlocked.Decrement(ref _leases);
    }
}
