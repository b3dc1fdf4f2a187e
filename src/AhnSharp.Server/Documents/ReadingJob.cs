using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace AhnSharp.Server.Documents;

/// <summary>Work on one text for one model, for all documents that have both.</summary>
internal sealed class ReadingJob(
    string key, IReadOnlyList<DocumentContent> contents, bool isCollection, string? model, string? system)
{
    private ReadingStatus? _status;

    /// <summary>What its documents have in common.</summary>
    public string Key => key;

    /// <summary>The files, with the names that the model is told.</summary>
    public IReadOnlyList<DocumentContent> Contents => contents;

    /// <summary>Whether the names of the files count: what they are called tells them apart.</summary>
    public bool IsCollection => isCollection;

    public string? Model => model;

    public string? System => system;

    /// <summary>The documents that wait for it; under the store's lock.</summary>
    public HashSet<string> Documents { get; } = new(StringComparer.Ordinal);

    /// <summary>What it has done to their records last, for those that join; under the store's lock.</summary>
    public Func<DocumentRecord, DocumentRecord>? Latest { get; set; }

    /// <summary>Ends it: nobody waits for it any more, or the store ends. Never disposed: it holds no timer.</summary>
    public CancellationTokenSource Cancel { get; } = new();

    /// <summary>Ends when nothing more is done.</summary>
    public Task Ended { get; set; } = Task.CompletedTask;

    /// <summary>How far the reading is; written by the thread that computes.</summary>
    public ReadingStatus? Status
    {
        get => Volatile.Read(ref _status);
        set => Volatile.Write(ref _status, value);
    }
}
