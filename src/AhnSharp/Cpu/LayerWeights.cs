using System;

namespace AhnSharp.Cpu;

/// <summary>One decoder layer's parameters. E hidden, H·D query, K·D key/value, F feed-forward size.</summary>
internal sealed class LayerWeights : IDisposable
{
    public required float[] AttentionNorm { get; init; } // [E]
    public required Linear Query { get; init; } // [H·D, E], a bias or none
    public required Linear Key { get; init; } // [K·D, E], likewise
    public required Linear Value { get; init; } // [K·D, E], likewise
    public float[]? QueryNorm { get; init; } // [D], one for all heads; null: none
    public float[]? KeyNorm { get; init; } // [D]
    public required Linear Output { get; init; } // [E, H·D]
    public required float[] FfnNorm { get; init; } // [E]
    public required Linear Gate { get; init; } // [F, E]
    public required Linear Up { get; init; } // [F, E]
    public required Linear Down { get; init; } // [E, F]
    public Hippocampus.Hippocampus? Memory { get; init; }

    public long ResidentBytes =>
        sizeof(float) * (AttentionNorm.Length + FfnNorm.Length + (QueryNorm?.Length ?? 0) + (KeyNorm?.Length ?? 0))
        + Query.ResidentBytes + Key.ResidentBytes + Value.ResidentBytes + Output.ResidentBytes + Gate.ResidentBytes + Up.ResidentBytes
        + Down.ResidentBytes
        + (Memory?.ResidentBytes ?? 0);

    public void Dispose()
    {
        foreach (Linear linear in new[] { Query, Key, Value, Output, Gate, Up, Down }) linear.Dispose();
        Memory?.Dispose();
    }
}
