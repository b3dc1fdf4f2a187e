using System;
using System.Buffers.Binary;
using System.IO;
using System.IO.Compression;
using System.Threading;

namespace AhnSharp.Documents.Archives;

/// <summary>A file compressed by gzip, as manuals of systems are: one document in it.</summary>
internal static class GzipFile
{
    public static byte[] Unpack(string name, byte[] bytes, DocumentLimits limits, CancellationToken cancellationToken)
    {
        UnpackedLimit limit = new(bytes.Length, limits);
        using MemoryStream unpacked = new();
        try
        {
            using GZipStream stream = new(new MemoryStream(bytes), CompressionMode.Decompress);
            byte[] buffer = new byte[1 << 16];
            for (int count; (count = stream.Read(buffer)) > 0;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!limit.Take(count)) throw new DocumentException(name, $"expected a .gz that unpacks to {limit.Sentence}, found more.");
                unpacked.Write(buffer, 0, count);
            }
        }
        catch (InvalidDataException e)
        {
            throw new DocumentException(name, $"expected a whole .gz, found a broken one ({e.Message.TrimEnd('.')}).", e);
        }
        byte[] inside = unpacked.ToArray();
        if (IsCut(bytes, inside.Length)) throw new DocumentException(name, "expected a whole .gz, found one that is cut off.");
        if (FileSignature.IsGzip(inside))
            throw new DocumentException(name, "expected a document in the .gz, found another .gz; unpack it first.");
        const int TarMark = 257;
        if (inside.Length > TarMark + 5 && inside.AsSpan(TarMark, 5).SequenceEqual("ustar"u8))
        {
            throw new DocumentException(
                name, "expected a document in the .gz, found a tar archive; unpack it, and name the files or the folder.");
        }
        return inside;
    }

    // The last four bytes are the length of what the last member holds; the runtime does not compare them.
    private static bool IsCut(byte[] bytes, long unpacked)
    {
        const int ShortestFile = 18;
        if (bytes.Length < ShortestFile) return true;
        bool hasSeveral = bytes.AsSpan(ShortestFile).IndexOf((ReadOnlySpan<byte>)[0x1F, 0x8B, 8]) >= 0;
        return !hasSeveral && BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(bytes.Length - 4)) != (uint)unpacked;
    }

    /// <summary>The name of what is in it.</summary>
    public static string InnerName(string name) => name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name;
}
