namespace AhnSharp.Archive;

/// <summary>What a token that is read, not asked about, sees behind the window. Memory and archive are written in both.</summary>
public enum ArchiveReading
{
    /// <summary>The memory, as in a session without an archive.</summary>
    Ahn,

    /// <summary>Nothing: sinks and window alone.</summary>
    Window,
}
