using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using AhnSharp.Hub;

namespace AhnSharp.Cli.Display;

/// <summary>
/// A bar for every file that is being fetched, and one for all; where standard error is no terminal, a line for what a person must know.
/// </summary>
internal sealed class PullBars(Func<string, IProgress<(long Done, long Total, string Note)>> addBar) : IProgress<FileProgress>
{
    // The name must leave room for the bar and what stands beside it.
    private const int LongestTitle = 36;
    private readonly Lock _gate = new();
    private readonly Dictionary<RemoteFile, PullBar> _bars = [];
    private readonly HashSet<string> _told = [];
    private PullBar? _all;
    private int _titleWidth;

    /// <summary>Told which files it will be; a bar of its own appears when a file's turn comes.</summary>
    internal void Begin(IReadOnlyList<RemoteFile> files)
    {
        string all = $"{files.Count} files";
        _titleWidth = files.Max(file => Title(file).Length);
        if (files.Count > 1) _all = new PullBar(addBar(all.PadRight(_titleWidth)), files.Sum(file => file.Bytes));
    }

    public void Report(FileProgress value)
    {
        lock (_gate)
        {
            if (!_bars.TryGetValue(value.File, out PullBar? bar))
                _bars[value.File] = bar = new PullBar(addBar(Title(value.File).PadRight(_titleWidth)), value.File.Bytes);
            if (value.Stage == FileStage.Fetching) bar.Fetched(value.Bytes);
            else bar.Show(value.Bytes, Note(value));
            if (_all is not null && value.Stage == FileStage.Fetching) _all.Fetched(_bars.Values.Sum(one => one.Bytes));
        }
        if (value.Stage == FileStage.Waiting) Tell($"{value.File.Path}: another process fetches it; waiting for it.");
        if (value.Stage == FileStage.Retrying) Tell($"{value.Note} Trying again.");
    }

    private static string Note(FileProgress value) => value.Stage switch
    {
        FileStage.Waiting => "another process fetches it",
        FileStage.Rereading => $"{ByteProgress.Size(value.Bytes)} are there, reading them again",
        FileStage.Retrying => value.Note!,
        _ => ByteProgress.Size(value.Bytes),
    };

    // Lines between the bars would break them; the bar itself says it there. The same thing is said once.
    private void Tell(string line)
    {
        if (Terminal.DrawsProgress) return;
        lock (_gate)
        {
            if (_told.Add(line)) Terminal.Note(line);
        }
    }

    // The end of a long name tells more than its beginning.
    private static string Title(RemoteFile file)
    {
        string name = file.Path[(file.Path.LastIndexOf('/') + 1)..];
        return name.Length <= LongestTitle ? name : "…" + name[^(LongestTitle - 1)..];
    }
}
