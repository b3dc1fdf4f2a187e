using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Gguf;

namespace AhnSharp.Hub;

/// <summary>What the hub says of a repository: its commit, its files, and names like a wrong one.</summary>
/// <remarks>
/// <c>GET api/models/REPO/revision/REVISION</c> gives the commit (<c>sha</c>), <c>GET api/models/REPO/tree/COMMIT?recursive=true</c> the
/// files in pages, the next one in the header <c>Link: &lt;…&gt;; rel="next"</c>. Source: huggingface_hub ee0a4510, hf_api.py model_info
/// and list_repo_tree, utils/_pagination.py.
/// </remarks>
internal sealed class HubClient(HubConnection connection, HubSettings settings)
{
    private const int LargestAnswer = 64 << 20, MaxPages = 1000, MaxFiles = 1_000_000, MaxNear = 5;

    /// <summary>The commit and all files of a revision.</summary>
    public async Task<RemoteRepo> ListAsync(RepoName repo, string revision, CancellationToken cancellationToken)
    {
        HubQuestion question = new(repo, revision);
        Uri address = new(settings.Endpoint, $"api/models/{repo}/revision/{Uri.EscapeDataString(revision)}");
        string commit;
        using (JsonDocument info = (await JsonAsync(address, question, cancellationToken)).Json)
        {
            commit = Text(info.RootElement, "sha") is { } sha && FilePaths.IsCommit(sha) ? sha : throw NoHub(
                address, "a commit of 40 hex digits in 'sha'");
        }
        List<RemoteFile> files = [];
        HashSet<Uri> seen = [];
        for (Uri? page = new(settings.Endpoint, $"api/models/{repo}/tree/{commit}?recursive=true"); page is not null;)
        {
            if (!seen.Add(page) || seen.Count > MaxPages || files.Count > MaxFiles)
                throw new HubException($"{page.Authority} lists the files of {repo} without end: {seen.Count} pages, {files.Count} files.");
            (JsonDocument json, Uri? next) = await JsonAsync(page, question, cancellationToken);
            using (json) files.AddRange(Files(json.RootElement, page));
            page = next;
        }
        return new RemoteRepo(repo, revision, commit, files);
    }

    /// <summary>Names of models that the hub finds for a name that does not exist; none where it does not answer.</summary>
    public async Task<IReadOnlyList<string>> NearAsync(RepoName repo, CancellationToken cancellationToken)
    {
        Uri address = new(settings.Endpoint, $"api/models?search={Uri.EscapeDataString(repo.ShortName)}&limit={MaxNear}");
        try
        {
            (JsonDocument json, _) = await ReadAsync(address, new HubQuestion(repo, ""), cancellationToken);
            using (json)
            {
                if (json.RootElement.ValueKind != JsonValueKind.Array) return [];
                return [.. json.RootElement.EnumerateArray()
                    .Select(model => Text(model, "id")).OfType<string>().Where(id => RepoName.TryParse(id, out _)).Take(MaxNear)];
            }
        }
        catch (HubException)
        {
            // The sentence that this would only adorn is about to be said.
            return [];
        }
    }

    /// <summary>The files in a page of the hub's list.</summary>
    internal static IEnumerable<RemoteFile> Files(JsonElement page, Uri address)
    {
        if (page.ValueKind != JsonValueKind.Array) throw NoHub(address, "a list of files");
        foreach (JsonElement entry in page.EnumerateArray())
        {
            if (Text(entry, "type") != "file") continue;
            string path = Text(entry, "path") ?? throw NoHub(address, "a 'path' of every file"), gitId = Text(entry, "oid") ?? "";
            JsonElement large = entry.TryGetProperty("lfs", out JsonElement lfs) && lfs.ValueKind == JsonValueKind.Object ? lfs : entry;
            string id = Text(large, "oid") ?? "";
            if (!BlobHash.IsId(id) || !BlobHash.IsId(gitId)) throw NoHub(address, $"a hash of {FilePaths.Shown(path)} in 'oid'");
            if (!large.TryGetProperty("size", out JsonElement size) || size.ValueKind != JsonValueKind.Number
                || !size.TryGetInt64(out long bytes) || bytes < 0) throw NoHub(address, $"the size of {FilePaths.Shown(path)}");
            yield return new RemoteFile(path, bytes, id, gitId);
        }
    }

