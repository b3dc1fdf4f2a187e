using System;
using System.Diagnostics;
using AhnSharp.Kernels;

namespace AhnSharp.Measurement;

/// <summary>
/// How fast the system hands over memory that nobody has touched: the other roof of loading, which writes
/// every packed weight to such memory.
/// </summary>
internal sealed class FreshMemoryRate : IWork
{
    private const int PieceBytes = 1 << 22;
    private readonly NativeBuffer _memory;

    private FreshMemoryRate(NativeBuffer memory) => _memory = memory;

    /// <summary>
    /// GB/s of first writes to <paramref name="byteLength"/> bytes on all threads of the team, in the pages that
    /// weights get, the better of two times.
    /// </summary>
    /// <remarks>The first time may also be the virtual machine's, which takes its pages from its host.</remarks>
    public static double Measure(long byteLength, Workers workers)
    {
        ArgumentNullException.ThrowIfNull(workers);
        ArgumentOutOfRangeException.ThrowIfLessThan(byteLength, 1);
        double best = double.PositiveInfinity;
        for (int i = 0; i < 2; i++)
        {
            using NativeBuffer memory = NativeBuffer.ForWeights(byteLength);
            long started = Stopwatch.GetTimestamp();
            workers.Run(new FreshMemoryRate(memory), checked((int)((byteLength + PieceBytes - 1) / PieceBytes)));
            best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
        return byteLength / best / 1e9;
    }

    /// <summary>Writes one piece.</summary>
    public void Run(int item, int worker)
    {
        long from = (long)item * PieceBytes;
        _memory.Span<byte>(from, (int)Math.Min(PieceBytes, _memory.ByteLength - from)).Fill(1);
    }
}
