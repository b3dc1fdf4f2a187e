using System;
using System.Buffers;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Threading;
using System.Threading.Tasks;

namespace AhnSharp.Hub;

/// <summary>Fetches one file: goes on where it was cut, as often as it takes, and believes nothing but the hash.</summary>
/// <remarks>
/// <c>GET REPO/resolve/COMMIT/FILE</c> answers with the file (ETag: its git hash) or with a redirect to where large files lie
/// (X-Linked-ETag: its SHA-256; X-Repo-Commit).
/// Source: huggingface_hub ee0a4510, file_download.py get_hf_file_metadata; ranges and If-Range: RFC 9110, 13.1.5 and 14.
/// </remarks>
internal sealed class BlobDownload(
    HubConnection connection, HubSettings settings, RemoteRepo repo, RemoteFile file, Action<FileStage, long, string?> report)
{
    private const int BufferBytes = 1 << 18;
    private readonly Uri _address = AddressOf(settings, repo, file);

    // What the address that the bytes came from called them: a range of something else must not be glued to them.
    private (Uri Address, EntityTagHeaderValue Etag)? _source;

    // Set when a server answered with a range that was not asked for.
    private bool _wholeOnly;

    /// <summary>Where the hub has a file at a commit.</summary>
    public static Uri AddressOf(HubSettings settings, RemoteRepo repo, RemoteFile file) => new(settings.Endpoint,
        $"{repo.Name}/resolve/{repo.Commit}/{string.Join('/', Array.ConvertAll(file.Path.Split('/'), Uri.EscapeDataString))}");

    /// <summary>Fills the partial file.</summary>
    /// <returns>Bytes that came over the network.</returns>
    public async Task<long> FillAsync(PartialBlob partial, CancellationToken cancellationToken)
    {
        long fetched = 0, furthest = partial.Bytes;
        for (int failures = 0; !partial.IsFull;)
        {
            try
            {
                await FetchAsync(partial, count => fetched += count, cancellationToken);
                if (!partial.IsFull)
                    throw new TransientException($"{FilePaths.Shown(file.Path)} ended after {partial.Bytes:N0} of {file.Bytes:N0} bytes.");
            }
            catch (TransientException failure)
            {
                // Only what no earlier attempt reached is progress: a server that begins anew each time must not hold us for ever.
                failures = partial.Bytes > furthest ? 1 : failures + 1;
                furthest = Math.Max(furthest, partial.Bytes);
                report(FileStage.Retrying, partial.Bytes, failure.Message);
                await settings.Retry.PauseAsync(failure, failures, cancellationToken);
            }
        }
        return fetched;
    }

    private async Task FetchAsync(PartialBlob partial, Action<int> count, CancellationToken cancellationToken)
    {
        if (_wholeOnly) partial.Clear();
        using HubResponse response = await connection.GetAsync(
            _address, (request, address) => AskForRest(request, address, partial.Bytes), cancellationToken);
        CheckIdentity(response);
        Begin(response, partial);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            await using Stream body = await response.Message.Content.ReadAsStreamAsync(cancellationToken);
            while (await StallGuard.RunAsync(settings.StallLimit, response.Address,
                token => ReadAsync(body, buffer, response.Address, token), cancellationToken) is > 0 and int read)
            {
                await partial.AppendAsync(buffer.AsMemory(0, read), cancellationToken);
                count(read);
                report(FileStage.Fetching, partial.Bytes, null);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Only what the network does is tried again: a disk that is full stays so.
    private static async Task<int> ReadAsync(Stream body, byte[] buffer, Uri address, CancellationToken cancellationToken)
    {
        try
        {
            return await body.ReadAsync(buffer, cancellationToken);
        }
        catch (IOException cut)
        {
            throw new TransientException($"the connection to {address.Authority} broke: {cut.Message}", inner: cut);
        }
    }

    private void AskForRest(HttpRequestMessage request, Uri address, long from)
    {
        if (from == 0) return;
        request.Headers.Range = new RangeHeaderValue(from, null);
        if (_source is { } source && !source.Etag.IsWeak
            && source.Address.GetLeftPart(UriPartial.Path) == address.GetLeftPart(UriPartial.Path))
        {
            request.Headers.IfRange = new RangeConditionHeaderValue(source.Etag);
        }
    }

    // The commit was named in the question, so another content is a broken or a lying server.
    private void CheckIdentity(HubResponse response)
    {
        string? named = HubResponse.Plain(response.LinkedEtag);
        if (named is not null && BlobHash.IsId(named) && named != file.BlobId)
        {
            throw new HubException($"{FilePaths.Shown(file.Path)}: the list of {repo.Name} gives it the hash {file.BlobId}, "
                + $"its own address {named}; the hub contradicts itself, try again later.");
        }
        if (response.Commit is { } commit && FilePaths.IsCommit(commit) && commit != repo.Commit)
        {
            throw new HubException($"{FilePaths.Shown(file.Path)}: asked for at the commit {repo.Commit}, answered from {commit}; "
                + "the hub contradicts itself, try again later.");
        }
    }

    /// <summary>Proves that the body is the rest of the file, or its whole: the partial file then stands where the body begins.</summary>
    private void Begin(HubResponse response, PartialBlob partial)
    {
        HttpResponseMessage answer = response.Message;
        if (answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            throw partial.KeepAside($"{FilePaths.Shown(file.Path)}: expected {file.Bytes:N0} bytes by the list of {repo.Name}, "
                + $"and {response.Address.Authority} has {Length(answer.Content.Headers.ContentRange?.Length)}");
        }
        if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.PartialContent))
            throw HubRefusal.Of(answer, response.Address, new HubQuestion(repo.Name, repo.Revision, file.Path), settings);
        if (answer.Content.Headers.ContentEncoding.Count > 0)
            throw new TransientException($"{response.Address.Authority} compresses {FilePaths.Shown(file.Path)}, which was not asked for.");

        bool isRest = answer.StatusCode == HttpStatusCode.PartialContent;
        bool isOther = partial.Bytes > 0 && _source is { } before && answer.Headers.ETag is { } now
            && before.Address.GetLeftPart(UriPartial.Path) == response.Address.GetLeftPart(UriPartial.Path) && !before.Etag.Equals(now);
        if (isRest) CheckRange(response, partial, isOther);
        else partial.Clear();
        if (answer.Headers.ETag is { } etag) _source = (response.Address, etag);

        if (answer.Content.Headers.ContentLength is { } announced && announced != file.Bytes - partial.Bytes)
        {
            throw new TransientException($"{response.Address.Authority} announces {announced:N0} bytes of {FilePaths.Shown(file.Path)}, "
                + $"expected {file.Bytes - partial.Bytes:N0}.");
        }
    }

    private void CheckRange(HubResponse response, PartialBlob partial, bool isOther)
    {
        ContentRangeHeaderValue? range = response.Message.Content.Headers.ContentRange;
        if (isOther)
        {
            partial.Clear();
            _source = null;
            throw new TransientException(
                $"{FilePaths.Shown(file.Path)} changed at {response.Address.Authority} while it was fetched; it is begun anew.");
        }
        if (range?.Length is { } length && length != file.Bytes)
        {
            throw partial.KeepAside($"{FilePaths.Shown(file.Path)}: expected {file.Bytes:N0} bytes by the list of {repo.Name}, "
                + $"and {response.Address.Authority} has {Length(length)}");
        }
        if (range?.From != partial.Bytes || range.Unit != "bytes" || (range.To is { } to && to != file.Bytes - 1))
        {
            _wholeOnly = true;
            throw new TransientException($"{response.Address.Authority} was asked for {FilePaths.Shown(file.Path)} from byte "
                + $"{partial.Bytes:N0} on, and sends {range?.ToString() ?? "a part without saying which"}.");
        }
    }

    private static string Length(long? bytes) => bytes is { } known ? $"{known:N0}" : "another number";
}
