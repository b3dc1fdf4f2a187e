using System;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.IO;

namespace AhnSharp.Documents.Processes;

/// <summary>Looks at what a reading process takes of memory and time, some fifty times a second.</summary>
internal sealed class ReaderWatch(Process process, DocumentLimits limits, long fileBytes)
{
    // What the collector takes for itself and what it has compiled, beside the heap, which has the limit by itself.
    private const long Slack = 100_000_000;
    private TimeSpan _processorTime;
    private long _advanced = Stopwatch.GetTimestamp();
    private long _base;

    public DocumentLimits Limits => limits;

    /// <summary>Whether the process was ready to read.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>The process is ready: what it takes now is its own, what comes is the document's.</summary>
    public void Begin()
    {
        try
        {
            _base = Resident();
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or IOException)
        {
            // It has ended between two lines; its answer is on the pipe, or it has none.
        }
        _advanced = Stopwatch.GetTimestamp();
        HasBegun = true;
    }

    /// <summary>The sentence about a limit that it has passed; null where there is none.</summary>
    public DocumentException? Breach(string name)
    {
        try
        {
            if (HasBegun && Resident() - _base > limits.ReaderMemoryBytes + 2 * fileBytes + Slack) return ReaderEnd.Memory(name, limits);
            process.Refresh();
            TimeSpan time = process.TotalProcessorTime;
            if (time > limits.ReaderTime) return ReaderEnd.Time(name, limits);
            if (time > _processorTime) (_processorTime, _advanced) = (time, Stopwatch.GetTimestamp());
            return Stopwatch.GetElapsedTime(_advanced) > limits.ReaderStandstill ? ReaderEnd.Standstill(name, limits) : null;
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or IOException or NotSupportedException)
        {
            // It has ended; how, its exit code says.
            return null;
        }
    }

    private long Resident()
    {
        if (!OperatingSystem.IsLinux())
        {
            process.Refresh();
            return process.WorkingSet64;
        }
        // Process reads three files for it. There is none any more where the process has ended: how, is asked elsewhere.
        string path = string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/statm");
        if (!File.Exists(path)) return 0;
        string[] pages = File.ReadAllText(path).Split(' ');
        return pages.Length > 1 && long.TryParse(pages[1], NumberStyles.None, CultureInfo.InvariantCulture, out long resident)
            ? resident * Environment.SystemPageSize
            : 0;
    }
}
