using System;
using System.Buffers.Binary;

namespace AhnSharp.Documents.Archives;

/// <summary>Where a ZIP archive begins in the bytes of a file: behind what a program or a mail wrote before it.</summary>
internal static class ZipEnd
{
    private const int RecordBytes = 22, LongestComment = ushort.MaxValue;

    /// <summary>Whether the bytes end with an archive's directory though they do not begin with a file of it.</summary>
    public static bool IsBehindOtherBytes(ReadOnlySpan<byte> bytes) => Start(bytes) > 0;

    /// <summary>The archive's first byte; 0 where its directory says nothing else.</summary>
    public static int Start(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < RecordBytes) return 0;
        int from = Math.Max(0, bytes.Length - RecordBytes - LongestComment);
        int end = bytes[from..].LastIndexOf("PK\u0005\u0006"u8);
        if (end < 0 || (end += from) + RecordBytes > bytes.Length) return 0;
        long size = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(end + 12)..]),
            offset = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(end + 16)..]);
        long start = end - size - offset;
        return start > 0 && start + offset + 4 <= end && bytes[(int)(start + offset)..].StartsWith("PK\u0001\u0002"u8) ? (int)start : 0;
    }
}
