using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Text.Json;
using AhnSharp.Gguf;

namespace AhnSharp.Conversion;

/// <summary>A Hugging Face model folder: config.json and the tensors of one safetensors file or of all shards of an index.</summary>
public sealed class HuggingFaceModel : IDisposable
{
    /// <summary>The name of the one file of an unsharded model.</summary>
    public const string SingleFile = "model.safetensors";

    /// <summary>The name of the index of a sharded model.</summary>
    public const string IndexFile = "model.safetensors.index.json";

    private readonly List<SafetensorsFile> _files;
    private readonly Dictionary<string, (SafetensorsFile File, SafetensorsTensor Tensor)> _byName = new(StringComparer.Ordinal);

    private HuggingFaceModel(string folder, ConfigJson config, List<SafetensorsFile> files)
    {
        Folder = folder;
        ConfigFile = config;
        _files = files;
        foreach (SafetensorsFile file in files)
        {
            foreach (SafetensorsTensor tensor in file.Tensors)
            {
                if (!_byName.TryAdd(tensor.Name, (file, tensor)))
                {
                    throw new InvalidModelException(
                        $"{tensor.Name} lies in both {_byName[tensor.Name].File.Path} and {file.Path}; expected it once.");
                }
            }
        }
    }

    /// <summary>The folder, as it was given.</summary>
    public string Folder { get; }

    /// <summary>The names of all tensors of all shards.</summary>
    public IEnumerable<string> TensorNames => _byName.Keys;

    internal ConfigJson ConfigFile { get; }

    /// <summary>Opens a folder and proves the tables of all its files; no weights are read yet.</summary>
    /// <exception cref="InvalidModelException">The folder lacks a file, or a file is broken; the message names it.</exception>
    public static HuggingFaceModel Open(string folder)
    {
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"There is no folder {folder}.");
        string configPath = Path.Combine(folder, "config.json");
        if (!File.Exists(configPath))
            throw new InvalidModelException($"{folder}: expected a Hugging Face folder with a config.json, found none.");
        ConfigJson config = ConfigJson.Load(configPath);

        List<SafetensorsFile> files = [];
        try
        {
            OpenFiles(folder, files);
            return new HuggingFaceModel(folder, config, files);
        }
        catch
        {
            foreach (SafetensorsFile file in files) file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// A tensor of exactly this shape (slowest dimension first), or an error naming it, what was expected and what was found.
    /// </summary>
    public SafetensorsTensor GetTensor(string name, params ReadOnlySpan<long> shape)
    {
        if (!_byName.TryGetValue(name, out (SafetensorsFile File, SafetensorsTensor Tensor) found))
        {
            throw new InvalidModelException(
                $"{Folder}: expected a tensor {name} [{string.Join(", ", shape.ToArray())}], found none of that name.");
        }
        if (!found.Tensor.Shape.AsSpan().SequenceEqual(shape))
        {
            throw new InvalidModelException($"{name}: expected [{string.Join(", ", shape.ToArray())}] by config.json, "
                + $"found {found.Tensor.ShapeText} in {found.File.Path}.");
        }
        if (found.Tensor.ElementType is not ("F32" or "F16" or "BF16"))
        {
            throw new InvalidModelException($"{name}: expected F32, F16 or BF16, found {found.Tensor.ElementType} in {found.File.Path}.");
        }
        return found.Tensor;
    }

    /// <summary>Reads weights as float32, from element <paramref name="elementOffset"/> on.</summary>
    public void ReadSingles(string name, long elementOffset, Span<float> destination)
    {
        (SafetensorsFile file, SafetensorsTensor tensor) = _byName[name];
        file.ReadSingles(tensor, elementOffset, destination);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SafetensorsFile file in _files) file.Dispose();
    }

    private static void OpenFiles(string folder, List<SafetensorsFile> files)
    {
        string single = Path.Combine(folder, SingleFile), indexPath = Path.Combine(folder, IndexFile);
        if (File.Exists(single))
        {
            files.Add(SafetensorsFile.Open(single));
            return;
        }
        if (!File.Exists(indexPath))
        {
            string others = Directory.EnumerateFiles(folder, "*.bin").Any()
                ? "; its *.bin files are of the older pickle format, which is not read"
                : "";
            throw new InvalidModelException($"{folder}: expected {SingleFile} or {IndexFile}, found neither{others}.");
        }
        ImmutableDictionary<string, string> shardOf = ReadIndex(indexPath);
        foreach (string shard in shardOf.Values.Distinct().Order(StringComparer.Ordinal))
        {
            string path = Path.Combine(folder, shard);
            if (!File.Exists(path))
            {
                throw new InvalidModelException(
                    $"{indexPath} names the shard {shard}, which is not in the folder; was the download complete?");
            }
            files.Add(SafetensorsFile.Open(path));
            foreach (SafetensorsTensor tensor in files[^1].Tensors)
            {
                if (shardOf.GetValueOrDefault(tensor.Name) != shard)
                    throw new InvalidModelException($"{path} holds {tensor.Name}, which {IndexFile} does not place there.");
            }
        }
        foreach ((string name, string shard) in shardOf)
        {
            if (!files.Exists(f => Path.GetFileName(f.Path) == shard && f.TryGetTensor(name, out _)))
            {
                throw new InvalidModelException(
                    $"{indexPath} places {GgufText.Shortened(name)} in {shard}, which holds none of that name.");
            }
        }
    }

    private static ImmutableDictionary<string, string> ReadIndex(string indexPath)
    {
        ConfigJson map = ConfigJson.Load(indexPath).Object("weight_map")
            ?? throw new InvalidModelException($"{indexPath}: expected the field weight_map, found none.");
        ImmutableDictionary<string, string>.Builder shardOf = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (JsonProperty entry in map.Root.EnumerateObject())
        {
            string shard = map.Text(entry.Name) ?? throw map.Missing(entry.Name);
            // The name comes from a download: it must stay inside the folder.
            if (shard.Length == 0 || shard != Path.GetFileName(shard) || shard.Contains('\\')
                || !shard.EndsWith(".safetensors", StringComparison.Ordinal))
            {
                throw map.Wrong(entry.Name, "the plain name of a .safetensors file", shard);
            }
            shardOf.Add(entry.Name, shard);
        }
        return shardOf.ToImmutable();
    }
}
