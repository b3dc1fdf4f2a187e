using Orleans;
using Orleans.Runtime;

namespace AhnSharp.Cluster.Grains;

/// <summary>What a silo can do and does.</summary>
[GenerateSerializer, Alias("ahn.SiloLoad")]
internal sealed class SiloLoad
{
    [Id(0)] public required SiloAddress Silo { get; set; }

    /// <summary>Names of the models that are loaded, with room for all their answers: a model is loaded only where it has that.</summary>
    [Id(1)] public required string[] Loaded { get; set; }

    /// <summary>Names of the models that may be asked for.</summary>
    [Id(2)] public required string[] Served { get; set; }

    /// <summary>Answers under way and waiting.</summary>
    [Id(3)] public int Answers { get; set; }

    /// <summary>Answers that its loaded models have room for at the same time.</summary>
    [Id(4)] public int Room { get; set; }
}
