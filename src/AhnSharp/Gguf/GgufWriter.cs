using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using AhnSharp.Files;

namespace AhnSharp.Gguf;

/// <summary>Writes a GGUF file of version 3: keys and tensors are declared first, then the tensors' bytes flow one after another.</summary>
public sealed class GgufWriter
{
    // Half a surrogate pair is an error, not U+FFFD.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly uint _alignment;
    private readonly OrderedDictionary<string, object> _values = [];
    private readonly OrderedDictionary<string, DeclaredTensor> _tensors = [];

    /// <summary>
    /// An empty file whose tensors begin at multiples of <paramref name="alignment"/> bytes (a power of two, at least 8).
    /// </summary>
    public GgufWriter(uint alignment = GgufFile.DefaultAlignment)
    {
        if (!BitOperations.IsPow2(alignment) || alignment < 8)
        {
            throw new ArgumentOutOfRangeException(nameof(alignment), alignment, "Expected a power of two of at least 8.");
        }
        _alignment = alignment;
        if (alignment != GgufFile.DefaultAlignment) _values.Add("general.alignment", alignment);
    }

    /// <summary>Tensors declared so far.</summary>
    public int TensorCount => _tensors.Count;

    /// <summary>Adds a key.</summary>
    public void Add(string key, string value) => AddValue(key, value);

    /// <summary>Adds a key.</summary>
    public void Add(string key, bool value) => AddValue(key, value);

    /// <summary>Adds a key.</summary>
    public void Add(string key, uint value) => AddValue(key, value);

    /// <summary>Adds a key.</summary>
    public void Add(string key, int value) => AddValue(key, value);

    /// <summary>Adds a key.</summary>
    public void Add(string key, ulong value) => AddValue(key, value);

    /// <summary>Adds a key.</summary>
    public void Add(string key, float value) => AddValue(key, value);

    /// <summary>Adds a key.</summary>
    public void Add(string key, string[] value) => AddValue(key, value);

    /// <summary>Adds a key.</summary>
    public void Add(string key, int[] value) => AddValue(key, value);

    /// <summary>Adds a key.</summary>
    public void Add(string key, uint[] value) => AddValue(key, value);

    /// <summary>Adds a key.</summary>
    public void Add(string key, float[] value) => AddValue(key, value);

    /// <summary>Adds a key with a value of any type that <see cref="GgufMetadata"/> gives out, for copying from another file.</summary>
    public void AddValue(string key, object value)
    {
        CheckName(key, nameof(key));
        ArgumentNullException.ThrowIfNull(value);
        _ = value is Array array ? GgufValueTypes.OfElements(array) : GgufValueTypes.Of(value);
        if (!_values.TryAdd(key, value)) throw new ArgumentException($"The key {GgufText.Quote(key)} has been added before.", nameof(key));
    }

    /// <summary>Declares a tensor; its bytes are asked for when the file is written, in the order of declaration.</summary>
    /// <param name="name">Its name, once in a file.</param>
    /// <param name="type">How its numbers are stored.</param>
    /// <param name="shapeFastestFirst">1 to 4 sizes; rows, the first size, are whole blocks of the type.</param>
    /// <param name="writeBytes">Writes exactly the tensor's bytes; it may be called once for each time the file is written.</param>
    public void AddTensor(string name, GgmlType type, IReadOnlyList<long> shapeFastestFirst, Action<Stream> writeBytes)
    {
        CheckName(name, nameof(name));
        ArgumentNullException.ThrowIfNull(shapeFastestFirst);
        ArgumentNullException.ThrowIfNull(writeBytes);
        long[] shape = [.. shapeFastestFirst];
        if (shape.Length is 0 or > 4 || Array.Exists(shape, size => size < 1) || !GgufHeader.TryMeasure(type, shape, out _, out long bytes))
        {
            throw new ArgumentException(
                $"{name}: expected 1 to 4 sizes of at least 1, the first a multiple of {type.BlockLength()} for {type}, "
                    + $"found {GgufText.Shape(shape)}.", nameof(shapeFastestFirst));
        }
        if (!_tensors.TryAdd(name, new DeclaredTensor(type, shape, bytes, writeBytes)))
        {
            throw new ArgumentException($"The tensor {GgufText.Quote(name)} has been added before.", nameof(name));
        }
    }

    /// <summary>Writes the file under a temporary name beside <paramref name="path"/>, and renames it when it is whole.</summary>
    /// <param name="path">The file, replaced where it exists.</param>
    /// <param name="progress">Bytes of tensors written, and in all.</param>
    /// <param name="ct">Stops between two writes; nothing is left behind.</param>
    public void Write(string path, IProgress<(long Done, long Total)>? progress = null, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using PartialFile file = new(path);
        Write(file.Stream, progress, ct);
        file.Commit();
    }

