using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Numerics;
using System.Runtime.InteropServices;

namespace AhnSharp.Gguf;

/// <summary>What stands before the tensor data in one file: version, keys and tensor entries, all checked.</summary>
/// <remarks>
/// "GGUF" │ u32 version │ u64 tensors │ u64 keys │ keys: string, u32 type, value │ tensors: string name, u32 dimensions,
/// u64 sizes (fastest first), u32 type, u64 offset from the data │ padding to the alignment │ data.
/// Strings: u64 length, UTF-8. Arrays: u32 type, u64 count, values. Source: ggml d99724f2, gguf.h.
/// </remarks>
internal sealed class GgufHeader
{
    private const uint Magic = 0x46554747;
    private const int MinKeyBytes = 8 + 1 + 4 + 1;
    private const int MinTensorBytes = 8 + 1 + 4 + 8 + 4 + 8;
    private const int DeepestArray = 4;

    // Fifty times what the largest models have; each entry costs more memory than its bytes in the file.
    private const int MaxEntries = 1 << 16;

    public required int Version { get; init; }

    public required GgufMetadata Metadata { get; init; }

    public required ImmutableArray<GgufTensor> Tensors { get; init; }

    public static GgufHeader Read(GgufCursor cursor, string path, long fileLength, int fileIndex)
    {
        int version = ReadVersion(cursor);
        cursor.About("the header");
        int tensorCount = cursor.ReadCount("tensors", MinTensorBytes, MaxEntries);
        int keyCount = cursor.ReadCount("keys", MinKeyBytes, MaxEntries);

        OrderedDictionary<string, object> values = [];
        for (int i = 0; i < keyCount; i++)
        {
            cursor.About("key", number: i + 1);
            string key = cursor.ReadString(GgufCursor.LongestName);
            if (key.Length == 0) throw cursor.Fail("expected a name, found an empty string");
            cursor.About("key", key);
            cursor.IsForPeople = IsForPeople(key);
            object value = ReadValue(cursor, ReadValueType(cursor), DeepestArray);
            cursor.IsForPeople = false;
            if (!values.TryAdd(key, value)) throw cursor.Fail("expected each key once, found it twice");
        }
        GgufMetadata metadata = new(values, path)
        {
            Notes = [.. cursor.TakenForLatin1.Select(static key => $"The text of {key} is no UTF-8 and was taken for Latin-1.")],
        };

        uint alignment = metadata.GetUInt32OrNull("general.alignment") ?? GgufFile.DefaultAlignment;
        if (!BitOperations.IsPow2(alignment))
        {
            throw new InvalidModelException($"{path}: key 'general.alignment': expected a power of two, found {alignment}.");
        }

        TensorEntry[] entries = new TensorEntry[tensorCount];
        for (int i = 0; i < tensorCount; i++) entries[i] = ReadTensor(cursor, i);
        long dataStart = Align(cursor.Position, alignment);
        return new GgufHeader
        {
            Version = version,
            Metadata = metadata,
            Tensors = Place(entries, path, fileLength, fileIndex, dataStart, alignment),
        };
    }

    /// <summary>The next multiple of the alignment.</summary>
    public static long Align(long byteOffset, uint alignment) => (byteOffset + alignment - 1) & -(long)alignment;

    // Names, authors, licences: nothing depends on them, so their letters may be in the coding of the publisher's computer.
    private static bool IsForPeople(string key) =>
        key.StartsWith("general.", StringComparison.Ordinal)
        && key is not ("general.architecture" or "general.type" or "general.alignment" or "general.quantization_version");

