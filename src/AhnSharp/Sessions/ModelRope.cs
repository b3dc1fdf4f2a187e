using AhnSharp.Kernels;
using AhnSharp.Network;

namespace AhnSharp.Sessions;

/// <summary>The rotation that a model was trained with, the same on every machine.</summary>
internal static class ModelRope
{
    internal static Rope Of(ModelConfig config) => config.RopeScaling is { } scaling
        ? new Rope(
            config.HeadDim, config.RopeTheta, scaling.Factor, scaling.OriginalContextLength, scaling.AttentionFactor,
            scaling.Extrapolation, scaling.BetaFast, scaling.BetaSlow)
        : new Rope(config.HeadDim, config.RopeTheta);
}
