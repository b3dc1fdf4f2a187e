using System;
using System.Buffers.Binary;

namespace AhnSharp.Snapshots;

/// <summary>Reads one section front to back and compares the checksum behind it.</summary>
internal sealed class SectionReader
{
    private readonly SnapshotStream _stream;
    private readonly SnapshotSection _section;
    private Crc32C _crc;

    /// <param name="stream">The snapshot.</param>
    /// <param name="section">The section.</param>
    /// <param name="seed">Checksum of the header and the section's number, so that a section of another snapshot
    /// or place does not pass.</param>
    public SectionReader(SnapshotStream stream, SnapshotSection section, Crc32C seed)
    {
        (_stream, _section, _crc) = (stream, section, seed);
        stream.MoveTo(section.ByteOffset);
    }

    public void Read(Span<byte> bytes)
    {
        _stream.Read(bytes, $"section {_section.Title}");
        _crc.Append(bytes);
    }

    /// <summary>Reads the rest, and the checksum behind it.</summary>
    public void Finish(Span<byte> buffer)
    {
        for (long left = _section.ByteOffset + _section.ByteLength - _stream.Position; left > 0;)
        {
            Span<byte> bytes = buffer[..(int)Math.Min(buffer.Length, left)];
            Read(bytes);
            left -= bytes.Length;
        }
        Span<byte> stored = stackalloc byte[sizeof(uint)];
        _stream.Read(stored, $"section {_section.Title}");
        uint expected = BinaryPrimitives.ReadUInt32LittleEndian(stored);
        if (expected != _crc.Value)
        {
            throw _stream.Fail($"section {_section.Title}: expected the checksum {expected:x8}, "
                + $"found {_crc.Value:x8}; the snapshot is damaged, save or copy it again");
        }
    }
}
