using System;

namespace AhnSharp.Tests.Reference;

/// <summary>Rotate-half RoPE in double precision at an absolute position, with YaRN where the config has it.</summary>
internal sealed class ReferenceRope
{
    private readonly double[] _frequencies;
    private readonly double _magnitude = 1;

    public ReferenceRope(ReferenceConfig config)
    {
        int dim = config.HeadDim;
        _frequencies = new double[dim / 2];
        for (int i = 0; i < _frequencies.Length; i++) _frequencies[i] = Math.Pow(config.RopeTheta, -2.0 * i / dim);
        if (config.Yarn is not { } yarn) return;

        // The (fractional) pair that turns `turns` times within the original length.
        double PairOf(double turns) => dim * Math.Log(yarn.OriginalLength / (turns * 2 * Math.PI)) / (2 * Math.Log(config.RopeTheta));
        double low = Math.Max(Math.Floor(PairOf(yarn.BetaFast)), 0), high = Math.Min(Math.Ceiling(PairOf(yarn.BetaSlow)), dim - 1);
        if (low == high) high += 0.001;
        for (int i = 0; i < _frequencies.Length; i++)
        {
            double ramp = Math.Clamp((i - low) / (high - low), 0, 1);
            _frequencies[i] *= 1 - ramp + ramp / yarn.Factor;
        }
        _magnitude = yarn.Factor <= 1 ? 1 : 0.1 * Math.Log(yarn.Factor) + 1;
    }

    public void Rotate(Span<double> head, long position)
    {
        int half = head.Length / 2;
        for (int i = 0; i < half; i++)
        {
            double angle = position * _frequencies[i], cos = Math.Cos(angle) * _magnitude, sin = Math.Sin(angle) * _magnitude;
            (head[i], head[half + i]) = (head[i] * cos - head[half + i] * sin, head[half + i] * cos + head[i] * sin);
        }
    }
}
