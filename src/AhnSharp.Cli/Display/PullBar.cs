using System;
using System.Diagnostics;
using System.Globalization;

namespace AhnSharp.Cli.Display;

/// <summary>The progress of bytes that come in: how many, how fast, and how long it will still take.</summary>
internal sealed class PullBar(IProgress<(long Done, long Total, string Note)> bar, long total)
{
    private long _started, _first;

    /// <summary>Bytes that are there.</summary>
    internal long Bytes { get; private set; }

    internal void Show(long bytes, string note)
    {
        Bytes = bytes;
        bar.Report((bytes, total, note));
    }

    /// <summary>Shows bytes with the mean speed since the first ones of this run, and the time that the rest takes at it.</summary>
    internal void Fetched(long bytes)
    {
        if (_started == 0) (_started, _first) = (Stopwatch.GetTimestamp(), bytes);
        double seconds = Stopwatch.GetElapsedTime(_started).TotalSeconds, speed = (bytes - _first) / seconds;
        Show(bytes, $"{ByteProgress.Size(bytes)} of "
            + $"{ByteProgress.Size(total)}{(seconds < 1 || speed < 1 ? "" : Speed(speed, (total - bytes) / speed))}");
    }

    private static string Speed(double bytesPerSecond, double secondsLeft)
    {
        TimeSpan left = TimeSpan.FromSeconds(Math.Min(secondsLeft, TimeSpan.FromDays(99).TotalSeconds));
        return string.Create(
            CultureInfo.InvariantCulture, $" · {bytesPerSecond / 1e6:N1} MB/s · {(int)left.TotalMinutes}:{left.Seconds:00} left");
    }
}
