using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Threading;

namespace AhnSharp.Documents.Epub;

/// <summary>The files of an EPUB by path, unpacked within a limit for all of them together.</summary>
internal sealed class EpubArchive
{
    private const int MostFiles = 65_536;
    // A library's longest books list some thousand files: 1 MB.
    private const long MostDirectoryBytes = 16L << 20;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = [];
    private readonly string _name;
    private readonly long _limit;
    private long _unpacked;

    public EpubArchive(string name, ZipArchive archive, DocumentLimits limits)
    {
        (_name, _limit) = (name, limits.UnpackedBytes);
        if (archive.Entries.Count > MostFiles) throw new DocumentException(name, $"expected at most {MostFiles:N0} files in an EPUB, found {archive.Entries.Count:N0}.");
        foreach (ZipArchiveEntry entry in archive.Entries) _entries.TryAdd(entry.FullName, entry);
    }

    public string Name => _name;

    public bool Has(string path) => _entries.ContainsKey(path);

    /// <summary>A file that lists others: it is read into objects, so it may be less long.</summary>
    public byte[] ReadDirectory(string path, CancellationToken cancellationToken)
    {
        using Stream stream = _entries[path].Open();
        return LimitedStream.ReadAll(stream, MostDirectoryBytes, $"{_name}: {path}", cancellationToken);
    }

    public byte[] Read(string path, CancellationToken cancellationToken)
    {
        using Stream stream = _entries[path].Open();
        using MemoryStream bytes = new();
        byte[] buffer = new byte[1 << 16];
        for (int count; (count = stream.Read(buffer)) > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if ((_unpacked += count) > _limit) throw new DocumentException(_name, $"expected an EPUB whose chapters unpack to at most {_limit:N0} bytes, found more at {path}.");
            bytes.Write(buffer, 0, count);
        }
        return bytes.ToArray();
    }
}
