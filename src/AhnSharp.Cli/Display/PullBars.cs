using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using AhnSharp.Hub;

namespace AhnSharp.Cli.Display;

/// <summary>A bar for every file that is being fetched; where standard error is no terminal, a line for what a person must know.</summary>
internal sealed class PullBars(Func<string, IProgress<(long Done, long Total, string Note)>> addBar) : IProgress<FileProgress>
{
    // The name must leave room for the bar and what stands beside it.
    private const int LongestTitle = 36;
    private readonly ConcurrentDictionary<RemoteFile, FileBar> _bars = new();
    private readonly ConcurrentDictionary<string, bool> _told = new();
    private int _titleWidth;

    /// <summary>Adds the bars, in the order of the files.</summary>
    internal void Add(IReadOnlyList<RemoteFile> files)
    {
        _titleWidth = files.Max(file => Title(file).Length);
        foreach (RemoteFile file in files) Bar(file).Show(0, ByteProgress.Size(file.Bytes));
    }

    public void Report(FileProgress value)
    {
        FileBar bar = Bar(value.File);
        string size = ByteProgress.Size(value.File.Bytes);
        switch (value.Stage)
        {
            case FileStage.Waiting:
                bar.Show(value.Bytes, "another process fetches it");
                Tell($"{value.File.Path}: another process fetches it; waiting for it.");
                break;
            case FileStage.Rereading:
                bar.Show(value.Bytes, $"{ByteProgress.Size(value.Bytes)} are there, reading them again");
                break;
            case FileStage.Retrying:
                bar.Show(value.Bytes, value.Note!);
                Tell($"{value.Note} Trying again.");
                break;
            case FileStage.Fetching:
                bar.Show(value.Bytes, $"{ByteProgress.Size(value.Bytes)} of {size}{bar.Speed(value.Bytes)}");
                break;
            default:
                bar.Show(value.Bytes, size);
                break;
        }
    }

    // Lines between the bars would break them; the bar itself says it there. The same thing is said once.
    private void Tell(string line)
    {
        if (!Terminal.DrawsProgress && _told.TryAdd(line, true)) Terminal.Note(line);
    }

    private FileBar Bar(RemoteFile file) => _bars.GetOrAdd(file, added => new FileBar(addBar(Title(added).PadRight(_titleWidth)), added.Bytes));

    // The end of a long name tells more than its beginning.
    private static string Title(RemoteFile file)
    {
        string name = file.Path[(file.Path.LastIndexOf('/') + 1)..];
        return name.Length <= LongestTitle ? name : "…" + name[^(LongestTitle - 1)..];
    }

    private sealed class FileBar(IProgress<(long Done, long Total, string Note)> bar, long total)
    {
        private long _started, _first;

        internal void Show(long bytes, string note) => bar.Report((bytes, total, note));

        /// <summary>The mean speed since the first bytes of this run, once there is one to tell.</summary>
        internal string Speed(long bytes)
        {
            if (_started == 0) (_started, _first) = (Stopwatch.GetTimestamp(), bytes);
            double seconds = Stopwatch.GetElapsedTime(_started).TotalSeconds;
            return seconds < 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" · {(bytes - _first) / seconds / 1e6:N1} MB/s");
        }
    }
}
