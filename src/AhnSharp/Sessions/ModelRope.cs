using AhnSharp.Kernels;
using AhnSharp.Network;

namespace AhnSharp.Sessions;

/// <summary>The rotation of a model's queries and keys.</summary>
internal static class ModelRope
{
    public static Rope Of(ModelConfig config) => config.RopeScaling is { } stretched
        ? new Rope(
            config.HeadDim, config.RopeTheta, stretched.Factor, stretched.OriginalContextLength, stretched.AttentionFactor,
            stretched.Extrapolation, stretched.BetaFast, stretched.BetaSlow)
        : new Rope(config.HeadDim, config.RopeTheta);
}
