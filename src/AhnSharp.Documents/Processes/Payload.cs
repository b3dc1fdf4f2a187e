using System;
using System.Buffers.Binary;
using System.IO;
using System.Text;

namespace AhnSharp.Documents.Processes;

/// <summary>The fields of a frame, read in order and checked: the other side is not believed.</summary>
internal ref struct Payload(ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private ReadOnlySpan<byte> _rest = bytes;

    public int Int() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public long Long() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public string Text() => OptionalText() ?? throw new InvalidDataException("a text is missing");

    public string? OptionalText()
    {
        int length = Int();
        if (length == -1) return null;
        try
        {
            return s_strict.GetString(Take(length));
        }
        catch (DecoderFallbackException)
        {
            throw new InvalidDataException("a text is no UTF-8");
        }
    }

    public readonly void AtEnd()
    {
        if (_rest.Length > 0) throw new InvalidDataException("a frame is longer than its fields");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > _rest.Length) throw new InvalidDataException("a frame is shorter than its fields");
        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
