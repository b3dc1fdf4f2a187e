using System;

namespace AhnSharp.Kernels.Probes;

/// <summary>How many multiply-adds a tier does from registers alone: the roof of prefill, where every weight serves many tokens.</summary>
internal abstract class MultiplyAddPeak : IWork
{
    /// <summary>Steps of one item: about 1 ms.</summary>
    protected const int Steps = 1 << 18;

    private bool _bytes;

    private protected MultiplyAddPeak()
    {
    }

    /// <summary>The probe of a tier; null on the portable one, which has no inner loop of its own.</summary>
    public static MultiplyAddPeak? Of(Isa isa) => KernelTable.PeakOf(isa);

    /// <summary>Measures one thread and all threads of <paramref name="workers"/>, each for <paramref name="duration"/>.</summary>
    /// <param name="workers">The team.</param>
    /// <param name="bytes">8-bit integers, as the quantized formats multiply; else f32.</param>
    /// <param name="duration">How long each of the two measurements goes on.</param>
    /// <returns>G multiply-adds/s, the best run of each.</returns>
    public (double OneThread, double AllThreads) Measure(Workers workers, bool bytes, TimeSpan duration)
    {
        _bytes = bytes;
        long one = (long)Steps * (bytes ? Int8PerStep : FloatPerStep);
        double all = ProbeClock.Best(duration, () => workers.Run(this, workers.Count), one * workers.Count);
        return (workers.Count == 1 ? all : ProbeClock.Best(duration, () => Run(0, 0), one), all);
    }

    /// <summary>One item.</summary>
    public void Run(int item, int worker)
    {
        if (_bytes) RunInt8();
        else RunFloat();
    }

    /// <summary>Multiply-adds of one step of <see cref="RunFloat"/>.</summary>
    private protected abstract int FloatPerStep { get; }

    /// <summary>Multiply-adds of one step of <see cref="RunInt8"/>.</summary>
    private protected abstract int Int8PerStep { get; }

    private protected abstract void RunFloat();

    private protected abstract void RunInt8();
}
