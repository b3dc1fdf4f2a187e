using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Snapshots;

/// <summary>The numbers of a model that are in no tensor's shape or that a session's layout depends on.</summary>
internal sealed record SnapshotShape
{
    public required int Layers { get; init; }
    public required int Heads { get; init; }
    public required int KvHeads { get; init; }
    public required int HeadDim { get; init; }
    public required int Vocabulary { get; init; }
    public required float NormEpsilon { get; init; }
    public required double RopeTheta { get; init; }
    public required double YarnFactor { get; init; } // 0: no YaRN
    public required int YarnOriginal { get; init; }
    public required MemoryRule? Memory { get; init; }
    public required float MemoryNormEpsilon { get; init; } // 0 without a memory
    public required ImmutableArray<int> FullAttentionLayers { get; init; }

    public static SnapshotShape Of(ModelConfig config) => new()
    {
        Layers = config.LayerCount,
        Heads = config.HeadCount,
        KvHeads = config.KvHeadCount,
        HeadDim = config.HeadDim,
        Vocabulary = config.VocabularySize,
        NormEpsilon = config.RmsNormEpsilon,
        RopeTheta = config.RopeTheta,
        YarnFactor = config.RopeScaling?.Factor ?? 0,
        YarnOriginal = config.RopeScaling?.OriginalContextLength ?? 0,
        Memory = config.Ahn?.Rule,
        MemoryNormEpsilon = config.Ahn?.NormEpsilon ?? 0,
        FullAttentionLayers = config.Ahn?.FullAttentionLayers ?? [],
    };

    /// <summary>
    /// The first number in which a snapshot differs from the model, in words; null where there is none. The memory counts in the mode ahn.
    /// </summary>
    public string? Difference(SnapshotShape snapshot, MemoryMode mode)
    {
        foreach ((string name, object expected, object found) in Pairs(snapshot, mode))
        {
            if (!expected.Equals(found))
                return FormattableString.Invariant($"{name}: expected {expected}, as the model has, found {found}");
        }
        return null;
    }

    private IEnumerable<(string Name, object Expected, object Found)> Pairs(SnapshotShape other, MemoryMode mode)
    {
        yield return ("layers", Layers, other.Layers);
        yield return ("query heads", Heads, other.Heads);
        yield return ("key/value heads", KvHeads, other.KvHeads);
        yield return ("head dimension", HeadDim, other.HeadDim);
        yield return ("vocabulary", Vocabulary, other.Vocabulary);
        yield return ("norm epsilon", NormEpsilon, other.NormEpsilon);
        yield return ("rope theta", RopeTheta, other.RopeTheta);
        yield return ("YaRN factor", YarnFactor, other.YarnFactor);
        yield return ("YaRN original context", YarnOriginal, other.YarnOriginal);
        if (mode == MemoryMode.Full) yield break;
        yield return ("layers with full attention", List(FullAttentionLayers), List(other.FullAttentionLayers));
        if (mode == MemoryMode.Window) yield break;
        yield return ("kind of memory", Memory?.ToString() ?? "none", other.Memory?.ToString() ?? "none");
        yield return ("memory norm epsilon", MemoryNormEpsilon, other.MemoryNormEpsilon);
    }

    private static string List(ImmutableArray<int> layers) =>
        layers.IsEmpty ? "none" : string.Join(", ", layers.Select(layer => FormattableString.Invariant($"{layer}")));
}