    private Task<(JsonDocument Json, Uri? Next)> JsonAsync(Uri address, HubQuestion question, CancellationToken cancellationToken) =>
        settings.Retry.RunAsync(() => ReadAsync(address, question, cancellationToken), cancellationToken);

    private async Task<(JsonDocument Json, Uri? Next)> ReadAsync(Uri address, HubQuestion question, CancellationToken cancellationToken)
    {
        using HubResponse response = await connection.GetAsync(address, null, cancellationToken);
        if (!response.Message.IsSuccessStatusCode) throw HubRefusal.Of(response.Message, response.Address, question, settings);
        if (response.Message.Content.Headers.ContentType?.MediaType is { } type
            && !type.EndsWith("json", StringComparison.OrdinalIgnoreCase)) throw NoHub(response.Address, "JSON", type);
        using MemoryStream body = await BodyAsync(response, cancellationToken);
        try
        {
            JsonDocument json = JsonDocument.Parse(body);
            if (JsonTexts.AreWhole(body.GetBuffer().AsSpan(0, (int)body.Length), json.RootElement)) return (json, Next(response));
            json.Dispose();
            throw NoHub(response.Address, JsonTexts.Expected, JsonTexts.Found);
        }
        catch (JsonException)
        {
            throw NoHub(response.Address, "JSON", "something that is none");
        }
    }

    private async Task<MemoryStream> BodyAsync(HubResponse response, CancellationToken cancellationToken)
    {
        MemoryStream body = new();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            await using Stream stream = await response.Message.Content.ReadAsStreamAsync(cancellationToken);
            while (await StallGuard.RunAsync(settings.StallLimit, response.Address, token => stream.ReadAsync(buffer, token).AsTask(),
                cancellationToken) is > 0 and int read)
            {
                body.Write(buffer, 0, read);
                if (body.Length > LargestAnswer) throw NoHub(response.Address, $"at most {LargestAnswer >> 20} MB", "more");
            }
        }
        catch (IOException failure)
        {
            throw new TransientException($"the connection to {response.Address.Authority} broke: {failure.Message}", inner: failure);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        body.Position = 0;
        return body;
    }

    // RFC 8288: <address>; rel="next", several of them between commas. The address may be relative.
    private Uri? Next(HubResponse response)
    {
        if (HubResponse.Header(response.Message, "Link") is not { } links) return null;
        foreach (string link in links.Split(','))
        {
            int open = link.IndexOf('<', StringComparison.Ordinal), close = link.IndexOf('>', StringComparison.Ordinal);
            bool isNext = link.Contains("rel=\"next\"", StringComparison.OrdinalIgnoreCase)
                || link.Contains("rel=next", StringComparison.OrdinalIgnoreCase);
            if (!isNext || open < 0 || close < open) continue;
            bool isAddress = Uri.TryCreate(response.Address, link[(open + 1)..close], out Uri? next);
            return isAddress && settings.IsEndpoint(next!)
                ? next
                : throw new HubException($"{response.Address.Authority} puts the next page of a list on another host "
                    + $"({FilePaths.Shown(link[(open + 1)..close])}), which is refused.");
        }
        return null;
    }

    private static string? Text(JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out JsonElement value)
            || value.ValueKind != JsonValueKind.String) return null;
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: valid JSON, and no text.
            return null;
        }
    }

    private static HubException NoHub(Uri address, string expected, string? found = null) => new(
        $"{address.GetLeftPart(UriPartial.Path)}: expected {expected}, as a hub answers, "
            + $"found {(found is null ? "none" : FilePaths.Shown(found)[1..^1])}; "
            + $"is HF_ENDPOINT right, and does no proxy or login page answer instead?");
}
