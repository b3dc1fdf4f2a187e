using System;
using System.Runtime.Intrinsics;

namespace AhnSharp.Kernels.Probes;

/// <summary>How fast this machine reads memory: the roof of decoding, where every weight is read once a token.</summary>
/// <remarks>Every thread of the team sums a contiguous share of a buffer that no cache holds, pass after pass.</remarks>
internal sealed class ReadBandwidth : IWork
{
    /// <summary>Bytes read a pass; larger than the last-level cache of any usual processor, twice.</summary>
    public const long BufferBytes = 512L << 20;

    private const int PieceBytes = 1 << 20;
    private readonly NativeBuffer _buffer;
    private readonly long[] _sums;
    private int _threads;

    private ReadBandwidth(NativeBuffer buffer, int threads)
    {
        _buffer = buffer;
        _sums = new long[threads * 16];
        _threads = threads;
    }

    /// <summary>Measures with one thread and with all of <paramref name="workers"/>, each for <paramref name="duration"/>.</summary>
    /// <returns>GB/s (10⁹ bytes per second), the best pass of each.</returns>
    public static (double OneThread, double AllThreads) Measure(Workers workers, TimeSpan duration)
    {
        using NativeBuffer buffer = new(BufferBytes);
        // Untouched pages are all one page of zeros, which a cache holds.
        for (long at = 0; at < BufferBytes; at += PieceBytes) buffer.Span<byte>(at, PieceBytes).Fill(1);
        ReadBandwidth probe = new(buffer, workers.Count);
        double all = probe.Run(workers, workers.Count, duration);
        return (workers.Count == 1 ? all : probe.Run(workers, 1, duration), all);
    }

    /// <summary>Sums one thread's share.</summary>
    public void Run(int item, int worker)
    {
        long share = BufferBytes / PieceBytes / _threads * PieceBytes, from = item * share;
        Vector512<long> a = default, b = default, c = default, d = default;
        for (long piece = from; piece < from + share; piece += PieceBytes)
        {
            ref readonly byte start = ref _buffer.Ref<byte>(piece, PieceBytes);
            for (nuint at = 0; at < PieceBytes; at += 256)
            {
                a += Vector512.LoadUnsafe(in start, at).AsInt64();
                b += Vector512.LoadUnsafe(in start, at + 64).AsInt64();
                c += Vector512.LoadUnsafe(in start, at + 128).AsInt64();
                d += Vector512.LoadUnsafe(in start, at + 192).AsInt64();
            }
        }
        _sums[item * 16] = Vector512.Sum(a + b + c + d);
    }

    private double Run(Workers workers, int threads, TimeSpan duration)
    {
        _threads = threads;
        long bytes = BufferBytes / PieceBytes / threads * PieceBytes * threads;
        return ProbeClock.Best(duration, () => workers.Run(this, threads), bytes);
    }
}
