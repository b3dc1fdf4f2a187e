using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using AhnSharp.Hippocampus;

namespace AhnSharp.Model.Snapshots;

/// <summary>The bytes of a snapshot, and how its header is written; <see cref="SnapshotHeaderReader"/> reads it.</summary>
/// <remarks>
/// All numbers are little-endian. A string is its length in bytes as u16, then UTF-8; a hash is u8 1 and 32 bytes, or u8 0 and 32 zero bytes.
/// <code>
///   prefix    0 magic 89 41 48 4E 0D 0A 1A 0A │ 8 version u32 = 1 │ 12 header length u32, up to its checksum's end │ 16 file length u64
///   session   24 mode u8 (0 full, 1 window, 2 ahn) │ entries as held u8, as stored u8 (0 F32, 1 F16, 2 Q8_0) │ 0 u8 │ window u32 │ sinks u32
///             │ context u32 │ chunk u32 │ position u64
///   shape     layers u32 │ query heads u32 │ key/value heads u32 │ head dimension u32 │ vocabulary u32 │ norm epsilon f32 │ rope theta f64
///             │ YaRN factor f64, 0: none │ its original context u32 │ kind of memory u8 (0 none, 1 DeltaNet, 2 GatedDeltaNet, 3 Mamba2)
///             │ its norm epsilon f32 │ count u32 and that many layers u32 with full attention, ascending
///   model     hash of the base │ hash of the memory │ base fingerprint │ name, file name, adapter's file name: strings
///   sections  count u32, then each: kind u8 │ layer u32 │ offset u64 │ length u64 │ name string
///   checksum  u32, CRC-32C of all bytes before
/// </code>
/// Sections follow without gaps, in this order: tokens, logits, ring of every layer, memory of every layer that has one (only once tokens have
/// left the window), of Mamba2 the decay rates of the same layers [H] f64, the application's. Behind each stands u32 CRC-32C of (header checksum u32, number of the section u32, its bytes).
/// <para>A ring holds n tokens: the first min(S, position) and the last min(W, rest), all of them where a layer keeps everything, by position.
/// Keys [K][n] rows, values [K][n] rows, then gates [tokens of the window][g] f32; a row is D entries f32 or f16, or s8 [D] and f16 scales [D/32].
/// So the bytes depend neither on chunks nor on where a ring lay in memory.</para>
/// </remarks>
internal static class SnapshotFormat
{
    public const int Version = 1, PrefixBytes = 24, ChecksumBytes = 4, HashBytes = 32;

    /// <summary>A header longer than this is none of ours: 1,024 sections of an application take less than half of it.</summary>
    public const int LongestHeader = 1 << 20;

    public const int LongestName = 255, MostApplicationSections = 1024;

    public static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>High bit, AHN, and the line ends that a transfer as text would change.</summary>
    public static ReadOnlySpan<byte> Magic => [0x89, (byte)'A', (byte)'H', (byte)'N', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Lays the sections out behind the header and returns its bytes.</summary>
    public static byte[] Header(SnapshotHeader header, List<SnapshotSection> sections)
    {
        // Offsets do not change the header's length: measured with none, written with all.
        long at = Bytes(header, sections, 0).Length;
        for (int i = 0; i < sections.Count; i++)
        {
            sections[i] = sections[i] with { ByteOffset = at };
            at += sections[i].ByteLength + ChecksumBytes;
        }
        return Bytes(header, sections, at);
    }

    /// <summary>The checksum that a section's begins with.</summary>
    public static Crc32C Seed(uint headerChecksum, int sectionNumber)
    {
        Crc32C crc = Crc32C.Start();
        crc.Append(headerChecksum);
        crc.Append((uint)sectionNumber);
        return crc;
    }

    private static byte[] Bytes(SnapshotHeader header, List<SnapshotSection> sections, long fileLength)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(Magic);
        writer.Write((uint)Version);
        writer.Write(0u); // the header's length, below
        writer.Write((ulong)fileLength);
        WriteSession(writer, header);
        WriteShape(writer, header.Shape);
        WriteModel(writer, header.Model);
        writer.Write((uint)sections.Count);
        foreach (SnapshotSection section in sections)
        {
            writer.Write((byte)section.Kind);
            writer.Write((uint)section.Layer);
            writer.Write((ulong)section.ByteOffset);
            writer.Write((ulong)section.ByteLength);
            WriteString(writer, section.Name);
        }
        writer.Seek(12, SeekOrigin.Begin);
        writer.Write((uint)(bytes.Length + ChecksumBytes));
        writer.Seek(0, SeekOrigin.End);
        writer.Write(Crc32C.Of(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)));
        return bytes.ToArray();
    }

    private static void WriteSession(BinaryWriter writer, SnapshotHeader header)
    {
        writer.Write((byte)header.Mode);
        writer.Write((byte)header.HeldKv);
        writer.Write((byte)header.Kv);
        writer.Write((byte)0);
        writer.Write((uint)header.Window);
        writer.Write((uint)header.Sinks);
        writer.Write((uint)header.ContextTokens);
        writer.Write((uint)header.ChunkTokens);
        writer.Write((ulong)header.Position);
    }

    private static void WriteShape(BinaryWriter writer, SnapshotShape shape)
    {
        writer.Write((uint)shape.Layers);
        writer.Write((uint)shape.Heads);
        writer.Write((uint)shape.KvHeads);
        writer.Write((uint)shape.HeadDim);
        writer.Write((uint)shape.Vocabulary);
        writer.Write(shape.NormEpsilon);
        writer.Write(shape.RopeTheta);
        writer.Write(shape.YarnFactor);
        writer.Write((uint)shape.YarnOriginal);
        writer.Write((byte)(shape.Memory switch { null => 0, HippocampusKind.DeltaNet => 1, HippocampusKind.GatedDeltaNet => 2, _ => 3 }));
        writer.Write(shape.MemoryNormEpsilon);
        writer.Write((uint)shape.FullAttentionLayers.Length);
        foreach (int layer in shape.FullAttentionLayers) writer.Write((uint)layer);
    }

    private static void WriteModel(BinaryWriter writer, ModelIdentity model)
    {
        WriteHash(writer, model.Hash);
        WriteHash(writer, model.MemoryHash);
        WriteHash(writer, model.Fingerprint);
        WriteString(writer, Shortened(model.Name));
        WriteString(writer, Shortened(model.File));
        WriteString(writer, Shortened(model.MemoryFile ?? ""));
    }

    private static void WriteHash(BinaryWriter writer, string? hex)
    {
        writer.Write(hex is not null);
        writer.Write(hex is null ? new byte[HashBytes] : Convert.FromHexString(hex));
    }

    private static void WriteString(BinaryWriter writer, string text)
    {
        byte[] bytes = Utf8.GetBytes(text);
        writer.Write((ushort)bytes.Length);
        writer.Write(bytes);
    }

    // Names are for people: a longer one loses its end, whole characters of it.
    private static string Shortened(string name)
    {
        string valid = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(name));
        while (Utf8.GetByteCount(valid) > LongestName) valid = valid[..(char.IsLowSurrogate(valid[^1]) ? ^2 : ^1)];
        return valid;
    }
}