    private static int ReadVersion(GgufCursor cursor)
    {
        cursor.About("the start of the file");
        uint magic = cursor.ReadUInt32();
        if (magic != Magic)
        {
            string hex = Convert.ToHexString(MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in magic)));
            throw cursor.Fail($"expected the letters GGUF, found the bytes {hex}; this is not a GGUF file");
        }
        uint version = cursor.ReadUInt32();
        if (version is 2 or 3) return (int)version;
        if (version == 1) throw cursor.Fail("expected GGUF version 2 or 3, found version 1; convert the model again");
        if ((version & 0xFFFF) == 0 && version != 0) throw cursor.Fail("expected a little-endian GGUF file, found a big-endian one");
        throw cursor.Fail($"expected GGUF version 2 or 3, found version {version}");
    }

    private static GgufValueType ReadValueType(GgufCursor cursor)
    {
        uint number = cursor.ReadUInt32();
        return number <= (uint)GgufValueType.Float64
            ? (GgufValueType)number
            : throw cursor.Fail($"expected a value type from 0 to {(uint)GgufValueType.Float64}, found {number}");
    }

    private static object ReadValue(GgufCursor cursor, GgufValueType type, int depthLeft) => type switch
    {
        GgufValueType.UInt8 => cursor.ReadByte(),
        GgufValueType.Int8 => (sbyte)cursor.ReadByte(),
        GgufValueType.UInt16 => cursor.ReadUInt16(),
        GgufValueType.Int16 => (short)cursor.ReadUInt16(),
        GgufValueType.UInt32 => cursor.ReadUInt32(),
        GgufValueType.Int32 => (int)cursor.ReadUInt32(),
        GgufValueType.Float32 => BitConverter.UInt32BitsToSingle(cursor.ReadUInt32()),
        GgufValueType.Bool => cursor.ReadBool(),
        GgufValueType.String => cursor.ReadString(),
        GgufValueType.Array => ReadArray(cursor, depthLeft),
        GgufValueType.UInt64 => cursor.ReadUInt64(),
        GgufValueType.Int64 => (long)cursor.ReadUInt64(),
        GgufValueType.Float64 => BitConverter.UInt64BitsToDouble(cursor.ReadUInt64()),
        _ => throw cursor.Fail($"unknown value type {(uint)type}"),
    };

    private static Array ReadArray(GgufCursor cursor, int depthLeft)
    {
        if (depthLeft == 0) throw cursor.Fail($"expected arrays at most {DeepestArray} deep, found deeper ones");
        GgufValueType type = ReadValueType(cursor);
        int count = cursor.ReadCount($"values of type {GgufValueTypes.NameOf(type)}", type.MinBytes());
        switch (type)
        {
            case GgufValueType.UInt8: return ReadNumbers<byte>(cursor, count);
            case GgufValueType.Int8: return ReadNumbers<sbyte>(cursor, count);
            case GgufValueType.UInt16: return ReadNumbers<ushort>(cursor, count);
            case GgufValueType.Int16: return ReadNumbers<short>(cursor, count);
            case GgufValueType.UInt32: return ReadNumbers<uint>(cursor, count);
            case GgufValueType.Int32: return ReadNumbers<int>(cursor, count);
            case GgufValueType.Float32: return ReadNumbers<float>(cursor, count);
            case GgufValueType.UInt64: return ReadNumbers<ulong>(cursor, count);
            case GgufValueType.Int64: return ReadNumbers<long>(cursor, count);
            case GgufValueType.Float64: return ReadNumbers<double>(cursor, count);
            case GgufValueType.Bool:
                bool[] bools = new bool[count];
                for (int i = 0; i < count; i++) bools[i] = cursor.ReadBool();
                return bools;
            case GgufValueType.String:
                string[] strings = new string[count];
                for (int i = 0; i < count; i++) strings[i] = cursor.ReadString();
                return strings;
            default:
                cursor.CountInnerArrays(count);
                Array[] arrays = new Array[count];
                for (int i = 0; i < count; i++) arrays[i] = ReadArray(cursor, depthLeft - 1);
                return arrays;
        }
    }

    private static T[] ReadNumbers<T>(GgufCursor cursor, int count) where T : unmanaged
    {
        T[] numbers = new T[count];
        cursor.Fill(MemoryMarshal.AsBytes(numbers.AsSpan()));
        return numbers;
    }

    private static TensorEntry ReadTensor(GgufCursor cursor, int index)
    {
        cursor.About("tensor", number: index + 1);
        string name = cursor.ReadString(GgufCursor.LongestName);
        if (name.Length == 0) throw cursor.Fail("expected a name, found an empty string");
        cursor.About("tensor", name);
        uint dimensions = cursor.ReadUInt32();
        if (dimensions is 0 or > 4) throw cursor.Fail($"expected 1 to 4 dimensions, found {dimensions}");
        ImmutableArray<long>.Builder shape = ImmutableArray.CreateBuilder<long>((int)dimensions);
        for (int i = 0; i < dimensions; i++)
        {
            ulong size = cursor.ReadUInt64();
            if (size is 0 or > long.MaxValue) throw cursor.Fail($"expected a size of 1 or more in dimension {i}, found {size}");
            shape.Add((long)size);
        }
        uint typeNumber = cursor.ReadUInt32();
        if (!GgmlTypes.IsKnown(typeNumber))
        {
            throw cursor.Fail(
                $"expected one of the types {GgmlTypes.Known}, found {GgmlTypes.NameOf(typeNumber)}, which this engine does not read");
        }
        GgmlType type = (GgmlType)typeNumber;
        if (!TryMeasure(type, shape, out long elements, out long bytes))
        {
            string what = shape[0] % type.BlockLength() != 0
                ? $"expected rows of a multiple of {type.BlockLength()} for {type}"
                : "expected fewer than 2^63 bytes";
            throw cursor.Fail($"{what}, found the shape {GgufText.Shape(shape.ToArray())}");
        }
        return new TensorEntry(name, type, shape.MoveToImmutable(), elements, bytes, cursor.ReadUInt64());
    }

    /// <summary>Elements and bytes of a shape; false where rows are no whole blocks or the size overflows.</summary>
    public static bool TryMeasure(GgmlType type, IReadOnlyList<long> shape, out long elements, out long bytes)
    {
        elements = 1;
        bytes = 0;
        if (shape[0] % type.BlockLength() != 0) return false;
        Int128 product = 1;
        foreach (long size in shape)
        {
            product *= size;
            if (product > long.MaxValue / 256) return false;
        }
        elements = (long)product;
        bytes = elements / type.BlockLength() * type.BlockBytes();
        return true;
    }

    private static ImmutableArray<GgufTensor> Place(
        TensorEntry[] entries, string path, long fileLength, int fileIndex, long dataStart, uint alignment)
    {
        ImmutableArray<GgufTensor>.Builder tensors = ImmutableArray.CreateBuilder<GgufTensor>(entries.Length);
        foreach (TensorEntry entry in entries)
        {
            if (entry.Offset % alignment != 0)
            {
                throw Fail(entry.Name, $"expected an offset that is a multiple of {alignment}, found {entry.Offset}");
            }
            if (dataStart > fileLength || entry.Offset > (ulong)(fileLength - dataStart)
                || entry.Bytes > fileLength - dataStart - (long)entry.Offset)
            {
                throw Fail(entry.Name, $"expected {entry.Bytes} bytes of data at offset "
                    + $"{(UInt128)entry.Offset + (UInt128)dataStart}, found the end of the file at "
                    + $"{fileLength}; the file is incomplete, fetch it again");
            }
            tensors.Add(new GgufTensor
            {
                Name = entry.Name,
                Type = entry.Type,
                Shape = entry.Shape,
                FileIndex = fileIndex,
                ByteOffset = dataStart + (long)entry.Offset,
                ByteLength = entry.Bytes,
                ElementCount = entry.Elements,
            });
        }

        List<GgufTensor> byOffset = [.. tensors];
        byOffset.Sort((a, b) => a.ByteOffset.CompareTo(b.ByteOffset));
        for (int i = 1; i < byOffset.Count; i++)
        {
            long end = byOffset[i - 1].ByteOffset + byOffset[i - 1].ByteLength;
            if (byOffset[i].ByteOffset < end)
            {
                throw Fail(byOffset[i].Name, $"expected data of its own, found it at offset {byOffset[i].ByteOffset} inside tensor "
                    + $"{GgufText.Quote(byOffset[i - 1].Name)}, which ends at {end}");
            }
        }
        return tensors.MoveToImmutable();

        InvalidModelException Fail(string name, string sentence) => new($"{path}: tensor {GgufText.Quote(name)}: {sentence}.");
    }

    private readonly record struct TensorEntry(
        string Name, GgmlType Type, ImmutableArray<long> Shape, long Elements, long Bytes, ulong Offset);
}
