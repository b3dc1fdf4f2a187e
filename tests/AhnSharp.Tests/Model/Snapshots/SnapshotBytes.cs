using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using AhnSharp.Attention;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;

namespace AhnSharp.Tests.Model.Snapshots;

/// <summary>A valid snapshot, and changes to it; a changed one can be given the checksums that belong to its new bytes.</summary>
internal sealed class SnapshotBytes
{
    private readonly SnapshotSection[] _sections;

    public SnapshotBytes(byte[] whole)
    {
        Whole = whole;
        HeaderLength = (int)BinaryPrimitives.ReadUInt32LittleEndian(whole.AsSpan(12));
        using SnapshotFile file = SnapshotFile.Open(new MemoryStream(whole));
        _sections = [.. file.Sections];
    }

    public byte[] Whole { get; }

    public int HeaderLength { get; }

    /// <summary>A session of the tiny model with everything a snapshot can hold; W = 40, S = 6.</summary>
    public static SnapshotBytes Of(TinyModelFile file, MemoryMode mode, KvType kv, int tokens)
    {
        using LanguageSession session = ForkTests.Fed(file, RoundTripTests.Options(mode, kv), SessionTests.Ids(tokens, 3));
        return new SnapshotBytes(RoundTripTests.Bytes(
            session, new SnapshotOptions
            {
                Sections =
                new Dictionary<string, byte[]> { ["conversation"] = [1, 2, 3, 4, 5], ["documents"] = new byte[700] }
            }));
    }

    /// <summary>Puts in the checksums of the bytes as they are now, at the places where this snapshot has them.</summary>
    public void Seal(byte[] bytes)
    {
        if (bytes.Length < Whole.Length) return;
        uint header = Crc32C.Of(bytes.AsSpan(0, HeaderLength - 4));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(HeaderLength - 4), header);
        for (int i = 0; i < _sections.Length; i++)
        {
            Crc32C crc = SnapshotFormat.Seed(header, i);
            crc.Append(bytes.AsSpan((int)_sections[i].ByteOffset, (int)_sections[i].ByteLength));
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan((int)(_sections[i].ByteOffset + _sections[i].ByteLength)), crc.Value);
        }
    }

    /// <summary>The section of a kind (and layer), for what the tests put into it.</summary>
    public SnapshotSection Section(SnapshotSectionKind kind, int layer = 0) =>
        _sections.First(section => section.Kind == kind && section.Layer == layer);

    /// <summary>The same with one change, sealed.</summary>
    public byte[] Changed(Action<byte[]> change)
    {
        byte[] bytes = [.. Whole];
        change(bytes);
        Seal(bytes);
        return bytes;
    }
}
