using System;
using System.Numerics.Tensors;

namespace AhnSharp.Training;

/// <summary>Adam with decoupled weight decay: the moments of every parameter, and a step.</summary>
/// <remarks>
/// g is scaled to a norm of at most <see cref="ClipNorm"/>; m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²;
/// θ ← θ·(1 − rate·decay) − rate·(m/(1 − β₁ⁿ)) / (√(v/(1 − β₂ⁿ)) + ε), n counting from 1. Source: Loshchilov and Hutter, arXiv 1711.05101.
/// </remarks>
internal sealed class AdamW(int parameters)
{
    public const double Beta1 = 0.9, Beta2 = 0.95, Epsilon = 1e-8;

    /// <summary>On every parameter, as the published training has it.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>The longest gradient that is taken as it is.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>m.</summary>
    public float[] Mean { get; } = new float[parameters];

    /// <summary>v.</summary>
    public float[] Square { get; } = new float[parameters];

    /// <summary>Steps taken.</summary>
    public int Steps { get; set; }

    /// <summary>Takes a step.</summary>
    /// <param name="values">θ.</param>
    /// <param name="gradient">Before it is clipped.</param>
    /// <param name="rate">Learning rate of this step.</param>
    /// <returns>The gradient's norm, before it was clipped.</returns>
    public double Step(Span<float> values, ReadOnlySpan<float> gradient, double rate)
    {
        double norm = Norm(gradient), scale = norm > ClipNorm ? ClipNorm / norm : 1;
        Steps++;
        double first = 1 - Math.Pow(Beta1, Steps), second = 1 - Math.Pow(Beta2, Steps);
        for (int i = 0; i < values.Length; i++)
        {
            double g = gradient[i] * scale;
            double mean = Mean[i] + (1 - Beta1) * (g - Mean[i]), square = Square[i] + (1 - Beta2) * (g * g - Square[i]);
            Mean[i] = (float)mean;
            Square[i] = (float)square;
            values[i] = (float)(values[i] * (1 - rate * WeightDecay) - rate * (mean / first) / (Math.Sqrt(square / second) + Epsilon));
        }
        return norm;
    }

    /// <summary>√Σg², summed in double over stretches of 4,096.</summary>
    public static double Norm(ReadOnlySpan<float> gradient)
    {
        double sum = 0;
        for (int from = 0; from < gradient.Length; from += 4096)
            sum += TensorPrimitives.SumOfSquares(gradient.Slice(from, Math.Min(4096, gradient.Length - from)));
        return Math.Sqrt(sum);
    }
}
