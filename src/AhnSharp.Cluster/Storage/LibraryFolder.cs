using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using AhnSharp.Files;
using AhnSharp.Server.Documents;
using AhnSharp.Server.Http;

namespace AhnSharp.Cluster.Storage;

/// <summary>A library as it lies on the file system that all its servers share.</summary>
/// <remarks>
/// <code>
/// records/XX/ID/VERSION        what is remembered of a document (<see cref="VersionedFolder"/>)
/// documents/XX/ID/contents …   its bytes, text and reading, as <see cref="DocumentFiles"/> names them; XX: the id's first two digits
/// documents/XX/ID/document.lock   held by whoever reads it
/// uploads/ID                   what is coming in
/// </code>
/// A reading that is ready is never written again, so whoever has its record may open it: to answer, no server asks another.
/// </remarks>
internal sealed class LibraryFolder : IDisposable
{
    private const string Prefix = "doc_";
    private const int IdLength = 36;
    private readonly VersionedFolder _records;
    private readonly FileLock? _alone;

    /// <param name="folder">The folder; it is made where there is none.</param>
    /// <param name="isAlone">Whether one server has it for itself.</param>
    /// <exception cref="IOException">It cannot be written, or another server has it for itself.</exception>
    public LibraryFolder(string folder, bool isAlone)
    {
        Folder = Path.GetFullPath(folder);
        Directory.CreateDirectory(Folder);
        // Two servers that know nothing of each other would lose nothing here, but each would read what the other reads.
        if (isAlone)
        {
            _alone = FileLock.TryTake(Path.Combine(Folder, "library")) ?? throw new IOException($"{folder}: expected a library that no "
                + "other server has, found one that another uses: servers that share a library all say the same --cluster.");
        }
        foreach (string part in new[] { "documents", "uploads" }) Directory.CreateDirectory(Path.Combine(Folder, part));
        _records = new VersionedFolder(Path.Combine(Folder, "records"));
        // What a killed server has left; an upload that is under way is written to all the time.
        foreach (string upload in Directory.GetFiles(Uploads))
        {
            if (File.GetLastWriteTimeUtc(upload) < DateTime.UtcNow.AddDays(-1)) File.Delete(upload);
        }
    }

    public string Folder { get; }

    public string Uploads => Path.Combine(Folder, "uploads");

    public void Dispose() => _alone?.Dispose();

    /// <summary>The ids of all documents, those that were deleted too.</summary>
    public IEnumerable<string> Ids() => _records.Names();

    /// <summary>Where the files of a document lie.</summary>
    public DocumentFiles FilesOf(string id) => new(Path.Combine(Folder, "documents", id.Substring(Prefix.Length, 2), id));

    /// <inheritdoc cref="FilesOf(string)"/>
    public DocumentFiles FilesOf(DocumentRecord record) => FilesOf(record.Id);

    /// <summary>Makes the folders that <see cref="FilesOf(string)"/> names.</summary>
    public DocumentFiles MakeFilesOf(string id)
    {
        DocumentFiles files = FilesOf(id);
        foreach (string part in new[] { "contents", "texts", "readings" }) Directory.CreateDirectory(Path.Combine(files.Folder, part));
        return files;
    }

    /// <summary>What is remembered of a document, and its version; version 0: there never was one, null: there is none.</summary>
    public (DocumentRecord? Record, long Version) Read(string id)
    {
        if (!IsId(id)) return (null, 0);
        if (_records.Read(id) is not { } value) return (null, 0);
        return (value.IsDeleted ? null : DocumentRecord.Parse(value.Bytes), value.Version);
    }

    /// <summary>Replaces what is remembered.</summary>
    /// <inheritdoc cref="VersionedFolder.Write(string, long, ReadOnlySpan{byte})"/>
    public long Write(DocumentRecord record, long expected) => _records.Write(record.Id, expected, JsonReply.BytesOf(record.Write));

    /// <summary>Forgets a document, and then deletes its files.</summary>
    public long Delete(string id, long expected)
    {
        long version = _records.Delete(id, expected);
        RemoveFiles(id);
        return version;
    }

    /// <summary>Deletes the files of a document that was forgotten; what is open stays readable until it is closed.</summary>
    public void RemoveFiles(string id)
    {
        string folder = FilesOf(id).Folder;
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    /// <summary>Whether a text can be the id of a document: it becomes the name of a folder.</summary>
    public static bool IsId(string id) => id.Length == IdLength && id.StartsWith(Prefix, StringComparison.Ordinal)
        && id.Skip(Prefix.Length).All(char.IsAsciiHexDigitLower);
}
