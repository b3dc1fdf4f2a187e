using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;

namespace AhnSharp.Hub;

/// <summary>The list of a commit's files in the cache: <c>trees/COMMIT.json</c>. It gives a partial blob its name back.</summary>
/// <remarks>
/// <c>{"format_version": 1, "files": {"PATH": {"size", "blob_id", "lfs_sha256"?, "lfs_size"?}}}</c>; written once a
/// commit, as commits do not change.
/// Source: huggingface_hub ee0a4510, _tree_cache.py.
/// </remarks>
internal static class TreeFile
{
    private const int FormatVersion = 1;

    public static void Write(HubCache cache, RemoteRepo repo)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("format_version", FormatVersion);
            json.WriteStartObject("files");
            foreach (RemoteFile file in repo.Files.DistinctBy(file => file.Path).OrderBy(file => file.Path, StringComparer.Ordinal))
            {
                json.WriteStartObject(file.Path);
                json.WriteNumber("size", file.Bytes);
                json.WriteString("blob_id", file.GitId);
                if (file.BlobId.Length == BlobHash.Sha256Digits)
                {
                    json.WriteString("lfs_sha256", file.BlobId);
                    json.WriteNumber("lfs_size", file.Bytes);
                }
                json.WriteEndObject();
            }
            json.WriteEndObject();
            json.WriteEndObject();
        }
        HubCache.ReplaceText(cache.TreePath(repo.Name, repo.Commit), Encoding.UTF8.GetString(buffer.ToArray()));
    }

    /// <summary>The files of every listed commit by the id of their blob; a list that cannot be read names nothing.</summary>
    public static IReadOnlyDictionary<string, RepoFile> Names(HubCache cache, RepoName repo)
    {
        Dictionary<string, RepoFile> names = new(StringComparer.Ordinal);
        string folder = Path.GetDirectoryName(cache.TreePath(repo, "x"))!;
        if (!Directory.Exists(folder)) return names;
        foreach (string path in Directory.EnumerateFiles(folder, "*.json"))
        {
            try
            {
                using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
                foreach (JsonProperty file in json.RootElement.GetProperty("files").EnumerateObject())
                {
                    string? large = file.Value.TryGetProperty("lfs_sha256", out JsonElement hash) ? hash.GetString() : null;
                    string id =
                        large ?? file.Value.GetProperty("blob_id").GetString() ?? throw new FormatException("a file without a hash");
                    names[id] = new RepoFile(file.Name, file.Value.GetProperty("size").GetInt64());
                }
            }
            catch (Exception unreadable)
                when (unreadable is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                // Another version's, or broken: the partial file is then listed by its hash.
            }
        }
        return names;
    }
}
