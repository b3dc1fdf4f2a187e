using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using AhnSharp.Gguf;

namespace AhnSharp.Network;

/// <summary>Which model it is: names for people, hashes that tell apart models of the same shape.</summary>
/// <remarks>
/// A hash is the lower-case hex of SHA-256 over, for every tensor in ordinal order of the names: the name in UTF-8 and a zero byte, the
/// type as u32, the number of sizes as u32 and the sizes as i64, and a sample of the stored bytes: all of up to 2,048, else four pieces of
/// 512 at equal distances from the first byte to the last. Little-endian. Tensors named blk.N.ahn_… are the memory's, all others the base
/// model's, so a base with its adapter and the same two merged into one file are the same model.
/// </remarks>
/// <param name="Name">general.name of the base or merged file, or its file name.</param>
/// <param name="File">File name of the base or merged file, without its folder.</param>
/// <param name="Hash">Of the base model's tensors.</param>
/// <param name="Fingerprint"><see cref="BaseFingerprint"/>, the same in every quantization; null where a norm is not F32.</param>
/// <param name="MemoryFile">File name of the adapter; null where the memory lies in the same file, or there is none.</param>
/// <param name="MemoryHash">Of the memory's tensors; null without a memory.</param>
public sealed record ModelIdentity(string Name, string File, string Hash, string? Fingerprint, string? MemoryFile, string? MemoryHash)
{
    private const int Piece = 512, Pieces = 4;

    /// <summary>Reads names and samples of an open base or merged file, and of the adapter beside it.</summary>
    internal static ModelIdentity Of(GgufFile file, GgufFile? adapter, int layerCount)
    {
        string fileName = Path.GetFileName(file.Path);
        string? name = file.Metadata.GetStringOrNull("general.name");
        GgufFile memory = adapter ?? file;
        string memoryHash = HashOf(memory, memory.Tensors.Where(t => t.IsMemory));
        return new ModelIdentity(
            string.IsNullOrWhiteSpace(name) ? fileName : name.Trim(), fileName, HashOf(file, file.Tensors.Where(t => !t.IsMemory)),
            FingerprintOf(file, layerCount),
            adapter is null ? null : Path.GetFileName(adapter.Path), memory.Tensors.Any(t => t.IsMemory) ? memoryHash : null);
    }

    /// <summary>As sentences name it: <c>Qwen2.5 3B Instruct (qwen2.5-3b-q8_0.gguf with ahn-dn-3b.gguf)</c>.</summary>
    public string Description => (Name == File ? File : $"{Name} ({File})") + (MemoryFile is null ? "" : $" with {MemoryFile}");

    /// <summary><see cref="BaseFingerprint"/> of a base or merged file; null where a norm is not F32.</summary>
    internal static string? FingerprintOf(GgufFile file, int layerCount)
    {
        // A norm in another type is read all the same, but has no fingerprint.
        foreach (GgufTensor tensor in file.Tensors)
        {
            if (tensor.Name.EndsWith("_norm.weight", StringComparison.Ordinal) && tensor.Type != GgmlType.F32 && !tensor.IsMemory)
                return null;
        }
        return BaseFingerprint.Of(file, layerCount);
    }

    private static string HashOf(GgufFile file, IEnumerable<GgufTensor> tensors)
    {
        var hash = new Sha256();
        byte[] bytes = new byte[Pieces * Piece];
        foreach (GgufTensor tensor in tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal))
        {
            hash.Append(Encoding.UTF8.GetBytes(tensor.Name + '\0'));
            Append(ref hash, (uint)tensor.Type);
            Append(ref hash, (uint)tensor.Shape.Length);
            foreach (long size in tensor.Shape)
            {
                Append(ref hash, (uint)size);
                Append(ref hash, (uint)(size >> 32));
            }
            if (tensor.ByteLength <= bytes.Length)
            {
                file.ReadUnmapped(tensor, 0, bytes.AsSpan(0, (int)tensor.ByteLength));
                hash.Append(bytes.AsSpan(0, (int)tensor.ByteLength));
                continue;
            }
            for (int i = 0; i < Pieces; i++)
                file.ReadUnmapped(tensor, (tensor.ByteLength - Piece) * i / (Pieces - 1), bytes.AsSpan(i * Piece, Piece));
            hash.Append(bytes);
        }
        return Convert.ToHexStringLower(hash.Finish());
    }

    private static void Append(ref Sha256 hash, uint number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        hash.Append(bytes);
    }
}
