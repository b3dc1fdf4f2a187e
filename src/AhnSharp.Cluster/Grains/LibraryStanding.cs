using Orleans;

namespace AhnSharp.Cluster.Grains;

/// <summary>How many documents a library has, and how they stand.</summary>
[GenerateSerializer, Alias("ahn.LibraryStanding")]
internal sealed class LibraryStanding
{
    [Id(0)] public int Documents { get; set; }

    /// <summary>Those that can be asked.</summary>
    [Id(1)] public int Ready { get; set; }

    /// <summary>Those that cannot be read.</summary>
    [Id(2)] public int Failed { get; set; }

    /// <summary>Those that were sent to a silo and are being read there, or wait there for their turn.</summary>
    [Id(3)] public int Sent { get; set; }

    /// <summary>Silos that have told of themselves lately.</summary>
    [Id(4)] public int Silos { get; set; }
}
