using System;

namespace AhnSharp.Training;

/// <summary>Warm-up and cosine: from 0 in a straight line to the peak, then along half a cosine to nothing.</summary>
/// <param name="Peak">Highest rate.</param>
/// <param name="WarmUp">Steps until it is reached.</param>
/// <param name="Steps">Steps in all.</param>
internal readonly record struct LearningRate(double Peak, int WarmUp, int Steps)
{
    /// <summary>Of the step with the index <paramref name="step"/>, from 0.</summary>
    public double Of(int step) => step < WarmUp
        ? Peak * (step + 1) / WarmUp
        : Peak * 0.5 * (1 + Math.Cos(Math.PI * (step - WarmUp) / Math.Max(1, Steps - WarmUp)));
}
