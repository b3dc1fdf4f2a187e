using System;
using System.Buffers.Binary;
using System.IO;

namespace AhnSharp.Documents.Processes;

/// <summary>What stands on the pipes between reader and caller: frames, each with its length.</summary>
/// <remarks>
/// Four bytes "AHNd" │ one byte <see cref="FrameKind"/> │ 8 bytes length, little endian │ that many bytes.
/// A frame that is longer than the receiver allows is refused before anything is allocated for it.
/// </remarks>
internal static class Frame
{
    public const int HeaderLength = 13;

    public static void Write(Stream stream, FrameKind kind, ReadOnlySpan<byte> payload)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        "AHNd"u8.CopyTo(header);
        header[4] = (byte)kind;
        BinaryPrimitives.WriteInt64LittleEndian(header[5..], payload.Length);
        stream.Write(header);
        stream.Write(payload);
    }

    /// <param name="stream">The pipe.</param>
    /// <param name="most">Bytes that the frame may hold.</param>
    /// <exception cref="EndOfStreamException">The other side has gone.</exception>
    /// <exception cref="InvalidDataException">What stands there is no frame, or too long.</exception>
    public static (FrameKind Kind, byte[] Payload) Read(Stream stream, long most)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        stream.ReadExactly(header);
        if (!header.StartsWith("AHNd"u8)) throw new InvalidDataException("no frame");
        long length = BinaryPrimitives.ReadInt64LittleEndian(header[5..]);
        if (length < 0 || length > Math.Min(most, Array.MaxLength)) throw new FrameTooLongException();
        byte[] payload = GC.AllocateUninitializedArray<byte>((int)length);
        stream.ReadExactly(payload);
        return ((FrameKind)header[4], payload);
    }
}
