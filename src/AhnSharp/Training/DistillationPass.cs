using System;
using System.Threading;

namespace AhnSharp.Training;

/// <summary>Where texts go forward and back: the processor, or a device.</summary>
internal abstract class DistillationPass : IDisposable
{
    /// <summary>KL of the positions of the last text that read the memory, unweighted.</summary>
    public abstract ReadOnlySpan<double> Divergences { get; }

    /// <summary>Bytes that are held on a device; 0: there is none.</summary>
    public virtual long DeviceBytes => 0;

    /// <summary>Reads a text with teacher and student, and goes back where a gradient is asked for.</summary>
    /// <param name="sequence">The text.</param>
    /// <param name="memory">The memory; null: the window alone.</param>
    /// <param name="gradient">Gains the gradient of the weighted sum over <paramref name="divisor"/>; null: not asked for.</param>
    /// <param name="divisor">What sums are divided by in the gradient: the weights of all texts of a step.</param>
    /// <param name="cancellation">Looked at between layers; the gradient is undefined then.</param>
    /// <returns>Σ weight·KL, undivided.</returns>
    public abstract double Run(
        TrainingSequence sequence, MemoryParameters? memory, MemoryParameters? gradient = null, double divisor = 1,
        CancellationToken cancellation = default);

    /// <summary>Gives back what is held on a device.</summary>
    public abstract void Dispose();
}
