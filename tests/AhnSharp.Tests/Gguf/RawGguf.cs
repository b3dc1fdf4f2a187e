using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;

namespace AhnSharp.Tests.Gguf;

/// <summary>Writes GGUF field by field, so that any field can be wrong.</summary>
internal sealed class RawGguf
{
    private readonly List<byte> _bytes = [];

    public byte[] Bytes => [.. _bytes];

    public static RawGguf Header(ulong tensors, ulong keys, uint version = 3) =>
        new RawGguf().Raw("GGUF"u8.ToArray()).U32(version).U64(tensors).U64(keys);

    public RawGguf Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public RawGguf U8(byte value) => Raw(value);

    public RawGguf U32(uint value) => Raw(MemoryMarshal.AsBytes<uint>([value]).ToArray());

    public RawGguf U64(ulong value) => Raw(MemoryMarshal.AsBytes<ulong>([value]).ToArray());

    public RawGguf Text(string text) => U64((ulong)Encoding.UTF8.GetByteCount(text)).Raw(Encoding.UTF8.GetBytes(text));

    public RawGguf Key(string name, uint type) => Text(name).U32(type);

    public RawGguf Tensor(string name, uint type, ulong offset, params ulong[] shape)
    {
        Text(name).U32((uint)shape.Length);
        foreach (ulong size in shape) U64(size);
        return U32(type).U64(offset);
    }

    /// <summary>Zeros to the next multiple of 32, and that many more.</summary>
    public RawGguf Data(int count) => Raw(new byte[(32 - _bytes.Count % 32) % 32 + count]);
}
