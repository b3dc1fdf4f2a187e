using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using AhnSharp.Gguf;
using AhnSharp.Hub;

namespace AhnSharp.Fuzz;

/// <summary>What a hub, or a program that shares its cache, says of files.</summary>
internal static class HubTargets
{
    private const string Repo = "owner/model-GGUF";

    private const string Git = "0123456789abcdef0123456789abcdef01234567", Sha256 = Git + "89abcdef0123456789abcdef";

    private const string List = $$$"""
        [{"type":"file","oid":"{{{Git}}}","size":120,"path":"README.md"},{"type":"directory","oid":"{{{Git}}}","size":0,"path":"q8"}
        """ + $$$"""
        ,{"type":"file","oid":"{{{Git}}}","size":99,"path":"model-q4_k_m.gguf","lfs":{"oid":"{{{Sha256}}}","size":9000,"pointerSize":134}}
        """ + $$$"""
        ,{"type":"file","oid":"{{{Git}}}","size":5,"path":"q8/model-q8_0-00001-of-00002.gguf"}]
        """;

    private const string Tree = $$$"""
        {"format_version":1,"files":{"model-q4_k_m.gguf":{"size":9000,"blob_id":"{{{Git}}}","lfs_sha256":"{{{Sha256}}}","lfs_size":9000}
        """ + $$$"""
        ,"README.md":{"size":120,"blob_id":"{{{Git}}}"} } }
        """;

    private static readonly string[] s_wishes =
        [Repo, Repo + ":q4_k_m", Repo + ":q8/model-q8_0-00001-of-00002.gguf", "https://huggingface.co/owner/model/blob/main/a%2Fb.gguf"];

    private static readonly string[] s_words =
    [
        "path", "oid", "lfs", "size", "file", "..", "../x", "a/b.gguf", "CON", "model-q8_0-00002-of-00002.gguf",
        "model-00001-of-99999.gguf",
        "model.safetensors", "model.safetensors.index.json", "config.json", "lfs_sha256", "blob_id", "files",
    ];

    public static IEnumerable<FuzzTarget> All =>
    [
        new()
        {
            Name = "hub-list",
            Extension = ".json",
            Seeds = static () => [Encoding.UTF8.GetBytes(List)],
            Mutate = static (random, seeds) => Mutator.Json(random, seeds, s_words),
            Read = static (bytes, _) => ReadList(bytes),
            IsExpected = static e => e is HubException or JsonException,
            BytesPerByte = 400,
            ConstantBytes = 1 << 20,
            InputsInSuite = 2000,
        },
        new()
        {
            Name = "hub-cache",
            Extension = ".json",
            Seeds = static () => [Encoding.UTF8.GetBytes(Tree)],
            Mutate = static (random, seeds) => Mutator.Json(random, seeds, s_words),
            Read = ReadTree,
            IsExpected = static _ => false,
            Refuses = false,
            BytesPerByte = 400,
            ConstantBytes = 1 << 20,
            InputsInSuite = 1000,
        },
        new()
        {
            Name = "hub-name",
            Extension = ".txt",
            Seeds = static () => [.. s_wishes.Select(Encoding.UTF8.GetBytes)],
            Words = ["..", "/", "//", ":", "--", "%2F", "%2E%2E", "?", "#", "tree/", "hf.co/", "https://", "hf://", "models/"],
            Read = static (bytes, path) => ReadName(Encoding.UTF8.GetString(bytes), Path.GetDirectoryName(path)!),
            IsExpected = static e => e is HubException,
            BytesPerByte = 400,
            ConstantBytes = 1 << 20,
            InputsInSuite = 4000,
        },
    ];

    private static void ReadList(byte[] bytes)
    {
        using JsonDocument page = JsonDocument.Parse(bytes);
        if (!JsonTexts.AreWhole(bytes, page.RootElement)) throw new HubException("half a character.");
        List<RemoteFile> files = [.. HubClient.Files(page.RootElement, new Uri("https://hub/a"))];
        List<Exception> refusals = [];
        foreach (string wish in s_wishes)
        {
            if (!ModelReference.TryParse(wish, out ModelReference? reference)) throw new InvalidOperationException($"{wish} is no name");
            try
            {
                FileChoice.Of(reference, files);
            }
            catch (HubException refusal)
            {
                refusals.Add(refusal);
            }
        }
        // Every path that a file would be written to lies below the cache, or is refused.
        foreach (RemoteFile file in files) FilePaths.Below("/cache", file.Path);
        if (refusals.Count == s_wishes.Length) throw refusals[0];
    }

    // A list that cannot be read names nothing: the cache is somebody else's too.
    private static void ReadTree(byte[] bytes, string path)
    {
        HubCache cache = new(Path.Combine(Path.GetDirectoryName(path)!, "hub"));
        if (!RepoName.TryParse(Repo, out RepoName? repo)) throw new InvalidOperationException($"{Repo} is no name");
        string list = cache.TreePath(repo, Git);
        Directory.CreateDirectory(Path.GetDirectoryName(list)!);
        File.WriteAllBytes(list, bytes);
        TreeFile.Names(cache, repo);
    }

    private static void ReadName(string text, string folder)
    {
        if (!ModelReference.TryParse(text, out ModelReference? reference)) throw new HubException($"{FilePaths.Shown(text)} is no name.");
        HubCache cache = new(Path.Combine(folder, "none"));
        string place = Path.GetFullPath(cache.RepoFolder(reference.Repo));
        if (Path.GetDirectoryName(place) != cache.Folder) throw new InvalidOperationException($"{place} lies outside {cache.Folder}");
        cache.Find(reference, reference.Revision);
    }
}
