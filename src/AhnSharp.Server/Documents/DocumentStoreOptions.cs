using System;
using AhnSharp.Documents;
using AhnSharp.Documents.Reading;

namespace AhnSharp.Server.Documents;

/// <summary>Where documents are kept, and how many.</summary>
internal sealed record DocumentStoreOptions
{
    /// <summary>The folder, of one server alone; it is made where there is none.</summary>
    public required string Folder { get; init; }

    /// <summary>Most documents at once, forks and collections counted.</summary>
    public int MaxDocuments { get; init; } = 10_000;

    /// <summary>Most bytes of one upload.</summary>
    public long MaxUploadBytes { get; init; } = 256L << 20;

    /// <summary>Most bytes of everything in the folder.</summary>
    public long MaxBytes { get; init; } = 100L << 30;

    /// <summary>Whether what leaves the window is kept exactly too, as <c>ahn read</c> does, where the model's machine can.</summary>
    public bool Archive { get; init; } = true;

    /// <summary>Tokens between checkpoints.</summary>
    public int CheckpointTokens { get; init; } = DocumentReadingOptions.DefaultCheckpointTokens;

    /// <summary>How long a document that nobody asks stays open, and its model loaded.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What taking a file apart may cost.</summary>
    public DocumentLimits Limits { get; init; } = new();
}
