using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Text;
using AhnSharp.Archive;
using AhnSharp.Attention;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Snapshots;

/// <summary>
/// Reads a header; every count is held against the header's length, and every section against the file's,
/// before anything is allocated for it.
/// </summary>
internal sealed class SnapshotHeaderReader
{
    // Far above any model: products of these stay below 2⁵⁸, so that no sum of section lengths can overflow before it exceeds a file.
    // Ten times those of a 72B model (80 layers of 64): each is described, though a header of 111 kB may name 16 million.
    private const int MaxHeadsInAll = 1 << 16;
    private const int MaxLayers = 1 << 12, MaxHeads = 1 << 12, LongestChatTokens = 1 << 29, MaxVocabulary = 1 << 28;
    private readonly SnapshotStream _stream;
    private readonly byte[] _bytes;
    private int _at = SnapshotFormat.PrefixBytes;

    private SnapshotHeaderReader(SnapshotStream stream, byte[] bytes) => (_stream, _bytes) = (stream, bytes);

    /// <summary>Reads and checks the header; afterwards the stream stands behind it.</summary>
    public static (SnapshotHeader Header, ImmutableArray<SnapshotSection> Sections, uint Checksum, long FileLength) Read(
        SnapshotStream stream)
    {
        Span<byte> prefix = stackalloc byte[SnapshotFormat.PrefixBytes];
        if (stream.ByteLength < prefix.Length) throw stream.Fail($"expected a saved session, found {stream.ByteLength} bytes");
        stream.Read(prefix, "header");
        if (!prefix.StartsWith(SnapshotFormat.Magic)) throw stream.Fail("expected a saved session, found another kind of file");
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(prefix[8..]);
        if (version != SnapshotFormat.Version)
        {
            throw stream.Fail($"expected version {SnapshotFormat.Version} of the snapshot format, "
                + $"found {version}; use the version of the program that wrote it");
        }
        uint headerLength = BinaryPrimitives.ReadUInt32LittleEndian(prefix[12..]);
        ulong fileLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix[16..]);
        if (fileLength > long.MaxValue || (stream.ByteLength is { } length && (ulong)length < fileLength))
        {
            throw stream.Fail($"expected {fileLength} bytes, "
                + $"as the header says, found {stream.ByteLength?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "less"}; "
                + $"the snapshot is incomplete, copy or save it again");
        }
        if (headerLength <= prefix.Length + SnapshotFormat.ChecksumBytes || headerLength > SnapshotFormat.LongestHeader
            || headerLength > fileLength)
        {
            throw stream.Fail($"header: expected a length of at most {Math.Min(SnapshotFormat.LongestHeader, (long)fileLength)} bytes, "
                + $"found {headerLength}");
        }

