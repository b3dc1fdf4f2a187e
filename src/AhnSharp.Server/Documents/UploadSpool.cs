using System;
using System.Globalization;
using System.IO;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Server.Http;
using Microsoft.AspNetCore.Http;

namespace AhnSharp.Server.Documents;

/// <summary>Bytes on their way from a client to the disk.</summary>
internal static class UploadSpool
{
    /// <summary>Takes a stream to the disk.</summary>
    /// <exception cref="ApiException">It has more bytes than one may have, or the disk takes no more; nothing stays.</exception>
    public static async Task<Upload> SpoolAsync(
        string folder, Stream stream, long most, CancellationToken cancellation)
    {
        string path = Path.Combine(folder, Guid.NewGuid().ToString("N"));
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
