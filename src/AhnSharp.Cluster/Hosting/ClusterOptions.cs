using System.Net;

namespace AhnSharp.Cluster.Hosting;

/// <summary>Which library a silo serves, and with whom.</summary>
internal sealed record ClusterOptions
{
    /// <summary>The folder of the library; of a cluster of several machines one that all of them share.</summary>
    public required string Library { get; init; }

    /// <summary>The Redis in which silos find each other, as HOST:PORT; null: this silo is alone.</summary>
    public string? Redis { get; init; }

    /// <summary>Which of the clusters in that Redis.</summary>
    public string Name { get; init; } = "ahn";

    /// <summary>The address under which other silos reach this one.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port on which other silos reach it; 0: a free one.</summary>
    public int Port { get; init; }
}
