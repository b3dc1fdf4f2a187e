using ILGPU;

namespace AhnSharp.Gpu.Training;

/// <summary>Gates of a text, or their products or gradients: [count, H] each.</summary>
internal struct GateValues
{
    /// <summary>β or Δ.</summary>
    public ArrayView<float> Strengths;

    /// <summary>g.</summary>
    public ArrayView<float> LogDecays;

    /// <summary>γ.</summary>
    public ArrayView<float> Gammas;
}

/// <summary>Vectors of gates, [H] each; those that a rule does not have show something that is not read.</summary>
internal struct GateVectors
{
    public ArrayView<float> ALog, DtBias, GateBias;
}

/// <summary>Which gates a rule has.</summary>
internal struct GateRule
{
    public int Count, Heads, DecaysByStrength, HasAlpha, HasGateBias;
}
