using System.Collections.Immutable;

namespace AhnSharp.Network;

/// <summary>What a file says of its memory.</summary>
/// <param name="Rule">The rule by which evicted tokens are folded.</param>
/// <param name="Window">W that the memory was trained for; a session may choose another.</param>
/// <param name="Sinks">S, likewise.</param>
/// <param name="FullAttentionLayers">Layers that keep everything and have no memory, in rising order.</param>
public sealed record AhnConfig(MemoryRule Rule, int Window, int Sinks, ImmutableArray<int> FullAttentionLayers)
{
    /// <summary>W of the published models' runs, where a model without a memory is given a window but no size.</summary>
    public const int DefaultWindow = 32640;

    /// <summary>S of the published models' runs.</summary>
    public const int DefaultSinks = 128;

    /// <summary>ε of the memory's norm: a constant of the published code, in no config.json.</summary>
    public const float DefaultNormEpsilon = 1e-5f;

    /// <summary>ε of the memory's norm.</summary>
    public float NormEpsilon { get; init; } = DefaultNormEpsilon;

    /// <summary><see cref="BaseFingerprint"/> of the base model that the memory was trained on; null where the file does not say.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Whether a layer folds what leaves its window.</summary>
    public bool HasMemory(int layer) => !FullAttentionLayers.Contains(layer);
}
