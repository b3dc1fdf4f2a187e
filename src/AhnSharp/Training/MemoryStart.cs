using System;
using AhnSharp.Seeds;

namespace AhnSharp.Training;

/// <summary>The values that training starts from, as the published memories started.</summary>
/// <remarks>
/// Matrices: normal numbers of deviation 0.02; norms 1; biases 0. GatedDeltaNet: exp(A_log) even between 0.01 and 16, dt_bias the
/// inverse softplus of a step that is log-even between 0.001 and 0.1. Mamba2: A_log = log(1 … H), dt_bias 1.
/// </remarks>
internal static class MemoryStart
{
    private const double Deviation = 0.02, LeastRate = 0.01, MostRate = 16, LeastStep = 0.001, MostStep = 0.1, SmallestStep = 1e-4;

    public static void Fill(MemoryParameters parameters, ulong seed)
    {
        var random = new SplitMix64(seed);
        bool isMamba = parameters.Rule.DecaysByStrength;
        for (int layer = 0; layer < parameters.Config.LayerCount; layer++)
        {
            LayerParameters tensors = parameters.Layer(layer);
            foreach (Memory<float> matrix in (Memory<float>[])[tensors.Beta, tensors.Alpha, tensors.Gate, tensors.Out])
            {
                foreach (ref float value in matrix.Span) value = (float)(Deviation * Normal(ref random));
            }
            tensors.Norm.Span.Fill(1);
            tensors.GateBias.Span.Clear();
            Span<float> rates = tensors.ALog.Span, biases = tensors.DtBias.Span;
            for (int head = 0; head < rates.Length; head++)
            {
                rates[head] = (float)Math.Log(isMamba ? head + 1 : LeastRate + (MostRate - LeastRate) * random.NextDouble());
                biases[head] = isMamba ? 1 : InverseSoftplus(Step(ref random));
            }
        }
    }

    private static double Step(ref SplitMix64 random) => Math.Max(
        SmallestStep, Math.Exp(Math.Log(LeastStep) + (Math.Log(MostStep) - Math.Log(LeastStep)) * random.NextDouble()));

    // softplus(x) = y for x = y + log(1 − e^−y).
    private static float InverseSoftplus(double y) => (float)(y + Math.Log(1 - Math.Exp(-y)));

    // Box and Muller.
    private static double Normal(ref SplitMix64 random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
