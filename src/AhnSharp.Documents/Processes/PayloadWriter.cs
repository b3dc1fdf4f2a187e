using System;
using System.Buffers;
using System.Buffers.Binary;
using System.IO;
using System.Text;

namespace AhnSharp.Documents.Processes;

/// <summary>
/// Writes the fields that <see cref="Payload"/> reads. Half a surrogate pair, which no text of a document may hold, becomes U+FFFD.
/// </summary>
internal sealed class PayloadWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public PayloadWriter Int(int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        _bytes.Write(bytes);
        return this;
    }

    public PayloadWriter Long(long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        _bytes.Write(bytes);
        return this;
    }

    public PayloadWriter Text(string? value)
    {
        if (value is null) return Int(-1);
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        Int(bytes.Length);
        _bytes.Write(bytes);
        return this;
    }

    public void Send(Stream stream, FrameKind kind) => Frame.Write(stream, kind, _bytes.WrittenSpan);
}
