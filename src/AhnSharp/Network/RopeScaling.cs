namespace AhnSharp.Network;

/// <summary>How a file stretches positions beyond the context that its model was trained with: YaRN, or linear.</summary>
/// <param name="Factor">s, by how much the context is stretched.</param>
/// <param name="OriginalContextLength">L₀, tokens; of linear scaling nothing depends on it.</param>
public sealed record RopeScaling(double Factor, int OriginalContextLength)
{
    /// <summary>What cos and sin are multiplied with besides YaRN's own 0.1·ln s + 1.</summary>
    public double AttentionFactor { get; init; } = 1;

    /// <summary>How much of the unstretched frequencies is blended in: 1 is YaRN, 0 is linear scaling (every position over s).</summary>
    public double Extrapolation { get; init; } = 1;

    /// <summary>Turns within L₀ above which a dimension is not stretched.</summary>
    public double BetaFast { get; init; } = 32;

    /// <summary>Turns within L₀ below which a dimension is stretched by s.</summary>
    public double BetaSlow { get; init; } = 1;
}
