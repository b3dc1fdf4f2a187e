using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace AhnSharp.Conversion;

/// <summary>Writes a safetensors file: tensors are declared first, then their bytes flow in order, never all in memory.</summary>
internal sealed class SafetensorsWriter
{
    private readonly List<(string Name, string ElementType, IReadOnlyList<long> Shape, long Bytes, Action<Stream> Write)> _tensors = [];

    /// <summary>Bytes of all tensors so far.</summary>
    public long DataBytes { get; private set; }

    public IEnumerable<string> Names => _tensors.Select(tensor => tensor.Name);

    /// <param name="name">The parameter's name.</param>
    /// <param name="elementType">The format's own word.</param>
    /// <param name="shape">Slowest dimension first.</param>
    /// <param name="write">Writes exactly the tensor's bytes.</param>
    public void Add(string name, string elementType, IReadOnlyList<long> shape, Action<Stream> write)
    {
        long bytes = shape.Aggregate((long)SafetensorsFile.ElementBytes(elementType), (product, size) => checked(product * size));
        _tensors.Add((name, elementType, shape, bytes, write));
        DataBytes += bytes;
    }

    public void Write(string path)
    {
        using FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 20);
        byte[] header = Header();
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        file.Write(length);
        file.Write(header);
        foreach ((string name, _, _, long bytes, Action<Stream> write) in _tensors)
        {
            long start = file.Position;
            write(file);
            if (file.Position - start != bytes)
                throw new InvalidOperationException($"{name}: expected {bytes} bytes to be written, found {file.Position - start}.");
        }
    }

    private byte[] Header()
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            long offset = 0;
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            json.WriteString("format", "pt");
            json.WriteEndObject();
            foreach ((string name, string elementType, IReadOnlyList<long> shape, long bytes, _) in _tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", elementType);
                json.WriteStartArray("shape");
                foreach (long size in shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset + bytes);
                json.WriteEndArray();
                json.WriteEndObject();
                offset += bytes;
            }
            json.WriteEndObject();
        }
        // Data begins at a multiple of 8, so that readers may map it; the format allows trailing spaces.
        while (stream.Length % 8 != 0) stream.WriteByte((byte)' ');
        return stream.ToArray();
    }
}
