using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using AhnSharp.Network;

namespace AhnSharp.Snapshots;

/// <summary>The bytes of a snapshot, and how its header is written; <see cref="SnapshotHeaderReader"/> reads it.</summary>
/// <remarks>
/// The layout, byte by byte, is docs/snapshot.md: prefix, session, shape, model, table of sections, checksum; then tokens, logits, ring of
/// every layer, memory of every layer that has one, the application's sections, each followed by its checksum.
/// </remarks>
internal static class SnapshotFormat
{
    public const int Version = 1, PrefixBytes = 24, ChecksumBytes = 4, HashBytes = 32;

    /// <summary>A header longer than this is none of ours: 1,024 sections of an application take less than half of it.</summary>
    public const int LongestHeader = 1 << 20;

    public const int LongestName = 255, MaxApplicationSections = 1024;

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
        if (header.Archive is { } archive) WriteArchive(writer, archive, header.Shape.KvHeads);
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
        writer.Write((byte)(header.Archive is null ? 0 : 1));
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
        writer.Write((byte)(shape.Memory?.Number ?? 0));
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

    private static void WriteArchive(BinaryWriter writer, SnapshotArchive archive, int kvHeads)
    {
        writer.Write((ulong)archive.Reach);
        writer.Write((byte)(archive.Options is null ? 0 : archive.Options.LimitBytes is null ? 1 : 2));
        if (archive.Options is not { } options) return;
        if (options.LimitBytes is { } limit) writer.Write((ulong)limit);
        foreach (int number in (int[])[options.BlockTokens, options.AttendedBlocks, options.Candidates, options.CentreBlocks])
            writer.Write((uint)number);
        writer.Write(options.Threshold);
        writer.Write((byte)options.Type);
        writer.Write((byte)options.Reading);
        writer.Write((byte)options.Readout);
        writer.Write(options.Heads is not null);
        int[] heads = [.. (options.Heads ?? []).Select(head => head.Layer * kvHeads + head.KvHead).Distinct().Order()];
        writer.Write((uint)heads.Length);
        foreach (int head in heads) writer.Write((uint)head);
        WriteString(writer, archive.File);
        writer.Write(archive.Id.ToByteArray());
        writer.Write(archive.Hash);
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
