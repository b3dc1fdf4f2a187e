using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.IO;

namespace AhnSharp.Gguf;

/// <summary>A GGUF model, adapter or vocabulary: keys and tensors by name; the parts of a split file open as one.</summary>
/// <remarks>
/// Everything a file claims is checked when it is opened, so a tensor that is found can be read. Reading is thread-safe. A mapped file that
/// another program shortens while it is in use ends the process, as with every mapping; without the mapping it is an error.
/// </remarks>
public sealed class GgufFile : IDisposable
{
    /// <summary>The alignment of tensor data where a file says nothing else.</summary>
    public const uint DefaultAlignment = 32;

    private readonly ImmutableArray<GgufPart> _parts;
    private readonly Dictionary<string, GgufTensor> _byName;

    private GgufFile(string path, ImmutableArray<GgufPart> parts, ImmutableArray<GgufTensor> tensors, Dictionary<string, GgufTensor> byName)
    {
        Path = path;
        Tensors = tensors;
        _parts = parts;
        _byName = byName;
        foreach (GgufPart part in parts) ByteLength += part.ByteLength;
    }

    /// <summary>The path it was opened by.</summary>
    public string Path { get; }

    /// <summary>2 or 3: of the first part.</summary>
    public int Version => _parts[0].Header.Version;

    /// <summary>Bytes of all parts.</summary>
    public long ByteLength { get; }

    /// <summary>Files it is made of: 1 unless it is split.</summary>
    public int PartCount => _parts.Length;

    /// <summary>The files it is made of, in order.</summary>
    public IEnumerable<string> PartPaths
    {
        get
        {
            foreach (GgufPart part in _parts) yield return part.Path;
        }
    }

    /// <summary>The keys, of the first part.</summary>
    public GgufMetadata Metadata => _parts[0].Header.Metadata;

    /// <summary>All tensors, in the order of the file.</summary>
    public IReadOnlyList<GgufTensor> Tensors { get; }

    /// <summary>Opens a file, and where it is a part of a split one (<c>NAME-00001-of-00003.gguf</c>), all parts.</summary>
    /// <param name="path">The file, or any part of it.</param>
    /// <param name="memoryMap">Whether <see cref="Read"/> copies from a mapping of the file; else it reads the file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidModelException">It is broken, a part of it is missing, or it holds what is not read here.</exception>
    public static GgufFile Open(string path, bool memoryMap = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        List<GgufPart> parts = [];
        try
        {
            OpenParts(path, memoryMap, parts);
            ImmutableArray<GgufTensor>.Builder tensors = ImmutableArray.CreateBuilder<GgufTensor>();
            Dictionary<string, GgufTensor> byName = new(StringComparer.Ordinal);
            foreach (GgufPart part in parts)
            {
                foreach (GgufTensor tensor in part.Header.Tensors)
                {
                    if (!byName.TryAdd(tensor.Name, tensor))
                    {
                        throw new InvalidModelException(
                            $"{part.Path}: tensor {GgufText.Quote(tensor.Name)}: expected each name once, found it twice.");
                    }
                    tensors.Add(tensor);
                }
            }
            CheckTensorCount(path, parts, tensors.Count);
            return new GgufFile(path, [.. parts], tensors.ToImmutable(), byName);
        }
        catch
        {
            foreach (GgufPart part in parts) part.Dispose();
            throw;
        }
    }

    /// <summary>Finds a tensor that may be missing.</summary>
    public bool TryGetTensor(string name, [MaybeNullWhen(false)] out GgufTensor tensor) => _byName.TryGetValue(name, out tensor);

    /// <summary>Finds a tensor that must be there.</summary>
    /// <exception cref="InvalidModelException">It is not there.</exception>
    public GgufTensor GetTensor(string name) => _byName.TryGetValue(name, out GgufTensor? tensor)
        ? tensor
        : throw new InvalidModelException(
            $"{Path}: expected the tensor {GgufText.Quote(name)}, found none of that name among {Tensors.Count}.");

    /// <summary>Copies bytes of a tensor, from the mapping where there is one.</summary>
    public void Read(GgufTensor tensor, long byteOffset, Span<byte> destination) =>
        Part(tensor, byteOffset, destination.Length).ReadMapped(tensor.ByteOffset + byteOffset, destination);

    /// <summary>
    /// Copies bytes of a tensor from the file, past the mapping, so that weights which are repacked never become resident twice.
    /// </summary>
    public void ReadUnmapped(GgufTensor tensor, long byteOffset, Span<byte> destination) =>
        Part(tensor, byteOffset, destination.Length).ReadFile(tensor.ByteOffset + byteOffset, destination);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (GgufPart part in _parts) part.Dispose();
    }

    private GgufPart Part(GgufTensor tensor, long byteOffset, int count)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentOutOfRangeException.ThrowIfNegative(byteOffset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(byteOffset, tensor.ByteLength - count);
        return _parts[tensor.FileIndex];
    }

    private static void OpenParts(string path, bool memoryMap, List<GgufPart> parts)
    {
        GgufPart opened = GgufPart.Open(path, 0, memoryMap);
        parts.Add(opened);
        int count = (int)Math.Min(int.MaxValue, opened.Header.Metadata.GetUInt32OrNull("split.count") ?? 1);
        if (count <= 1) return;

        int number = CheckPart(opened, count) + 1;
        if (!SplitName.TryParse(path, out SplitName name) || name.Count != count || name.Number != number)
        {
            throw new InvalidModelException(
                $"{path}: expected the name of part {number} of {count} to end as {SplitName.Pattern(number, count)} does, "
                    + "because the other parts are found by it; give the file its name back.");
        }
        for (int i = 1; i <= count; i++)
        {
            if (!File.Exists(name.PathOf(i)))
            {
                throw new InvalidModelException(
                    $"{path}: expected all {count} parts of this split model, found no {name.PathOf(i)}; put it beside the others.");
            }
        }
        if (number > 1)
        {
            parts.Clear();
            opened.Dispose();
        }
        for (int i = parts.Count; i < count; i++)
        {
            GgufPart part = GgufPart.Open(name.PathOf(i + 1), i, memoryMap);
            parts.Add(part);
            int found = CheckPart(part, count);
            if (found != i) throw new InvalidModelException($"{part.Path}: key 'split.no': expected {i}, found {found}.");
        }
    }

    /// <summary>The part's number from 0, which must be below the count that all parts agree on.</summary>
    private static int CheckPart(GgufPart part, int count)
    {
        uint found = part.Header.Metadata.GetUInt32("split.count");
        if (found != count)
            throw new InvalidModelException($"{part.Path}: key 'split.count': expected {count} as in the other parts, found {found}.");
        uint number = part.Header.Metadata.GetUInt32("split.no");
        if (number >= count) throw new InvalidModelException($"{part.Path}: key 'split.no': expected less than {count}, found {number}.");
        return (int)number;
    }

    private static void CheckTensorCount(string path, List<GgufPart> parts, int found)
    {
        if (parts.Count > 1 && parts[0].Header.Metadata.GetUInt32OrNull("split.tensors.count") is uint expected && expected != found)
        {
            throw new InvalidModelException(
                $"{path}: key 'split.tensors.count': expected {expected} tensors in the {parts.Count} parts, found {found}.");
        }
    }
}
