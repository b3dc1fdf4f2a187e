using System;
using System.Diagnostics;
using System.IO;
using AhnSharp.Kernels;
using Microsoft.Win32.SafeHandles;

namespace AhnSharp.Measurement;

/// <summary>How fast the system hands over a file that it holds in its cache: the roof of loading.</summary>
internal sealed class FileReadRate : IWork
{
    private const int PieceBytes = 1 << 20;
    private readonly SafeFileHandle _file;
    private readonly byte[][] _pieces;

    private FileReadRate(SafeFileHandle file, int threads)
    {
        _file = file;
        _pieces = new byte[threads][];
        for (int i = 0; i < threads; i++) _pieces[i] = new byte[PieceBytes];
    }

    /// <summary>GB/s of reading the whole file in pieces of 1 MiB on all threads of the team, the better of two times.</summary>
    public static double Measure(string path, Workers workers)
    {
        ArgumentNullException.ThrowIfNull(workers);
        using SafeFileHandle file = File.OpenHandle(path);
        long bytes = RandomAccess.GetLength(file);
        FileReadRate rate = new(file, workers.Count);
        double best = double.PositiveInfinity;
        for (int i = 0; i < 2; i++)
        {
            long started = Stopwatch.GetTimestamp();
            workers.Run(rate, checked((int)((bytes + PieceBytes - 1) / PieceBytes)));
            best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
        return bytes / best / 1e9;
    }

    /// <summary>Reads one piece.</summary>
    public void Run(int item, int worker)
    {
        long from = (long)item * PieceBytes;
        int got = 0;
        for (int more; got < PieceBytes && (more = RandomAccess.Read(_file, _pieces[worker].AsSpan(got), from + got)) > 0;) got += more;
    }
}
