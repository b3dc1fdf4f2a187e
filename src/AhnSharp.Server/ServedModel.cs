using System;

namespace AhnSharp.Server;

/// <summary>A model under the name that requests say.</summary>
/// <param name="Id">The name.</param>
/// <param name="Path">Its GGUF file.</param>
/// <param name="AdapterPath">The file of the memory beside it; null: none.</param>
public sealed record ServedModel(string Id, string Path, string? AdapterPath = null)
{
    /// <summary>When its file was written.</summary>
    internal DateTimeOffset Created => System.IO.File.GetLastWriteTimeUtc(Path) is { Year: > 1970 } time ? time : DateTimeOffset.UnixEpoch;

    /// <summary>Bytes of its files.</summary>
    internal long Bytes => BytesOf(Path) + (AdapterPath is null ? 0 : BytesOf(AdapterPath));

    private static long BytesOf(string path) => new System.IO.FileInfo(path) is { Exists: true } file ? file.Length : 0;
}
