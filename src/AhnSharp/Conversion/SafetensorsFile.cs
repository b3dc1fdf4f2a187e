using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text.Json;
using AhnSharp.Files;
using AhnSharp.Gguf;
using Microsoft.Win32.SafeHandles;

namespace AhnSharp.Conversion;

/// <summary>A safetensors file, opened for reading: a checked table of tensors over bytes that are read on demand.</summary>
/// <remarks>
/// Layout: u64 header length N, little-endian │ N bytes of JSON, name → {dtype, shape, data_offsets [begin, end)} │ data.
/// Offsets count from the end of the header. Everything is proven on opening: the header's length, that each tensor's bytes are exactly
/// its shape's, and that the tensors cover the data without overlap or gap. Source: the format's description at huggingface/safetensors.
/// </remarks>
public sealed class SafetensorsFile : IDisposable
{
    private const long MaxHeaderBytes = 100_000_000;    // the format's own limit
    private const int MaxRank = 8, MaxDepth = 8;
    private const int MaxName = 1024;                   // ten times the longest in use; each stands in sentences

    private readonly SafeFileHandle _handle;
    private readonly Dictionary<string, SafetensorsTensor> _byName;

    private SafetensorsFile(string path, SafeFileHandle handle, ImmutableArray<SafetensorsTensor> tensors)
    {
        Path = path;
        Tensors = tensors;
        _handle = handle;
        _byName = tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
    }

    /// <summary>The file's path, as it was given.</summary>
    public string Path { get; }

    /// <summary>All tensors, in the order of their bytes.</summary>
    public ImmutableArray<SafetensorsTensor> Tensors { get; }

