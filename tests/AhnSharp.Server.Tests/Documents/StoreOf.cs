using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks;
using AhnSharp.Server.Documents;
using AhnSharp.Snapshots;

namespace AhnSharp.Server.Tests.Documents;

/// <summary>What the tests of a store do again and again.</summary>
internal static class StoreOf
{
    /// <summary>Some pages of the book that the demo model knows.</summary>
    public static string Book(int characters, int from = 2_000) =>
        File.ReadAllText(Path.Combine(Fixture.Repository, "gguf", "dracula.txt"))[from..(from + characters)];

    public static Task<DocumentView> AddAsync(this DocumentStore store, string name, string text, string? model = null) =>
        store.AddAsync(new DocumentRequest { Name = name, Model = model }, new MemoryStream(Encoding.UTF8.GetBytes(text)));

    /// <summary>Waits for a document to be so, two minutes at most.</summary>
    public static async Task<DocumentView> UntilAsync(this DocumentStore store, string id, Predicate<DocumentView> isSo)
    {
        for (int tries = 0; tries < 12_000; tries++)
        {
            DocumentView view = store.Get(id);
            if (isSo(view)) return view;
            if (view.Record.IsSettled) break;
            await Task.Delay(10);
        }
        throw new TimeoutException($"found {store.Get(id)}");
    }

    public static async Task<DocumentRecord> ReadyAsync(this DocumentStore store, string id) =>
        (await store.UntilAsync(id, static view => view.Record.State == DocumentState.Ready)).Record;

    public static async Task<string> FailedAsync(this DocumentStore store, string id) =>
        (await store.UntilAsync(id, static view => view.Record.State == DocumentState.Failed)).Record.Error!;

    /// <summary>Files of a store without the lock, by their names in it.</summary>
    public static string[] Files(string folder) => [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(folder, path)).Where(static name => name != "store.lock").Order(StringComparer.Ordinal)];

    /// <summary>A copy of a store's files but its lock, as they are at one moment or another.</summary>
    public static void Copy(string folder, string to)
    {
        foreach (string name in Files(folder))
        {
            string copy = Path.Combine(to, name);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            try
            {
                // As cp does: a file that is being written is copied as far as it is.
                using FileStream from = new(
                    Path.Combine(folder, name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                using FileStream there = File.Create(copy);
                from.CopyTo(there);
            }
            catch (Exception gone) when (gone is FileNotFoundException or IOException)
            {
                // It has its name by now, or is locked by its writer: a partial file.
            }
        }
    }

    /// <summary>What a snapshot holds and its archive: all but the id that an archive has by chance.</summary>
    public static List<string> Contents(string path)
    {
        using SnapshotFile file = SnapshotFile.Open(path);
        file.Verify();
        byte[] snapshot = File.ReadAllBytes(path);
        List<string> contents = [.. file.Sections.Select(
            section => $"{section.Title} {Hash(snapshot, section.ByteOffset, section.ByteLength)}")];
        if (file.ArchiveName is not { } name) return contents;
        byte[] archive = File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(path)!, name));
        return [.. contents, Hash(archive, 4096, archive.Length - 4096)];

        static string Hash(byte[] bytes, long offset, long count) =>
            Convert.ToHexString(SHA256.HashData(bytes.AsSpan((int)offset, (int)count)));
    }
}
