using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using AhnSharp.Documents;
using AhnSharp.Documents.Reading;
using AhnSharp.Snapshots;

namespace AhnSharp.Server.Documents;

/// <summary>Where the files of documents lie in a folder: their bytes, their texts, their readings.</summary>
/// <param name="folder">The folder; nothing is made in it here.</param>
internal class DocumentFiles(string folder)
{
    /// <summary>What files of JSON end with.</summary>
    protected const string Ending = ".json";

    /// <summary>The folder, its whole path.</summary>
    public string Folder { get; } = Path.GetFullPath(folder);

    /// <summary>Where readings and their archives lie.</summary>
    public string Readings => Path.Combine(Folder, "readings");

    /// <summary>Bytes of all files.</summary>
    public long UsedBytes
    {
        get
        {
            long bytes = 0;
            foreach (FileInfo file in new DirectoryInfo(Folder).EnumerateFiles("*", SearchOption.AllDirectories))
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

    public string Content(DocumentContent content) => Path.Combine(Folder, "contents", content.Sha256);

    public string Text(DocumentContent content) => Path.Combine(Folder, "texts", content.Key + Ending);

    public string Reading(string key) => Path.Combine(Readings, key + ".ahn");

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

    protected void RemoveWhere(string part, Predicate<string> goes)
    {
        foreach (string path in Directory.GetFiles(Path.Combine(Folder, part)))
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

    protected static string StemOf(string name) => name.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot ? name[..dot] : name;
}
