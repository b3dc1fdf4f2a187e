using AhnSharp.Sessions;

namespace AhnSharp.Documents.Reading;

/// <summary>How documents are read into a file.</summary>
public sealed record DocumentReadingOptions
{
    /// <summary>Tokens between checkpoints where nothing else is said.</summary>
    public const int DefaultCheckpointTokens = 4096;

    /// <summary>The snapshot to write, usually NAME.ahn.</summary>
    public required string Output { get; init; }

    /// <summary>Tokens between checkpoints, rounded up to whole chunks of the model; 0: none.</summary>
    public int CheckpointTokens { get; init; } = DefaultCheckpointTokens;

    /// <summary>
    /// Goes on from the checkpoint of an interrupted reading, or from a whole one whose documents have grown at their end.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>Replaces an output that exists; it stays until the new one is whole.</summary>
    public bool Overwrite { get; init; }

    /// <summary>The system turn before the documents; null leaves it to the template.</summary>
    public string? System { get; init; }

    /// <summary>
    /// What the session keeps; where a reading goes on, what it must keep already (entries excepted, which are the file's).
    /// </summary>
    public SessionOptions? Session { get; init; }

    /// <summary>The model's file as it was named, for those who ask later; null is the program's own default.</summary>
    public string? Model { get; init; }

    /// <summary>The adapter's file as it was named.</summary>
    public string? Ahn { get; init; }
}