        byte[] bytes = new byte[headerLength];
        prefix.CopyTo(bytes);
        stream.Read(bytes.AsSpan(prefix.Length), "header");
        int end = bytes.Length - SnapshotFormat.ChecksumBytes;
        uint stored = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(end)), computed = Crc32C.Of(bytes.AsSpan(0, end));
        if (stored != computed)
        {
            throw stream.Fail(
                $"header: expected the checksum {stored:x8}, found {computed:x8}; the snapshot is damaged, save or copy it again");
        }

        var reader = new SnapshotHeaderReader(stream, bytes);
        SnapshotHeader header = reader.ReadHeader();
        reader.CheckArchive(header);
        ImmutableArray<SnapshotSection> sections = reader.ReadSections(header, (long)fileLength);
        if (reader._at != end) throw reader.Fail("length", $"{reader._at + SnapshotFormat.ChecksumBytes}", bytes.Length);
        return (header, sections, stored, (long)fileLength);
    }

    // Heads without a window, a limit of less than a few blocks: what a session would refuse is refused as damage.
    private void CheckArchive(SnapshotHeader header)
    {
        try
        {
            _ = header.ArchiveShape;
        }
        catch (Exception error) when (error is ArgumentOutOfRangeException or NotSupportedException)
        {
            throw Fail("archive", "one that a session of this model can have", error.Message);
        }
    }

    private SnapshotHeader ReadHeader()
    {
        var mode = (MemoryMode)Number("mode", Byte(), 0, 2);
        var held = (KvType)Number("entries as held", Byte(), 0, 2);
        var kv = (KvType)Number("entries as stored", Byte(), (int)held, 2);
        bool archived = Number("mark of an archive", Byte(), 0, 1) == 1;
        bool full = mode == MemoryMode.Full;
        int window = Number("window", UInt32(), full ? 0 : 1, full ? 0 : LongestChatTokens),
            sinks = Number("sinks", UInt32(), 0, full ? 0 : LongestChatTokens);
        int context = Number("context", UInt32(), 1, int.MaxValue), chunk = Number("chunk", UInt32(), 1, LongestChatTokens);
        ulong position = UInt64();
        if (position > (ulong)Array.MaxLength) throw Fail("position", $"at most {Array.MaxLength}", position);
        SnapshotShape shape = ReadShape();
        if (mode == MemoryMode.Ahn && shape.Memory is null) throw Fail("kind of memory", "one, as the mode is ahn", "none");
        bool grows = full || shape.FullAttentionLayers.Length > 0;
        if (grows && position > (ulong)context) throw Fail("position", $"at most the context of {context}", position);
        if (kv == KvType.Q8_0 && shape.HeadDim % 32 != 0)
            throw Fail("head dimension", "a multiple of 32, as the entries are Q8_0", shape.HeadDim);
        ModelIdentity model = ReadModel();
        return new SnapshotHeader
        {
            Model = model,
            Archive = archived ? ReadArchive(mode, window, sinks, shape) : null,
            Shape = shape,
            Mode = mode,
            Window = window,
            Sinks = sinks,
            ContextTokens = context,
            ChunkTokens = chunk,
            HeldKv = held,
            Kv = kv,
            Position = (long)position,
        };
    }

    private SnapshotShape ReadShape()
    {
        int layers = Number("layers", UInt32(), 1, MaxLayers), heads = Number("query heads", UInt32(), 1, MaxHeads);
        _ = Number("query heads in all layers", (uint)(layers * heads), 1, MaxHeadsInAll);
        int kvHeads = Number("key/value heads", UInt32(), 1, heads), dim = Number("head dimension", UInt32(), 2, KvGeometry.MaxHeadDim);
        int vocabulary = Number("vocabulary", UInt32(), 1, MaxVocabulary);
        float normEpsilon = BitConverter.UInt32BitsToSingle(UInt32());
        double theta = BitConverter.UInt64BitsToDouble(UInt64());
        double yarnFactor = BitConverter.UInt64BitsToDouble(UInt64());
        int yarnOriginal = Number("YaRN original context", UInt32(), 0, int.MaxValue),
            kind = Number("kind of memory", Byte(), 0, MemoryRule.All.Length);
        float memoryEpsilon = BitConverter.UInt32BitsToSingle(UInt32());
        int count = Number("layers with full attention", UInt32(), 0, layers), last = -1;
        ImmutableArray<int>.Builder full = ImmutableArray.CreateBuilder<int>(count);
        for (int i = 0; i < count; i++) full.Add(last = Number("layer with full attention", UInt32(), last + 1, layers - 1));
        return new SnapshotShape
        {
            Layers = layers,
            Heads = heads,
            KvHeads = kvHeads,
            HeadDim = dim,
            Vocabulary = vocabulary,
            NormEpsilon = normEpsilon,
            RopeTheta = theta,
            YarnFactor = yarnFactor,
            YarnOriginal = yarnOriginal,
            Memory = MemoryRule.OfNumber(kind),
            MemoryNormEpsilon = memoryEpsilon,
            FullAttentionLayers = full.MoveToImmutable(),
        };
    }

    private ModelIdentity ReadModel()
    {
        string hash = Hash() ?? throw Fail("hash of the base", "one", "none");
        string? memory = Hash(), fingerprint = Hash();
        string name = Text("model name"), file = Text("file name"), adapter = Text("adapter's file name");
        return new ModelIdentity(name, file, hash, fingerprint, adapter.Length == 0 ? null : adapter, memory);
    }

    private SnapshotArchive ReadArchive(MemoryMode mode, int window, int sinks, SnapshotShape shape)
    {
        ulong reach = UInt64();
        if (reach > long.MaxValue || reach < (ulong)((long)window + sinks))
            throw Fail("reach", $"{(long)window + sinks} to {long.MaxValue}", reach);
        int mark = Number("archive", Byte(), 0, mode == MemoryMode.Full ? 0 : 2);
        if (mark == 0) return new SnapshotArchive((long)reach, null, "", default, 0);
        ulong limit = mark == 2 ? UInt64() : 0;
        if (limit > long.MaxValue) throw Fail("limit of the archive", $"at most {long.MaxValue}", limit);
        int block = Number("tokens of an archived block", UInt32(), 8, 256), attended = Number("attended blocks", UInt32(), 1, 256),
            candidates = Number("candidate blocks", UInt32(), attended, 1024), centre = Number("blocks of the centre", UInt32(), 1, 1024);
        if (block % 8 != 0) throw Fail("tokens of an archived block", "a multiple of 8", block);
        float threshold = BitConverter.UInt32BitsToSingle(UInt32());
        if (float.IsNaN(threshold)) throw Fail("threshold", "a number", threshold);
        var type = (ArchiveType)Number("type of the archive", Byte(), 0, 2);
        var reading = (ArchiveReading)Number("reading", Byte(), 0, 1);
        var readout = (ArchiveReadout)Number("read-out", Byte(), 0, 2);
        bool some = Number("mark of archived heads", Byte(), 0, 1) == 1;
        int all = shape.Layers * shape.KvHeads, count = Number("archived heads", UInt32(), 0, some ? all : 0), last = -1;
        List<(int Layer, int KvHead)> heads = [];
        for (int i = 0; i < count; i++)
        {
            last = Number("archived head", UInt32(), last + 1, all - 1);
            heads.Add((last / shape.KvHeads, last % shape.KvHeads));
        }
        string file = Text("name of the archive's file");
        // Empty: nothing has left the window yet.
        if (file is "." or ".." || file.AsSpan().IndexOfAny("/\\:\0") >= 0)
            throw Fail("name of the archive's file", "a name without folders", $"'{file}'");
        var id = new Guid(ReadBytes(16));
        return new SnapshotArchive(
            (long)reach,
            new ArchiveOptions
            {
                BlockTokens = block,
                AttendedBlocks = attended,
                Candidates = candidates,
                CentreBlocks = centre,
                Threshold = threshold,
                Type = type,
                Reading = reading,
                Readout = readout,
                Heads = some ? heads : null,
                LimitBytes = mark == 2 ? (long)limit : null,
            },
            file, id, UInt32());
    }

    // The engine's sections follow from the header; the application's are named, once each; together they fill the file.
    private ImmutableArray<SnapshotSection> ReadSections(SnapshotHeader header, long fileLength)
    {
        const int MinBytes = 23; // of a row
        int count = Number("number of sections", UInt32(), 2, (_bytes.Length - _at) / MinBytes);
        ImmutableArray<SnapshotSection>.Builder sections = ImmutableArray.CreateBuilder<SnapshotSection>(count);
        var names = new HashSet<string>(StringComparer.Ordinal);
        using IEnumerator<SnapshotSection> expected = header.EngineSections().GetEnumerator();
        long at = _bytes.Length;
        for (int i = 0; i < count; i++)
        {
            int kind = Number("kind of section", Byte(), 1, 6);
            uint layer = UInt32();
            ulong offset = UInt64(), length = UInt64();
            string name = Text("name of a section");
            bool engine = expected.MoveNext();
            SnapshotSection section = engine ? expected.Current : new SnapshotSection(
                SnapshotSectionKind.Application, 0, name, 0, (long)(length & long.MaxValue));
            if (kind != (int)section.Kind || layer != (uint)section.Layer || engine != (name.Length == 0) || (!engine && !names.Add(name)))
            {
                throw Fail($"section {i}", section.Kind == SnapshotSectionKind.Application
                    ? "a section of the application with a name of its own"
                    : section.Title, $"kind {kind}, layer {layer}, name '{name}'");
            }
            if (length != (ulong)section.ByteLength) throw Fail($"length of section {section.Title}", $"{section.ByteLength}", length);
            if (offset != (ulong)at) throw Fail($"offset of section {section.Title}", $"{at}", offset);
            if (section.ByteLength > fileLength - at - SnapshotFormat.ChecksumBytes)
            {
                throw Fail($"length of section {section.Title}",
                    $"at most {Math.Max(0, fileLength - at - SnapshotFormat.ChecksumBytes)}, which the file has left", length);
            }
            sections.Add(section with { ByteOffset = at });
            at += section.ByteLength + SnapshotFormat.ChecksumBytes;
        }
        if (expected.MoveNext()) throw Fail("number of sections", $"one more, {expected.Current.Title}", count);
        if (at != fileLength) throw Fail("file length", $"{at}, where the last section ends", fileLength);
        return sections.MoveToImmutable();
    }

    private int Number(string name, uint found, int least, int most)
    {
        if (found < (uint)least || found > (uint)Math.Max(least, most))
            throw Fail(name, least >= most ? $"{least}" : $"{least} to {most}", found);
        return (int)found;
    }

    private byte Byte() => ReadBytes(1)[0];

    private uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(ReadBytes(4));

    private ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(ReadBytes(8));

    private string? Hash()
    {
        bool present = Number("mark of a hash", Byte(), 0, 1) == 1;
        string hex = Convert.ToHexStringLower(ReadBytes(SnapshotFormat.HashBytes));
        return present ? hex : null;
    }

    private string Text(string name)
    {
        int length = BinaryPrimitives.ReadUInt16LittleEndian(ReadBytes(2));
        if (length > SnapshotFormat.LongestName) throw Fail($"length of the {name}", $"at most {SnapshotFormat.LongestName}", length);
        try
        {
            return SnapshotFormat.Utf8.GetString(ReadBytes(length));
        }
        catch (DecoderFallbackException error)
        {
            throw new SnapshotException($"{_stream.Name}: header: {name}: expected UTF-8, found {length} bytes that are not.", error);
        }
    }

    private ReadOnlySpan<byte> ReadBytes(int count)
    {
        int left = _bytes.Length - SnapshotFormat.ChecksumBytes - _at;
        if (count > left)
        {
            throw _stream.Fail(
                $"header: expected {count} more bytes at offset {_at}, found {left}; the snapshot is damaged, save or copy it again");
        }
        _at += count;
        return _bytes.AsSpan(_at - count, count);
    }

    private SnapshotException Fail(string name, string expected, object found) =>
        _stream.Fail(FormattableString.Invariant($"header: {name}: expected {expected}, found {found}"));
}
