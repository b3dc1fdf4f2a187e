using System;
using AhnSharp.Kernels;
using AhnSharp.Kernels.Probes;

namespace AhnSharp.Measurement;

/// <summary>
/// What this machine can do at most, measured: no decoding is faster than its weights can be read, no prefill faster than the multipliers.
/// </summary>
/// <param name="Threads">Threads of the measurements with all threads.</param>
/// <param name="Read">GB/s (10⁹) of a plain read loop, with one thread and with all.</param>
/// <param name="FloatProducts">G multiply-adds/s of f32 from registers, with one thread and with all; null on the portable tier.</param>
/// <param name="ByteProducts">The same of 8-bit integers.</param>
internal sealed record Roofs(
    int Threads, (double One, double All) Read, (double One, double All)? FloatProducts, (double One, double All)? ByteProducts)
{
    private static readonly TimeSpan s_each = TimeSpan.FromMilliseconds(220), s_beside = TimeSpan.FromMilliseconds(120);

    /// <summary>Measures all of it, in about two seconds. Takes half a gigabyte for a moment.</summary>
    public static Roofs Measure(Workers workers)
    {
        ArgumentNullException.ThrowIfNull(workers);
        MultiplyAddPeak? peak = MultiplyAddPeak.Of(KernelTable.Active);
        return new Roofs(
            workers.Count, ReadBandwidth.Measure(workers, s_each), peak?.Measure(workers, bytes: false, s_each), peak?.Measure(
                workers, bytes: true, s_each));
    }

    /// <summary>The read rate alone, GB/s with all threads: on a shared machine it moves, so it is measured beside each test.</summary>
    public static double ReadBeside(Workers workers) => ReadBandwidth.Measure(workers, s_beside).AllThreads;

    /// <summary>The peak of what a model multiplies, G multiply-adds/s with all threads; null on the portable tier.</summary>
    public double? PeakOf(bool bytes) => bytes ? ByteProducts?.All : FloatProducts?.All;

    /// <summary>Seconds that so many bytes and multiply-adds take at least: the longer of the two.</summary>
    /// <param name="bytes">Bytes read or written.</param>
    /// <param name="multiplyAdds">Multiply-adds.</param>
    /// <param name="multipliesBytes">Whether they are of 8-bit integers.</param>
    /// <param name="readGigabytesPerSecond">The read rate beside it; null: that of <see cref="Read"/>.</param>
    public double Floor(double bytes, double multiplyAdds, bool multipliesBytes, double? readGigabytesPerSecond = null) =>
        Math.Max(bytes / 1e9 / (readGigabytesPerSecond ?? Read.All), PeakOf(multipliesBytes) is { } peak ? multiplyAdds / 1e9 / peak : 0);
}
