using System;
using System.IO;
using System.Threading.Tasks;
using AhnSharp.Cluster.Storage;
using AhnSharp.Server.Documents;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace AhnSharp.Cluster.Placement;

/// <summary>Chooses the silo of a document that is activated: one that has its model, and room (<see cref="SiloLoads.Choose"/>).</summary>
internal sealed class DocumentPlacementDirector(LibraryFolder library, SiloLoads loads) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        string id = target.GrainIdentity.Key.ToString()!;
        string? model;
        try
        {
            DocumentRecord? record = library.Read(id).Record;
            model = record?.ModelId ?? record?.Model;
        }
        catch (Exception strange) when (strange is InvalidDataException or FormatException)
        {
            model = null; // the activation says what is wrong with it
        }
        return Task.FromResult(loads.Choose(model, context.GetCompatibleSilos(target), target.GrainIdentity.GetUniformHashCode()));
    }
}