    /// <summary>Writes the file to a stream, front to back, without seeking.</summary>
    public void Write(Stream stream, IProgress<(long Done, long Total)>? progress = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        byte[] header = Header();
        stream.Write(header);
        Pad(stream, header.Length);
        long total = 0, done = 0;
        foreach (DeclaredTensor tensor in _tensors.Values) total += tensor.Bytes;
        foreach ((string name, DeclaredTensor tensor) in _tensors)
        {
            ct.ThrowIfCancellationRequested();
            long before = done;
            using GgufTensorStream counted = new(stream, name, tensor.Bytes, written => progress?.Report((before + written, total)), ct);
            tensor.WriteBytes(counted);
            counted.CheckWhole();
            done += tensor.Bytes;
            Pad(stream, tensor.Bytes);
        }
        stream.Flush();
    }

    private byte[] Header()
    {
        using MemoryStream header = new();
        header.Write("GGUF"u8);
        WriteUInt32(header, 3);
        WriteUInt64(header, (ulong)_tensors.Count);
        WriteUInt64(header, (ulong)_values.Count);
        foreach ((string key, object value) in _values)
        {
            WriteString(header, key);
            WriteUInt32(header, (uint)GgufValueTypes.Of(value));
            WriteValue(header, value);
        }
        long offset = 0;
        foreach ((string name, DeclaredTensor tensor) in _tensors)
        {
            WriteString(header, name);
            WriteUInt32(header, (uint)tensor.Shape.Length);
            foreach (long size in tensor.Shape) WriteUInt64(header, (ulong)size);
            WriteUInt32(header, (uint)tensor.Type);
            WriteUInt64(header, (ulong)offset);
            offset = GgufHeader.Align(offset + tensor.Bytes, _alignment);
        }
        return header.ToArray();
    }

    private static void WriteValue(Stream stream, object value)
    {
        switch (value)
        {
            case string text: WriteString(stream, text); break;
            case bool truth: stream.WriteByte(truth ? (byte)1 : (byte)0); break;
            case byte x: stream.WriteByte(x); break;
            case sbyte x: stream.WriteByte((byte)x); break;
            case ushort x: WriteNumbers<ushort>(stream, [x]); break;
            case short x: WriteNumbers<short>(stream, [x]); break;
            case uint x: WriteUInt32(stream, x); break;
            case int x: WriteUInt32(stream, (uint)x); break;
            case ulong x: WriteUInt64(stream, x); break;
            case long x: WriteUInt64(stream, (ulong)x); break;
            case float x: WriteNumbers<float>(stream, [x]); break;
            case double x: WriteNumbers<double>(stream, [x]); break;
            default: WriteArray(stream, (Array)value); break;
        }
    }

    private static void WriteArray(Stream stream, Array array)
    {
        GgufValueType element = GgufValueTypes.OfElements(array);
        WriteUInt32(stream, (uint)element);
        WriteUInt64(stream, (ulong)array.Length);
        switch (element)
        {
            case GgufValueType.String: foreach (string text in (string[])array) WriteString(stream, text); break;
            case GgufValueType.Array: foreach (Array inner in (Array[])array) WriteArray(stream, inner); break;
            case GgufValueType.Bool: WriteNumbers<bool>(stream, (bool[])array); break;
            case GgufValueType.UInt8: WriteNumbers<byte>(stream, (byte[])array); break;
            case GgufValueType.Int8: WriteNumbers<sbyte>(stream, (sbyte[])array); break;
            case GgufValueType.UInt16: WriteNumbers<ushort>(stream, (ushort[])array); break;
            case GgufValueType.Int16: WriteNumbers<short>(stream, (short[])array); break;
            case GgufValueType.UInt32: WriteNumbers<uint>(stream, (uint[])array); break;
            case GgufValueType.Int32: WriteNumbers<int>(stream, (int[])array); break;
            case GgufValueType.Float32: WriteNumbers<float>(stream, (float[])array); break;
            case GgufValueType.UInt64: WriteNumbers<ulong>(stream, (ulong[])array); break;
            case GgufValueType.Int64: WriteNumbers<long>(stream, (long[])array); break;
            default: WriteNumbers<double>(stream, (double[])array); break;
        }
    }

    private static void WriteNumbers<T>(Stream stream, ReadOnlySpan<T> numbers)
        where T : unmanaged => stream.Write(MemoryMarshal.AsBytes(numbers));

    private static void WriteString(Stream stream, string text)
    {
        byte[] bytes = Utf8.GetBytes(text);
        WriteUInt64(stream, (ulong)bytes.Length);
        stream.Write(bytes);
    }

    private static void WriteUInt32(Stream stream, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        stream.Write(bytes);
    }

    private static void WriteUInt64(Stream stream, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        stream.Write(bytes);
    }

    private void Pad(Stream stream, long written)
    {
        for (long i = written; i < GgufHeader.Align(written, _alignment); i++) stream.WriteByte(0);
    }

    private static void CheckName(string name, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(name, parameter);
        if (Utf8.GetByteCount(name) > GgufCursor.LongestName)
        {
            throw new ArgumentException($"{GgufText.Quote(name)}: expected a name of at most {GgufCursor.LongestName} bytes.", parameter);
        }
    }

    private readonly record struct DeclaredTensor(GgmlType Type, long[] Shape, long Bytes, Action<Stream> WriteBytes);
}
