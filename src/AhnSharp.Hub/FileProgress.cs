namespace AhnSharp.Hub;

/// <summary>How far the fetching of one file is.</summary>
/// <param name="File">The file.</param>
/// <param name="Stage">What is done with it now.</param>
/// <param name="Bytes">Bytes of it that are there.</param>
/// <param name="Note">What went wrong and is being tried again, while <paramref name="Stage"/> is <see cref="FileStage.Retrying"/>.</param>
public readonly record struct FileProgress(RemoteFile File, FileStage Stage, long Bytes, string? Note = null);

/// <summary>What is done with a file.</summary>
public enum FileStage
{
    /// <summary>Another process fetches it, and is waited for.</summary>
    Waiting,

    /// <summary>What an earlier run left is read again, for its hash.</summary>
    Rereading,

    /// <summary>Its bytes come in.</summary>
    Fetching,

    /// <summary>The connection failed, and is tried again after a pause.</summary>
    Retrying,

    /// <summary>It is whole, and its hash is right.</summary>
    Done,
}
