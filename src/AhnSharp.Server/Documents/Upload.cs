using System;
using System.IO;

namespace AhnSharp.Server.Documents;

/// <summary>Bytes that came in and are no document yet; gone when it is disposed, unless one took them.</summary>
/// <param name="path">Where they lie.</param>
/// <param name="bytes">How many.</param>
/// <param name="sha256">Their hash, in hex.</param>
internal sealed class Upload(string path, long bytes, string sha256) : IDisposable
{
    public long Bytes => bytes;

    public string Sha256 => sha256;

    /// <summary>Gives them their place, unless the same bytes have it.</summary>
    public void MoveTo(string kept)
    {
        if (!File.Exists(kept)) File.Move(path, kept);
    }

    public void Dispose() => File.Delete(path);
}
