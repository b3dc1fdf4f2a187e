using System;
using System.Globalization;
using AhnSharp.Documents.Reading;

namespace AhnSharp.Cli.Display;

/// <summary>
/// The progress of reading documents: page, tokens, tokens/s, time left, size of the state. A line at every
/// tenth where no bar can be drawn.
/// </summary>
internal sealed class DocumentBar(IProgress<(long Done, long Total, string Note)> bar, int documents) : IProgress<DocumentProgress>
{
    private const int LongestName = 20;
    private long _tenth = -1;

    public void Report(DocumentProgress value)
    {
        // Before the first chunk there is no speed yet; with a large model that takes a while.
        string speed = value.TokensThisRun == 0 ? "" : string.Create(
            CultureInfo.InvariantCulture, $", {value.TokensPerSecond:N0}/s · {Duration(value.Left)} left");
        string note = string.Create(CultureInfo.InvariantCulture,
            $"{Place(value)}{value.TokensRead:N0}/{value.TokensTotal:N0} tokens{speed} · state {value.StateBytes / 1e6:N1} MB");
        bar.Report((value.TokensRead, value.TokensTotal, note));
        if (Terminal.DrawsProgress) return;
        long tenth = value.TokensRead * 10 / Math.Max(1, value.TokensTotal);
        if (tenth > _tenth && _tenth >= 0) Terminal.Note($"reading {note}");
        _tenth = tenth;
    }

    /// <summary>For example 41 s, 12 min, 3 h 05 min.</summary>
    internal static string Duration(TimeSpan time)
    {
        if (time.TotalSeconds < 99.5) return string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:N0} s");
        return time.TotalMinutes < 99.5
            ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:N0} min")
            : string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours} h {time.Minutes:D2} min");
    }

    private string Place(DocumentProgress value)
    {
        if (value.Page is { } page) return string.Create(CultureInfo.InvariantCulture, $"p. {page}/{value.Document.Pages} · ");
        if (documents < 2) return "";
        string name = value.Document.Name;
        return $"{(name.Length > LongestName ? $"{name[..(LongestName - 1)]}…" : name)} · ";
    }
}
