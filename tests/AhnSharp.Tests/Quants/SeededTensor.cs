using System;
using System.Collections.Generic;
using AhnSharp.Seeds;

namespace AhnSharp.Tests.Quants;

/// <summary>
/// Weights of one kind that are the same bits on every machine: the generator and exact arithmetic alone, no logarithm and no cosine.
/// </summary>
/// <remarks>
/// [<see cref="Rows"/>, <see cref="RowLength"/>]. Fixtures/ggml-quantization-error.json holds ggml's errors on exactly these.
/// </remarks>
internal sealed class SeededTensor
{
    public const int Rows = 48, RowLength = 1024;
    private static readonly (string Name, Func<Draw, int, float> Weight)[] s_kinds =
    [
        ("gaussian", (draw, _) => 0.02f * draw.Gaussian()),
        ("heavy tails", (draw, _) => 0.02f * draw.StudentT()),
        ("uniform", (draw, _) => 0.1f * (draw.Uniform() - 0.5f)),
        ("outliers", (draw, i) => (i % 97 == 13 ? 0.5f : 0.02f) * draw.Gaussian()),
        ("rows of their own size", (draw, i) => draw.Gaussian() * (1 + i / RowLength) * 0.003f),
        ("away from zero", (draw, _) => 1 + 0.05f * draw.Gaussian()),
        ("below zero", (draw, _) => -0.3f - 0.05f * draw.Uniform()),
        ("sparse", (draw, _) => draw.Uniform() < 0.9f ? 0 * draw.Gaussian() : draw.Gaussian()),
        ("constant rows", (_, i) => (i / RowLength - 20) * 0.37f),
        ("zeros", (_, _) => 0),
        ("few values", (draw, _) => MathF.Floor(3 * draw.Uniform()) - 1),
        ("small", (draw, _) => 1e-6f * draw.Gaussian()),
        ("tiny", (draw, _) => 1e-30f * draw.Gaussian()),
        ("large", (draw, _) => 8000 * draw.Gaussian()),
    ];

    private SeededTensor(string name, float[] weights) => (Name, Weights) = (name, weights);

    public string Name { get; }

    public float[] Weights { get; }

    public static IReadOnlyList<SeededTensor> All { get; } = Array.ConvertAll(s_kinds, kind =>
    {
        Draw draw = new(SplitMix64.Mix((ulong)kind.Name.Length * 1000003 + kind.Name[0]));
        float[] weights = new float[Rows * RowLength];
        for (int i = 0; i < weights.Length; i++) weights[i] = kind.Weight(draw, i);
        return new SeededTensor(kind.Name, weights);
    });

    private sealed class Draw(ulong seed)
    {
        private SplitMix64 _numbers = new(seed);

        /// <summary>[0, 1).</summary>
        public float Uniform() => (_numbers.NextUInt64() >> 40) * (1f / (1 << 24));

        /// <summary>The sum of twelve uniform numbers, less its mean: variance 1, within ±6.</summary>
        public float Gaussian()
        {
            double sum = -6;
            for (int i = 0; i < 12; i++) sum += _numbers.NextDouble();
            return (float)sum;
        }

        /// <summary>Three degrees of freedom: one weight in 250 lies beyond five.</summary>
        public float StudentT()
        {
            double a = Gaussian(), b = Gaussian(), c = Gaussian();
            return (float)(Gaussian() / Math.Sqrt((a * a + b * b + c * c) / 3));
        }
    }
}
