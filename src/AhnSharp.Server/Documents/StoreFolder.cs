using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Documents;
using AhnSharp.Documents.Reading;
using AhnSharp.Files;
using AhnSharp.Server.Http;
using AhnSharp.Snapshots;
using Microsoft.AspNetCore.Http;

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
internal sealed class StoreFolder : IDisposable
{
    private const string Ending = ".json";
    private readonly string _folder;
    private readonly FileLock _lock;

    /// <exception cref="IOException">It cannot be written, or another server has it.</exception>
    public StoreFolder(string folder)
    {
        _folder = Path.GetFullPath(folder);
        foreach (string part in new[] { "records", "contents", "texts", "readings", "uploads" })
            Directory.CreateDirectory(Path.Combine(_folder, part));
        _lock = FileLock.TryTake(Path.Combine(_folder, "store"))
            ?? throw new IOException($"{folder}: expected a folder of documents that no other server has, found one that another uses: "
                + "give each server a data folder of its own.");
        // What a killed server has left: nobody else writes here.
        foreach (string upload in Directory.GetFiles(Path.Combine(_folder, "uploads"))) File.Delete(upload);
        foreach (string part in new[] { "records", "texts" })
        {
            foreach (string partial in Directory.GetFiles(Path.Combine(_folder, part), "*.partial")) File.Delete(partial);
        }
    }

    /// <summary>Where readings and their archives lie.</summary>
    public string Readings => Path.Combine(_folder, "readings");

    /// <summary>Bytes of all files.</summary>
    public long UsedBytes
    {
        get
        {
            long bytes = 0;
            foreach (FileInfo file in new DirectoryInfo(_folder).EnumerateFiles("*", SearchOption.AllDirectories))
            {
                try
                {
                    bytes += file.Length;
                }
                catch (FileNotFoundException)
                {
                    // A partial file that has its name by now.
                }
            }
            return bytes;
        }
    }

    public string Content(DocumentContent content) => Path.Combine(_folder, "contents", content.Sha256);

    public string Text(DocumentContent content) => Path.Combine(_folder, "texts", content.Key + Ending);

    public string Reading(string key) => Path.Combine(Readings, key + ".ahn");

    public void Dispose() => _lock.Dispose();

    /// <summary>Takes a stream to the disk.</summary>
    /// <exception cref="ApiException">It has more bytes than one may have, or the disk takes no more; nothing stays.</exception>
    public async Task<Upload> SpoolAsync(Stream stream, long most, CancellationToken cancellation)
    {
        string path = Path.Combine(_folder, "uploads", Guid.NewGuid().ToString("N"));
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long bytes = 0;
            await using (FileStream file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: true))
            {
                byte[] buffer = new byte[1 << 16];
                for (int count; (count = await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
                {
                    bytes += count;
                    if (bytes > most)
                    {
                        throw new ApiException(StatusCodes.Status413PayloadTooLarge, "file_too_large", string.Create(
                            CultureInfo.InvariantCulture, $"file: expected at most {most} bytes, found {bytes} and more."))
                        { Parameter = "file" };
                    }
                    hash.AppendData(buffer, 0, count);
                    await WriteAsync(file, buffer.AsMemory(0, count), cancellation).ConfigureAwait(false);
                }
                // The record that will name it is on the disk before the client is told: so must these be.
                await WriteAsync(file, null, cancellation).ConfigureAwait(false);
            }
            return new Upload(path, bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

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
        foreach (string path in Directory.GetFiles(Path.Combine(_folder, "records"), "*" + Ending))
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

    /// <summary>What the model was told that the files of a reading are called, which has begun; null: none has.</summary>
    public IReadOnlyList<string>? NamesRead(string key)
    {
        try
        {
            return DocumentReading.FindResumable(Reading(key))?.Documents.Select(static entry => entry.Name).ToList();
        }
        catch (Exception damaged) when (damaged is SnapshotException or DocumentException)
        {
            return null; // it is read from its beginning
        }
    }

    /// <summary>Deletes a reading that cannot be gone on with.</summary>
    public void DeleteReading(string key) => RemoveWhere("readings", name => StemOf(name) == key);

    private void RemoveUnnamed(string part, HashSet<string> named) => RemoveWhere(part, name => !named.Contains(StemOf(name)));

    private void RemoveWhere(string part, Predicate<string> goes)
    {
        foreach (string path in Directory.GetFiles(Path.Combine(_folder, part)))
        {
            if (!goes(Path.GetFileName(path))) continue;
            try
            {
                File.Delete(path);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Windows keeps what is mapped: it goes when the store is opened next.
            }
        }
    }

    private static string StemOf(string name) => name.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot ? name[..dot] : name;

    private string RecordPath(string id) => Path.Combine(_folder, "records", id + Ending);

    private static async Task WriteAsync(FileStream file, ReadOnlyMemory<byte>? bytes, CancellationToken cancellation)
    {
        try
        {
            if (bytes is { } some) await file.WriteAsync(some, cancellation).ConfigureAwait(false);
            else file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            // The system's sentence names the file.
            throw new ApiException(StatusCodes.Status507InsufficientStorage, "storage_full",
                "file: the disk of this server takes no more of it: delete documents, or ask who runs it.");
        }
    }
}
