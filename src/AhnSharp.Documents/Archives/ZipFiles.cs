using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Threading;
using AhnSharp.Documents.Text;

namespace AhnSharp.Documents.Archives;

/// <summary>The files of an EPUB or a .docx by path, unpacked within a limit for all of them together.</summary>
/// <remarks>
/// Paths are found as other readers find them: exactly, else whatever their case, their slashes, a leading / or ./, and how their accents
/// are composed. Bytes before the archive are skipped. Lengths that it states are not believed: what is unpacked is counted.
/// </remarks>
internal sealed class ZipFiles : IDisposable
{
    private const int MaxFiles = 65_536;
    // A library's longest books list some thousand files: 1 MB.
    private const long MaxDirectoryBytes = 16L << 20;
    private readonly ZipArchive _archive;
    private readonly Dictionary<string, ZipArchiveEntry> _exact = [];
    private readonly Dictionary<string, ZipArchiveEntry> _alike = new(StringComparer.OrdinalIgnoreCase);
    private readonly UnpackedLimit _limit;
    private readonly string _kind;

    /// <param name="name">The archive, for messages.</param>
    /// <param name="bytes">It.</param>
    /// <param name="kind">What it should be, with its article.</param>
    /// <param name="limits">What it may unpack to.</param>
    public ZipFiles(string name, byte[] bytes, string kind, DocumentLimits limits)
    {
        (Name, _kind, _limit) = (name, kind, new UnpackedLimit(bytes.Length, limits));
        int start = ZipEnd.Start(bytes);
        _archive = new ZipArchive(new MemoryStream(bytes, start, bytes.Length - start), ZipArchiveMode.Read);
        if (_archive.Entries.Count > MaxFiles)
            throw new DocumentException(name, $"expected at most {MaxFiles:N0} files in {kind}, found {_archive.Entries.Count:N0}.");
        foreach (ZipArchiveEntry entry in _archive.Entries)
        {
            _exact.TryAdd(entry.FullName, entry);
            _alike.TryAdd(Key(entry.FullName), entry);
        }
    }

    public string Name { get; }

    /// <summary>All paths, with forward slashes and as short as they can be.</summary>
    public IEnumerable<string> Paths => _archive.Entries.Select(static entry => Key(entry.FullName)).Where(static path => path.Length > 0);

    public void Dispose() => _archive.Dispose();

    public bool Has(string path) => Find(path) is not null;

    /// <summary>A file that lists others: it may be less long.</summary>
    public byte[] ReadDirectory(string path, CancellationToken cancellationToken)
    {
        using Stream stream = Find(path)!.Open();
        return LimitedStream.ReadAll(stream, MaxDirectoryBytes, $"{Name}: {PlainName.Of(path)}", cancellationToken);
    }

    public byte[] Read(string path, CancellationToken cancellationToken)
    {
        using Stream stream = Find(path)!.Open();
        using MemoryStream bytes = new();
        byte[] buffer = new byte[1 << 16];
        for (int count; (count = stream.Read(buffer)) > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!_limit.Take(count))
            {
                throw new DocumentException(
                    Name, $"expected {_kind} whose text unpacks to {_limit.Sentence}, found more at {PlainName.Of(path)}.");
            }
            bytes.Write(buffer, 0, count);
        }
        return bytes.ToArray();
    }

    /// <summary>A path without . and .., with forward slashes and composed letters; one out of the archive begins at its root.</summary>
    public static string Key(string path)
    {
        string slashes = Nfc.Compose(path).Replace('\\', '/');
        if (!slashes.StartsWith('/') && !slashes.Contains("./", StringComparison.Ordinal)
            && !slashes.Contains("//", StringComparison.Ordinal)) return slashes;
        List<string> parts = [];
        foreach (string part in slashes.Split('/'))
        {
            if (part == "..")
            {
                if (parts.Count > 0) parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("" or ".")) parts.Add(part);
        }
        return string.Join('/', parts);
    }

    private ZipArchiveEntry? Find(string path) =>
        _exact.TryGetValue(path, out ZipArchiveEntry? entry) || _alike.TryGetValue(Key(path), out entry) ? entry : null;
}
