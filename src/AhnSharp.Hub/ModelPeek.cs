using System;
using System.Buffers;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http.Headers;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Gguf;

namespace AhnSharp.Hub;

/// <summary>Fetches the headers of a GGUF model and nothing of its weights, so that it can be judged before it is fetched.</summary>
/// <remarks>
/// A header is keys, which hold the tokenizer (6 MB of Qwen's), and the list of tensors; how long it is stands nowhere. So the first
/// megabytes are asked for, and twice as much until the first tensor lies behind what came. They are put into files of the models' full
/// lengths, which take no more room than what came where the disk knows holes; nothing of it gets into the cache, for no hash proves it.
/// </remarks>
internal sealed class ModelPeek : IDisposable
{
    private const int FirstBytes = 8 << 20, FirstBytesOfFurtherParts = 1 << 19, MostBytes = 128 << 20, BufferBytes = 1 << 16;
    private readonly string _folder = Directory.CreateTempSubdirectory("ahn-peek-").FullName;
    private readonly HubSettings _settings;

    private ModelPeek(HubSettings settings, RemoteRepo repo, ModelChoice<RemoteFile> choice) =>
        (_settings, Repo, Choice) = (settings, repo, choice);

    /// <summary>The repository.</summary>
    public RemoteRepo Repo { get; }

    /// <summary>What of it was meant.</summary>
    public ModelChoice<RemoteFile> Choice { get; }

    /// <summary>A file with the model's header and holes where its weights would be: it can be planned with, not run.</summary>
    public string Path => System.IO.Path.Combine(_folder, System.IO.Path.GetFileName(Choice.Files[0].Path));

    /// <summary>Bytes of headers that came over the network.</summary>
    public long FetchedBytes { get; private set; }

    /// <summary>Fetches the headers.</summary>
    /// <exception cref="HubException">It cannot be had, or is no GGUF model; the message is one sentence.</exception>
    public static async Task<ModelPeek> RunAsync(
        HubSettings settings, ModelReference reference, string revision, CancellationToken cancellationToken)
    {
        if (FilePaths.Flaw(revision) is { } flaw) throw new HubException($"the revision {FilePaths.Shown(revision)} is refused: {flaw}.");
        using HubConnection connection = new(settings);
        RemoteRepo repo = await ModelPull.ListAsync(connection, settings, reference, revision, cancellationToken);
        ModelChoice<RemoteFile> choice = FileChoice.Of(reference, repo.Files);
        return choice.Kind == ModelKind.Gguf ? await RunAsync(settings, connection, repo, choice, cancellationToken)
            : throw new HubException($"{reference} is no GGUF model but {(choice.Kind == ModelKind.Folder ? "safetensors" : "a file")}; "
                + "name a repository with GGUF files.");
    }

    /// <summary>The same of files that were listed and chosen already.</summary>
    public static async Task<ModelPeek> RunAsync(
        HubSettings settings, HubConnection connection, RemoteRepo repo, ModelChoice<RemoteFile> choice,
        CancellationToken cancellationToken)
    {
        ModelPeek peek = new(settings, repo, choice);
        try
        {
            for (int i = 0; i < peek.Choice.Files.Count; i++)
                await peek.FetchAsync(connection, peek.Choice.Files[i], i == 0 ? FirstBytes : FirstBytesOfFurtherParts, cancellationToken);
            return peek;
        }
        catch
        {
            peek.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    private async Task FetchAsync(HubConnection connection, RemoteFile file, long wanted, CancellationToken cancellationToken)
    {
        string path = FilePaths.Below(_folder, System.IO.Path.GetFileName(file.Path));
        using (FileStream holes = new(path, FileMode.CreateNew, FileAccess.Write)) holes.SetLength(file.Bytes);
        for (long have = 0; ; wanted *= 2)
        {
            long from = have, until = Math.Min(wanted, file.Bytes);
            have = await _settings.Retry.RunAsync(
                () => FetchAsync(connection, file, path, from, until, cancellationToken), cancellationToken);
            if (HoldsHeader(path, have, out Exception? why)) return;
            if (have == file.Bytes || have >= MostBytes || !BeginsAsGguf(path))
            {
                string name = System.IO.Path.GetFileName(path);
                string flaw = why?.Message.Replace(path, name, StringComparison.Ordinal) ?? "it has no tensors.";
                throw new HubException($"{FilePaths.Shown(file.Path)} of {Repo.Name} is no GGUF file that is read here: {flaw}");
            }
        }
    }

    // What the file would be whole is read as if it were: with less than its header there is nothing but zeros somewhere in it.
    private static bool HoldsHeader(string path, long have, out Exception? why)
    {
        try
        {
            using GgufPart part = GgufPart.Open(path, 0, memoryMap: false);
            why = null;
            return part.Header.Tensors.Length == 0 ? have == part.ByteLength : part.Header.Tensors.Min(tensor => tensor.ByteOffset) <= have;
        }
        catch (InvalidModelException incomplete)
        {
            why = incomplete;
            return false;
        }
    }

    private static bool BeginsAsGguf(string path)
    {
        Span<byte> letters = stackalloc byte[4];
        using FileStream header = File.OpenRead(path);
        return header.ReadAtLeast(letters, 4, throwOnEndOfStream: false) == 4 && letters.SequenceEqual("GGUF"u8);
    }

    // Returns how many bytes of the file's beginning are there.
    private async Task<long> FetchAsync(
        HubConnection connection, RemoteFile file, string path, long from, long until, CancellationToken cancellationToken)
    {
        if (from >= until) return from;
        using HubResponse response = await connection.GetAsync(BlobDownload.AddressOf(_settings, Repo, file),
            (request, _) => request.Headers.Range = new RangeHeaderValue(from, until - 1), cancellationToken);
        HttpStatusCode status = response.Message.StatusCode;
        if (status is not (HttpStatusCode.OK or HttpStatusCode.PartialContent))
            throw HubRefusal.Of(response.Message, response.Address, new HubQuestion(Repo.Name, Repo.Revision, file.Path), _settings);
        // Who knows no ranges sends the file from its beginning, and is left when enough has come.
        long at = status == HttpStatusCode.OK ? 0 : from;
        if (status == HttpStatusCode.PartialContent && response.Message.Content.Headers.ContentRange?.From != from)
        {
            throw new TransientException(
                $"{response.Address.Authority} was asked for a part of {FilePaths.Shown(file.Path)} and sends another.");
        }
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            await using Stream body = await response.Message.Content.ReadAsStreamAsync(cancellationToken);
            await using FileStream header = new(path, FileMode.Open, FileAccess.Write) { Position = at };
            while (at < until && await StallGuard.RunAsync(_settings.StallLimit, response.Address,
                token => body.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, until - at)), token).AsTask(),
                cancellationToken) is > 0 and int read)
            {
                await header.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                (at, FetchedBytes) = (at + read, FetchedBytes + read);
            }
        }
        catch (IOException cut) when (cut is not FileNotFoundException)
        {
            throw new TransientException($"the connection to {response.Address.Authority} broke: {cut.Message}", inner: cut);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        return at >= until ? at : throw new TransientException($"{FilePaths.Shown(file.Path)} ended after {at:N0} of {until:N0} bytes.");
    }
}
