using System;
using System.IO;

namespace AhnSharp.Cli;

/// <summary>An output file that appears under its name when it is whole: until then it is NAME.part, and gone if the work ends early.</summary>
internal sealed class PartialFile : IDisposable
{
    private readonly string _path, _partPath;
    private FileStream? _stream;

    /// <summary>Opens NAME.part, which fails at once where nothing can be written.</summary>
    internal PartialFile(string path)
    {
        (_path, _partPath) = (path, path + ".part");
        _stream = new FileStream(_partPath, FileMode.Create, FileAccess.Write, FileShare.None);
    }

    /// <summary>Writes everything and gives the file its name.</summary>
    internal void Write(ReadOnlySpan<byte> bytes)
    {
        FileStream stream = _stream ?? throw new InvalidOperationException("The file is written already.");
        stream.Write(bytes);
        stream.Dispose();
        _stream = null;
        File.Move(_partPath, _path, overwrite: true);
    }

    public void Dispose()
    {
        if (_stream is null) return;
        _stream.Dispose();
        _stream = null;
        File.Delete(_partPath);
    }
}
