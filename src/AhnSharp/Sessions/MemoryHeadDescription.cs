using System;
using AhnSharp.Network;

namespace AhnSharp.Sessions;

/// <summary>The memory of one query head.</summary>
/// <param name="Norm">Frobenius norm of its state M [D, D]: 0 where nothing was folded yet.</param>
/// <param name="WriteStrength">Mean β (DeltaNet, GatedDeltaNet: 0 to 1) or Δ (Mamba2: above 0) of the tokens in the window;
/// null where there are none.</param>
/// <param name="LogDecay">Mean log decay a token of the tokens in the window, at most 0; null where there are none, or where
/// the rule does not decay.</param>
public sealed record MemoryHeadDescription(double Norm, double? WriteStrength, double? LogDecay)
{
    /// <summary>
    /// Tokens until a write has decayed to 1/e at the mean rate; null where it does not decay: DeltaNet keeps a write until
    /// another to the same key replaces it.
    /// </summary>
    public double? EffectiveTokens => LogDecay < 0 ? -1 / LogDecay : null;

    /// <param name="rule">The rule.</param>
    /// <param name="heads">H.</param>
    /// <param name="head">Which of them.</param>
    /// <param name="norm">Of its state.</param>
    /// <param name="gateSums">What the ring keeps beside the tokens of the window, summed over them.</param>
    /// <param name="tokens">How many those are.</param>
    /// <param name="decayRates"><see cref="Hippocampus.Hippocampus.DecayRates"/> of the layer.</param>
    internal static MemoryHeadDescription Of(
        MemoryRule rule, int heads, int head, double norm, ReadOnlySpan<double> gateSums, long tokens, ReadOnlySpan<double> decayRates)
    {
        if (tokens == 0) return new MemoryHeadDescription(norm, null, null);
        float[] means = new float[gateSums.Length];
        for (int i = 0; i < means.Length; i++) means[i] = (float)(gateSums[i] / tokens);
        (float strength, double logDecay) = Hippocampus.Hippocampus.WriteGatesOf(rule, heads, head, means, decayRates);
        return new MemoryHeadDescription(norm, strength, rule.Decays ? logDecay : null);
    }
}
