using System;
using System.Diagnostics;
using System.Globalization;

namespace AhnSharp.Cli.Display;

/// <summary>The progress of work that counts up to a known total, with its speed.</summary>
internal sealed class CountBar(IProgress<(long Done, long Total, string Note)> bar, string unit, long total) : IProgress<int>
{
    private readonly long _started = Stopwatch.GetTimestamp();

    public void Report(int value)
    {
        double seconds = Stopwatch.GetElapsedTime(_started).TotalSeconds;
        bar.Report((value, total, string.Create(
            CultureInfo.InvariantCulture, $"{value:N0} of {total:N0} {unit} · {value / seconds:N0} {unit}/s")));
    }
}
