using System;
using System.Globalization;
using System.Threading.Tasks;

namespace AhnSharp.Cli.Display;

/// <summary>A bar over bytes written, and sizes and counts as people read them.</summary>
internal static class ByteProgress
{
    /// <summary>Runs <paramref name="work"/>, which reports bytes, beside the bar.</summary>
    internal static Task<T> ShowAsync<T>(string title, Func<IProgress<(long Done, long Total)>, T> work) =>
        Progress.ShowAsync(title, bar => Task.Run(() => work(new Narrowed(bar))));

    /// <summary>A size: <c>16.0 MB</c>.</summary>
    internal static string Size(long bytes) => Scaled(bytes, ["B", "kB", "MB", "GB", "TB"], " ");

    /// <summary>A count: <c>3.09B</c>, <c>11.8M</c>.</summary>
    internal static string Count(long count) => Scaled(count, ["", "k", "M", "B", "T"], "");

    private static string Scaled(long value, ReadOnlySpan<string> units, string space)
    {
        if (value < 1000) return $"{value}{(units[0].Length > 0 ? space : "")}{units[0]}";
        double scaled = value;
        int unit = 0;
        // 999.95 would be shown as 1000.0.
        for (; scaled >= 999.95 && unit < units.Length - 1; unit++) scaled /= 1000;
        string digits = scaled.ToString(scaled < 9.995 && units[0].Length == 0 ? "0.00" : "0.0", CultureInfo.InvariantCulture);
        return digits + space + units[unit];
    }

    private sealed class Narrowed(IProgress<(long Done, long Total, string Note)> bar) : IProgress<(long Done, long Total)>
    {
        public void Report((long Done, long Total) value) =>
            bar.Report((value.Done, value.Total, $"{Size(value.Done)} of {Size(value.Total)}"));
    }
}
