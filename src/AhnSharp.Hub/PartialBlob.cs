using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace AhnSharp.Hub;

/// <summary>The bytes of a file that have come so far, on disk, and their hash. The lock of the blob is held around it.</summary>
internal sealed class PartialBlob : IDisposable
{
    private const int BufferBytes = 1 << 20;
    private readonly string _path;
    private readonly RemoteFile _file;
    private readonly FileStream _stream;
    private BlobHash _hash;

    private PartialBlob(string path, RemoteFile file, FileStream stream)
    {
        (_path, _file, _stream) = (path, file, stream);
        _hash = BlobHash.For(file.BlobId, file.Bytes);
    }

    /// <summary>Bytes that are there.</summary>
    public long Bytes { get; private set; }

    /// <summary>True where every byte is there.</summary>
    public bool IsFull => Bytes == _file.Bytes;

    /// <summary>Opens what an earlier run left, and reads it for its hash; an empty one where nothing was.</summary>
    public static async Task<PartialBlob> OpenAsync(string path, RemoteFile file, Action<long> reread, CancellationToken cancellationToken)
    {
        FileStream stream = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
        PartialBlob partial = new(path, file, stream);
        try
        {
            // Longer than the file: not a beginning of it.
            if (stream.Length > file.Bytes) partial.Clear();
            byte[] buffer = stream.Length == 0 ? [] : new byte[BufferBytes];
            for (int read;
                stream.Length > partial.Bytes && (read = await stream.ReadAsync(buffer, cancellationToken)) > 0; reread(partial.Bytes))
            {
                partial._hash.Append(buffer.AsSpan(0, read));
                partial.Bytes += read;
            }
            return partial;
        }
        catch
        {
            partial.Dispose();
            throw;
        }
    }

    /// <summary>Adds bytes; more than the file has are refused.</summary>
    public async Task AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (bytes.Length > _file.Bytes - Bytes)
            throw KeepAside($"{FilePaths.Shown(_file.Path)}: expected {_file.Bytes:N0} bytes, found more");
        await _stream.WriteAsync(bytes, cancellationToken);
        _hash.Append(bytes.Span);
        Bytes += bytes.Length;
    }

    /// <summary>Forgets everything: what comes next is the beginning of the file.</summary>
    public void Clear()
    {
        _stream.SetLength(0);
        _stream.Position = 0;
        _hash.Dispose();
        _hash = BlobHash.For(_file.BlobId, _file.Bytes);
        Bytes = 0;
    }

    /// <summary>Proves the hash of all bytes and gives them their name.</summary>
    /// <exception cref="HubException">The hash is another: the bytes are kept aside.</exception>
    public void Finish(string blobPath)
    {
        string found = _hash.Finish();
        string kind = found.Length == BlobHash.Sha256Digits ? "SHA-256" : "git hash";
        if (found != _file.BlobId) throw KeepAside($"{FilePaths.Shown(_file.Path)}: expected the {kind} {_file.BlobId}, found {found}");
        // Before the name says that it is whole, it must be so on the disk too.
        _stream.Flush(flushToDisk: true);
        _stream.Dispose();
        File.Move(_path, blobPath, overwrite: true);
    }

    /// <summary>Moves the bytes where no later run goes on from them, and says so.</summary>
    public HubException KeepAside(string what)
    {
        string aside = string.Concat(_path.AsSpan(0, _path.Length - HubCache.Incomplete.Length), HubCache.Corrupt);
        _stream.Dispose();
        File.Move(_path, aside, overwrite: true);
        return new HubException($"{what}; what came is kept in {aside}, and the next run begins anew.");
    }

    public void Dispose()
    {
        _stream.Dispose();
        _hash.Dispose();
    }
}
