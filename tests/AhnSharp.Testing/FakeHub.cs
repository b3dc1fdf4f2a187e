using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using AhnSharp.Hub;

namespace AhnSharp.Testing;

/// <summary>A hub on loopback with one repository, which speaks the protocol rightly but for what a test replaces.</summary>
internal sealed class FakeHub : IDisposable
{
    public const string Repo = "someone/tiny-GGUF";
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private readonly LoopbackServer _server;

    public FakeHub() => _server = new LoopbackServer(AnswerAsync);

    public Uri Address => _server.Address;

    /// <summary>The files; those that end with .gguf or .safetensors lie in large-file storage.</summary>
    public Dictionary<string, byte[]> Files { get; } = [];

    public string CurrentCommit { get; set; } = Commit;

    /// <summary>Answers a request for a file in place of the right answer.</summary>
    public Func<HttpCall, byte[], Task>? OnFile { get; set; }

    /// <summary>Answers any request in place of the right answer, where it returns true.</summary>
    public Func<HttpCall, Task<bool>>? OnCall { get; set; }

    /// <summary>Entries of a page of the list; all of them on one page where it is 0.</summary>
    public int PageLength { get; set; }

    /// <summary>Changes an entry of the list on its way.</summary>
    public Action<JsonObject>? OnEntry { get; set; }

    public IReadOnlyList<HttpCall> Calls => [.. _server.Calls];

    public IReadOnlyList<HttpCall> FileCalls => [.. Calls.Where(call => call.Path.Contains("/resolve/", StringComparison.Ordinal))];

    public IReadOnlyList<Exception> Faults => [.. _server.Faults];

    public static string Sha256Of(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

#pragma warning disable CA5350 // By this hash git names what it holds.
    public static string GitHashOf(byte[] content) =>
        Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content]));
#pragma warning restore CA5350

    public static bool IsLarge(string path) =>
        path.EndsWith(".gguf", StringComparison.Ordinal) || path.EndsWith(".safetensors", StringComparison.Ordinal);

    public static string BlobId(string path, byte[] content) => IsLarge(path) ? Sha256Of(content) : GitHashOf(content);

    /// <summary>Bytes that depend on the seed alone.</summary>
    public static byte[] Noise(int count, int seed)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Settings for this hub: no proxy, no pauses, impatient.</summary>
    public HubSettings Settings(string folder, string? token = null) => new()
    {
        Endpoint = Address,
        CacheFolder = folder,
        Token = token,
        UseProxy = false,
        StallLimit = TimeSpan.FromSeconds(5),
        Retry = new RetryPolicy { Wait = (_, _) => Task.CompletedTask },
    };

    public void Dispose() => _server.Dispose();

    public async Task AnswerAsync(HttpCall call)
    {
        if (OnCall is not null && await OnCall(call)) return;
        string path = call.Path;
        if (path.StartsWith($"/api/models/{Repo}/revision/", StringComparison.Ordinal))
        {
            await call.AnswerAsync(200, $$"""{"id": "{{Repo}}", "sha": "{{CurrentCommit}}"}""");
        }
        else if (path == $"/api/models/{Repo}/tree/{CurrentCommit}")
        {
            await ListAsync(call);
        }
        else if (path.StartsWith($"/{Repo}/resolve/{CurrentCommit}/", StringComparison.Ordinal)
            && Files.TryGetValue(path[$"/{Repo}/resolve/{CurrentCommit}/".Length..], out byte[]? content))
        {
            if (OnFile is not null) await OnFile(call, content);
            else await call.FileAsync(content, int.MaxValue, ("ETag", $"\"{BlobId(path, content)}\""), ("X-Repo-Commit", CurrentCommit));
        }
        else
        {
            await call.AnswerAsync(
                404, "{}", ("X-Error-Code", path.StartsWith("/api/models/", StringComparison.Ordinal) ? "RepoNotFound" : "EntryNotFound"));
        }
    }

    private async Task ListAsync(HttpCall call)
    {
        JsonObject[] entries = [.. Files.Select(file => Entry(file.Key, file.Value))];
        if (PageLength == 0)
        {
            await call.AnswerAsync(200, new JsonArray(entries).ToJsonString());
            return;
        }
        int at = call.Target.Contains("cursor=", StringComparison.Ordinal) ? int.Parse(call.Target.Split("cursor=")[1]) : 0;
        (string, string)[] link = at + PageLength < entries.Length
            ? [("Link", $"<{Address}api/models/{Repo}/tree/{CurrentCommit}?recursive=true&cursor={at + PageLength}>; rel=\"next\"")]
            : [];
        await call.AnswerAsync(200, new JsonArray([.. entries.Skip(at).Take(PageLength)]).ToJsonString(), link);
    }

    private JsonObject Entry(string path, byte[] content)
    {
        JsonObject entry = new() { ["type"] = "file", ["oid"] = GitHashOf(content), ["size"] = content.Length, ["path"] = path };
        if (IsLarge(path)) entry["lfs"] = new JsonObject { ["oid"] = Sha256Of(content), ["size"] = content.Length, ["pointerSize"] = 134 };
        OnEntry?.Invoke(entry);
        return entry;
    }
}
