namespace AhnSharp.Model;

/// <summary>The memory of one query head.</summary>
/// <param name="Norm">Frobenius norm of its state M [D, D]: 0 where nothing was folded yet.</param>
/// <param name="WriteStrength">Mean β (DeltaNet, GatedDeltaNet: 0 to 1) or Δ (Mamba2: above 0) of the tokens in the window; null where there are none.</param>
/// <param name="LogDecay">Mean log decay a token of the tokens in the window, at most 0; null where there are none, or where the rule does not decay.</param>
public sealed record MemoryHeadDescription(double Norm, double? WriteStrength, double? LogDecay)
{
    /// <summary>Tokens until a write has decayed to 1/e at the mean rate; null where it does not decay: DeltaNet keeps a write until another to the same key replaces it.</summary>
    public double? EffectiveTokens => LogDecay < 0 ? -1 / LogDecay : null;
}