    /// <summary>Opens a file and proves its table of tensors.</summary>
    /// <exception cref="InvalidModelException">The file is no whole safetensors file; the message names what was
    /// expected and found.</exception>
    public static SafetensorsFile Open(string path)
    {
        RegularFile.Require(path);
        SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            return new SafetensorsFile(path, handle, ReadTable(path, handle));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Finds a tensor by name.</summary>
    public bool TryGetTensor(string name, out SafetensorsTensor tensor) => _byName.TryGetValue(name, out tensor!);

    /// <summary>A tensor by name, or an error that names it.</summary>
    public SafetensorsTensor GetTensor(string name) =>
        _byName.GetValueOrDefault(name) ?? throw new InvalidModelException($"{Path}: expected a tensor {name}, found none of that name.");

    /// <summary>Copies raw bytes of a tensor, from <paramref name="byteOffset"/> inside it on.</summary>
    public void ReadBytes(SafetensorsTensor tensor, long byteOffset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteOffset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(destination.Length, tensor.ByteLength - byteOffset);
        ReadExactly(Path, _handle, tensor.ByteOffset + byteOffset, destination);
    }

    /// <summary>Reads weights of an F32, F16 or BF16 tensor as float32, from element <paramref name="elementOffset"/> on.</summary>
    /// <exception cref="InvalidModelException">The tensor is of another type, which is named.</exception>
    public void ReadSingles(SafetensorsTensor tensor, long elementOffset, Span<float> destination)
    {
        switch (tensor.ElementType)
        {
            case "F32":
                ReadBytes(tensor, elementOffset * 4, MemoryMarshal.AsBytes(destination));
                break;
            case "F16":
                // The halves are read into the upper part of the destination and widened from the front: they never overtake.
                Span<Half> halves = MemoryMarshal.Cast<float, Half>(destination)[destination.Length..];
                ReadBytes(tensor, elementOffset * 2, MemoryMarshal.AsBytes(halves));
                Widen(halves, destination);
                break;
            case "BF16":
                Span<ushort> brains = MemoryMarshal.Cast<float, ushort>(destination)[destination.Length..];
                ReadBytes(tensor, elementOffset * 2, MemoryMarshal.AsBytes(brains));
                for (int i = 0; i < destination.Length; i++) destination[i] = BitConverter.UInt32BitsToSingle((uint)brains[i] << 16);
                break;
            default:
                throw new InvalidModelException(
                    $"{Path}: {tensor.Name} is {tensor.ElementType}; weights are read from F32, F16 and BF16 only.");
        }
    }

    /// <summary>Reads a whole I32 tensor, as token ids are kept.</summary>
    /// <exception cref="InvalidModelException">The tensor is of another type, which is named.</exception>
    public int[] ReadInt32s(SafetensorsTensor tensor)
    {
        if (tensor.ElementType != "I32")
            throw new InvalidModelException($"{Path}: {tensor.Name} should be I32 and is {tensor.ElementType}.");
        int[] values = new int[tensor.ElementCount];
        ReadBytes(tensor, 0, MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    /// <summary>Bytes of one element of a type of the format, or 0 for a word that is none.</summary>
    internal static int ElementBytes(string elementType) => elementType switch
    {
        "BOOL" or "U8" or "I8" or "F8_E4M3" or "F8_E5M2" or "F8_E8M0" => 1,
        "U16" or "I16" or "F16" or "BF16" => 2,
        "U32" or "I32" or "F32" => 4,
        "U64" or "I64" or "F64" => 8,
        _ => 0,
    };

    private static void Widen(ReadOnlySpan<Half> source, Span<float> destination)
    {
        const int Piece = 1024;
        Span<Half> piece = stackalloc Half[Piece];
        for (int start = 0; start < destination.Length; start += Piece)
        {
            int count = Math.Min(Piece, destination.Length - start);
            source.Slice(start, count).CopyTo(piece);
            TensorPrimitives.ConvertToSingle(piece[..count], destination.Slice(start, count));
        }
    }

    private static ImmutableArray<SafetensorsTensor> ReadTable(string path, SafeFileHandle handle)
    {
        long fileLength = RandomAccess.GetLength(handle);
        if (fileLength < 8) throw new InvalidModelException($"{path}: expected a safetensors file, found only {fileLength} bytes.");
        Span<byte> prefix = stackalloc byte[8];
        ReadExactly(path, handle, 0, prefix);
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > MaxHeaderBytes || (long)headerLength > fileLength - 8)
        {
            throw new InvalidModelException(
                $"{path}: expected a safetensors header that fits a file of {fileLength} bytes, found one of {headerLength} bytes; "
                    + "the file is cut or of another format.");
        }
        byte[] header = new byte[(int)headerLength];
        ReadExactly(path, handle, 8, header);
        using JsonDocument document = StrictJson.Parse($"{path} (its header)", header, MaxDepth);
        return CheckTable(path, document.RootElement, 8 + (long)headerLength, fileLength);
    }

    private static ImmutableArray<SafetensorsTensor> CheckTable(string path, JsonElement root, long dataStart, long fileLength)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new InvalidModelException($"{path}: expected a JSON object as header, found {root.ValueKind}.");
        List<SafetensorsTensor> tensors = [];
        foreach (JsonProperty property in root.EnumerateObject())
        {
            if (property.Name != "__metadata__") tensors.Add(ReadEntry(path, property, dataStart, fileLength));
        }
        tensors.Sort((a, b) => (a.ByteOffset, a.ByteLength).CompareTo((b.ByteOffset, b.ByteLength)));
        long expected = dataStart;
        foreach (SafetensorsTensor tensor in tensors)
        {
            if (tensor.ByteOffset != expected)
            {
                throw new InvalidModelException($"{path}: {tensor.Name} should start at byte {expected - dataStart} of the data, "
                    + $"right behind its neighbour, and starts at {tensor.ByteOffset - dataStart}.");
            }
            expected += tensor.ByteLength;
        }
        if (expected != fileLength)
        {
            throw new InvalidModelException($"{path}: the tensors end at byte {expected}, the file at {fileLength}; expected the same.");
        }
        return [.. tensors];
    }

    private static SafetensorsTensor ReadEntry(string path, JsonProperty property, long dataStart, long fileLength)
    {
        string name = property.Name;
        if (name.Length > MaxName)
            throw new InvalidModelException($"{path}: expected names of at most {MaxName} characters, found {GgufText.Shortened(name)}.");
        JsonElement entry = property.Value;
        if (entry.ValueKind != JsonValueKind.Object
            || !entry.TryGetProperty("dtype", out JsonElement dtype) || dtype.ValueKind != JsonValueKind.String
            || !entry.TryGetProperty("shape", out JsonElement shape) || shape.ValueKind != JsonValueKind.Array
            || !entry.TryGetProperty("data_offsets", out JsonElement offsets) || offsets.ValueKind != JsonValueKind.Array
            || offsets.GetArrayLength() != 2)
        {
            throw new InvalidModelException($"{path}: {name} lacks a dtype, a shape or two data_offsets.");
        }
        string elementType = dtype.GetString()!;
        int elementBytes = ElementBytes(elementType);
        if (elementBytes == 0)
        {
            throw new InvalidModelException(
                $"{path}: {name} has the element type {GgufText.Shortened(elementType)}, which is none of the format.");
        }
        if (shape.GetArrayLength() > MaxRank)
            throw new InvalidModelException($"{path}: {name} has {shape.GetArrayLength()} dimensions; {MaxRank} at most are read.");

        ImmutableArray<long> sizes = [.. shape.EnumerateArray().Select(size => Number(path, name, "shape", size))];
        long begin = Number(path, name, "data_offsets", offsets[0]), end = Number(path, name, "data_offsets", offsets[1]);
        if (begin > end || end > fileLength - dataStart)
        {
            throw new InvalidModelException($"{path}: {name} lies at bytes {begin} to {end} of {fileLength - dataStart} bytes of data; "
                + "the file is cut or its header is wrong.");
        }
        UInt128 bytes = (UInt128)elementBytes;
        foreach (long size in sizes) bytes = bytes > long.MaxValue ? bytes : bytes * (UInt128)size;
        if (bytes != (UInt128)(end - begin))
        {
            throw new InvalidModelException(
                $"{path}: {name} is {elementType} [{string.Join(", ", sizes)}], {bytes} bytes, but its data_offsets span {end - begin}.");
        }
        return new SafetensorsTensor(name, elementType, sizes, dataStart + begin, end - begin);
    }

    private static long Number(string path, string name, string field, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number >= 0) return number;
        throw new InvalidModelException($"{path}: {name} has {GgufText.Shortened(value.GetRawText())} in its {field}; "
            + "expected a whole number of 0 or more.");
    }

    private static void ReadExactly(string path, SafeFileHandle handle, long position, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            int read = RandomAccess.Read(handle, destination, position);
            if (read == 0)
            {
                throw new InvalidModelException(
                    $"{path}: the file ended at byte {position} while {destination.Length} more were expected.");
            }
            destination = destination[read..];
            position += read;
        }
    }
}
