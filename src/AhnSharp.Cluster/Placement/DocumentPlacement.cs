using System;
using Orleans;
using Orleans.Placement;
using Orleans.Runtime;

namespace AhnSharp.Cluster.Placement;

/// <summary>Documents go where their model is (<see cref="DocumentPlacementDirector"/>).</summary>
[GenerateSerializer, Immutable, SuppressReferenceTracking, Alias("ahn.DocumentPlacement")]
internal sealed class DocumentPlacement : PlacementStrategy
{
    public static DocumentPlacement Instance { get; } = new();
}

/// <summary>Says so of a grain.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class DocumentPlacementAttribute() : PlacementAttribute(DocumentPlacement.Instance);
