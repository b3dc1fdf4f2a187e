using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Files;
using AhnSharp.Server.Http;

namespace AhnSharp.Server.Documents;

/// <summary>The files of a store. Every name is made here, of hashes and ids; none comes from a client.</summary>
/// <remarks>
/// <code>
/// store.lock              held while a server has the folder
/// records/doc_ID.json     a document
/// contents/SHA256         bytes as they came, once for all documents that have them
/// texts/CONTENT.json      their text
/// readings/KEY.ahn        snapshot of a reading, its archive beside it; KEY.ahn.reading is its last checkpoint
/// uploads/ID              what is coming in
/// </code>
/// </remarks>
internal sealed class StoreFolder : DocumentFiles, IDisposable
{
    private readonly FileLock _lock;

    /// <exception cref="IOException">It cannot be written, or another server has it.</exception>
    public StoreFolder(string folder)
        : base(folder)
    {
        foreach (string part in new[] { "records", "contents", "texts", "readings", "uploads" })
            Directory.CreateDirectory(Path.Combine(Folder, part));
        _lock = FileLock.TryTake(Path.Combine(Folder, "store"))
            ?? throw new IOException($"{folder}: expected a folder of documents that no other server has, found one that another uses: "
                + "give each server a data folder of its own.");
        // What a killed server has left: nobody else writes here.
        foreach (string upload in Directory.GetFiles(Path.Combine(Folder, "uploads"))) File.Delete(upload);
        foreach (string part in new[] { "records", "texts" })
        {
            foreach (string partial in Directory.GetFiles(Path.Combine(Folder, part), "*.partial")) File.Delete(partial);
        }
    }

    public void Dispose() => _lock.Dispose();

    /// <inheritdoc cref="UploadSpool.SpoolAsync"/>
    public Task<Upload> SpoolAsync(Stream stream, long most, CancellationToken cancellation) =>
        UploadSpool.SpoolAsync(Path.Combine(Folder, "uploads"), stream, most, cancellation);

    public void Save(DocumentRecord record)
    {
        using PartialFile file = new(RecordPath(record.Id));
        file.Write(JsonReply.BytesOf(record.Write));
    }

    public void DeleteRecord(string id) => File.Delete(RecordPath(id));

    /// <summary>All records; and files that are none, which are left where they are.</summary>
    public (List<DocumentRecord> Records, List<string> Strange) Load()
    {
        List<DocumentRecord> records = [];
        List<string> strange = [];
        foreach (string path in Directory.GetFiles(Path.Combine(Folder, "records"), "*" + Ending))
        {
            try
            {
                var record = DocumentRecord.Parse(RegularFile.ReadAllBytes(path));
                if (RecordPath(record.Id) != path) throw new FormatException("expected the id that is the file's name");
                records.Add(record);
            }
            catch (FormatException e)
            {
                strange.Add($"{path}: {e.Message}");
            }
        }
        records.Sort(static (a, b) => a.Number.CompareTo(b.Number));
        return (records, strange);
    }

    /// <summary>Deletes every file that no record names.</summary>
    public void RemoveUnnamed(IReadOnlyCollection<DocumentRecord> records)
    {
        HashSet<string> contents = [], texts = [], readings = [];
        foreach (DocumentRecord record in records)
        {
            foreach (DocumentContent content in record.Contents)
            {
                contents.Add(content.Sha256);
                texts.Add(content.Key);
            }
            if (record.ReadingKey is { } key) readings.Add(key);
        }
        RemoveUnnamed("contents", contents);
        RemoveUnnamed("texts", texts);
        RemoveUnnamed("readings", readings);
    }

    private void RemoveUnnamed(string part, HashSet<string> named) => RemoveWhere(part, name => !named.Contains(StemOf(name)));

    private string RecordPath(string id) => Path.Combine(Folder, "records", id + Ending);
}
