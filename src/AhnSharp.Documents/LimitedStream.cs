using System.IO;
using System.Threading;

namespace AhnSharp.Documents;

/// <summary>Reads a stream whole, unless it goes on beyond a limit: the length that a file or an archive states is not believed.</summary>
internal static class LimitedStream
{
    public static byte[] ReadAll(Stream stream, long limit, string name, CancellationToken cancellationToken)
    {
        using MemoryStream bytes = new();
        byte[] buffer = new byte[1 << 16];
        for (int count; (count = stream.Read(buffer)) > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (bytes.Length + count > limit) throw new DocumentException(name, $"expected at most {limit:N0} bytes, found more.");
            bytes.Write(buffer, 0, count);
        }
        return bytes.ToArray();
    }
}
