using System;
using AhnSharp.Machine;

namespace AhnSharp.Measurement;

/// <summary>The most memory that a program held while it worked, without what the probes beside it took for a moment.</summary>
internal sealed class PeakMemory
{
    private long _most;

    /// <summary>Begins to watch now.</summary>
    public PeakMemory() => Separates = ResidentMemory.ForgetPeak();

    /// <summary>Whether this system can tell the work from the probes; else the probes count too.</summary>
    public bool Separates { get; }

    /// <summary>Bytes at most.</summary>
    public long Bytes => Math.Max(_most, ResidentMemory.Peak);

    /// <summary>Runs a probe whose memory is not counted.</summary>
    public T Without<T>(Func<T> probe)
    {
        ArgumentNullException.ThrowIfNull(probe);
        _most = Bytes;
        T result = probe();
        ResidentMemory.ForgetPeak();
        return result;
    }
}
