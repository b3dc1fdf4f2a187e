namespace AhnSharp.Network;

/// <summary>The three published rules by which a token that leaves the window is folded into the state.</summary>
public enum HippocampusKind
{
    /// <summary>Delta rule: what the state already predicts for a key is replaced, nothing else fades.</summary>
    DeltaNet,

    /// <summary>Delta rule after a decay of the whole state, learned and different for each token.</summary>
    GatedDeltaNet,

    /// <summary>Decay and plain addition, without a prediction (the state-space duality form of Mamba-2).</summary>
    Mamba2,
}
