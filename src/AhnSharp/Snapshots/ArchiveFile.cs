using System;
using System.Buffers.Binary;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using AhnSharp.Archive;
using AhnSharp.Files;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Snapshots;

/// <summary>The file of an archive: a header, then blocks in the order in which they were sealed. docs/archive.md, Files.</summary>
/// <remarks>
/// Written by <see cref="ArchiveSave"/>, before the snapshot beside it, which says how many blocks are its own and the hash of their
/// checksums: a kill at any moment leaves a snapshot whose blocks are all there. Loaded, it stays where it is and is mapped.
/// </remarks>
internal static class ArchiveFile
{
    /// <summary>Version of the layout.</summary>
    public const int Version = 1;

    /// <summary>Bytes before the first block: a page.</summary>
    public const int HeaderBytes = 4096;

    private const string Ending = ".archive";

    private const int IdDigits = 8, IdOffset = 12, FirstOffset = 104, ChecksumBytes = sizeof(uint);

    /// <summary>Where the blocks of a file begin: behind the header, and the centres of one whose first blocks are dropped.</summary>
    public static long BlocksOffset(ArchiveShape shape, long first) =>
        HeaderBytes + (first == 0 || !shape.HasIndex ? 0 : (CentreBytes(shape) + ChecksumBytes + 63) / 64 * 64);

    /// <summary>Bytes of a file that ends behind <paramref name="blocks"/> blocks of the text.</summary>
    public static long ByteLength(ArchiveShape shape, long first, long blocks) =>
        BlocksOffset(shape, first) + (blocks - first) * shape.BlockBytes;

    private static ReadOnlySpan<byte> Magic => [0x89, (byte)'A', (byte)'R', (byte)'C', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>The name of a snapshot's own archive, which lies beside it: the snapshot's, and the first digits of the id.</summary>
    public static string NameOf(string snapshot, Guid id) => $"{Path.GetFileName(snapshot)}.{id.ToString("N")[..IdDigits]}{Ending}";

    /// <summary>Removes archives that bear a snapshot's name, but one, and parts of such whose writer is gone.</summary>
    public static void RemoveLeftovers(string snapshot, string? named)
    {
        string full = Path.GetFullPath(snapshot), start = Path.GetFileName(full) + ".";
        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(full)!))
        {
            string name = Path.GetFileName(file);
            int end = start.Length + IdDigits + Ending.Length;
            if (name.Length < end || !name.StartsWith(start, StringComparison.Ordinal)
                || !name.AsSpan(start.Length + IdDigits).StartsWith(Ending, StringComparison.Ordinal)
                || !uint.TryParse(name.AsSpan(start.Length, IdDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _))
            {
                continue;
            }
            // Whoever writes the whole removes its parts.
            if (name.Length > end) new PartialFile(file[..^(name.Length - end)]).Dispose();
            else if (file != named) File.Delete(file);
        }
    }

    /// <summary>Opens an archive to read; whoever appends to it or deletes it may.</summary>
    public static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

    /// <summary>Maps the blocks of a session, checks each, and makes the index of them.</summary>
    /// <param name="snapshot">The snapshot's stream, for its sentences.</param>
    /// <param name="said">What the snapshot says.</param>
    /// <param name="shape">Of the session's archive.</param>
    /// <param name="model">Whose it must be.</param>
    /// <param name="position">Tokens seen.</param>
    /// <param name="folder">Where what the session seals from then on lies.</param>
    public static ArchiveStore Load(
        SnapshotStream snapshot, SnapshotArchive said, ArchiveShape shape, LanguageModel model, long position, string? folder)
    {
        string path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(snapshot.Name))!, said.File);
        // A text that nothing has left yet has no file.
        if (shape.Sealed(position) == 0) return new ArchiveStore(shape, folder);
        if (!File.Exists(path))
        {
            throw snapshot.Fail(
                $"expected its archive {path}, found no file of that name; copy it beside the snapshot, or read the text again");
        }
        long blocks = shape.Sealed(position);
        using FileStream stream = Open(path);
        byte[] header = new byte[HeaderBytes];
        if (stream.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes) throw Short(HeaderBytes);
        long first = FirstOf(header);
        if (!header.AsSpan().SequenceEqual(Header(model.Identity, shape, said.Id, first)) || first != shape.FirstKept(blocks))
        {
            throw snapshot.Fail(
                $"its archive {path}: expected the archive that was saved with the snapshot, found another; copy the two together");
        }
        // Longer is another session's: of the same file, as it went on.
        if (stream.Length < ByteLength(shape, first, blocks)) throw Short(ByteLength(shape, first, blocks));
        var archive = new ArchiveStore(shape, folder);
        MappedRegion? saved = null;
        try
        {
            float[] centres = first == 0 ? [] : ReadCentres(stream, shape)
                ?? throw snapshot.Fail($"its archive {path}: the centres of its index are damaged; copy it again");
            saved = new MappedRegion(stream.SafeFileHandle, BlocksOffset(shape, first), (blocks - first) * shape.BlockBytes);
            archive.Load(saved, blocks, first, centres);
            uint[] stored = new uint[blocks - first], computed = new uint[blocks - first];
            Parallel.For(first, blocks, n =>
            {
                ReadOnlySpan<byte> block = archive.Block(n);
                stored[n - first] = BinaryPrimitives.ReadUInt32LittleEndian(block[(int)shape.ChecksumOffset..]);
                computed[n - first] = Crc32C.Of(block[..(int)shape.ChecksumOffset]);
            });
            Crc32C hash = Crc32C.Start();
            for (int i = 0; i < stored.Length; i++)
            {
                if (stored[i] != computed[i])
                {
                    throw snapshot.Fail(
                        $"its archive {path}: block {first + i}: expected the checksum {stored[i]:x8}, found {computed[i]:x8}; "
                        + "it is damaged, copy it again");
                }
                hash.Append(stored[i]);
            }
            if (hash.Value != said.Hash)
            {
                throw snapshot.Fail(
                    $"its archive {path}: expected blocks of the hash {said.Hash:x8}, found {hash.Value:x8}; copy the two together");
            }
            ArchiveIndexing.Of(archive, model.Config, blocks);
            archive.Origin = new ArchiveOrigin(Path.GetFullPath(path), said.Id, first, blocks, said.Hash);
            return archive;
        }
        catch
        {
            archive.Dispose();
            throw;
        }
        finally
        {
            saved?.Release(); // the archive's segments have it
        }

        SnapshotException Short(long expected) =>
            snapshot.Fail($"its archive {path}: expected at least {expected} bytes, found {stream.Length}; copy it again");
    }

    /// <summary>The centres of an index whose first blocks are dropped, as they lie behind the header.</summary>
    public static byte[] CentresOf(ArchiveStore archive, long first)
    {
        byte[] bytes = new byte[BlocksOffset(archive.Shape, first) - HeaderBytes];
        if (bytes.Length == 0) return bytes;
        Span<byte> centres = bytes.AsSpan(0, CentreBytes(archive.Shape));
        MemoryMarshal.AsBytes(archive.Centres).CopyTo(centres);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(centres.Length), Crc32C.Of(centres));
        return bytes;
    }

    private static int CentreBytes(ArchiveShape shape) => sizeof(float) * shape.Heads * shape.HeadDim;

    // null: they are damaged.
    private static float[]? ReadCentres(FileStream stream, ArchiveShape shape)
    {
        if (!shape.HasIndex) return [];
        byte[] bytes = new byte[CentreBytes(shape) + ChecksumBytes];
        stream.ReadExactly(bytes);
        Span<byte> centres = bytes.AsSpan(0, CentreBytes(shape));
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(centres.Length)) != Crc32C.Of(centres)) return null;
        return MemoryMarshal.Cast<byte, float>(centres).ToArray();
    }

    private static long FirstOf(ReadOnlySpan<byte> header)
    {
        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(header[FirstOffset..]);
        return first > int.MaxValue || first % ArchiveStore.SegmentBlocks != 0 ? long.MaxValue : (long)first;
    }

    /// <summary>Whether the file is as it was left: somebody who went on from the same snapshot may have appended.</summary>
    public static bool IsStill(ArchiveOrigin origin, ModelIdentity model, ArchiveShape shape)
    {
        if (!File.Exists(origin.Path)) return false;
        using FileStream stream = Open(origin.Path);
        if (stream.Length != ByteLength(shape, origin.First, origin.Blocks)) return false;
        byte[] header = new byte[HeaderBytes];
        stream.ReadExactly(header);
        return header.AsSpan().SequenceEqual(Header(model, shape, origin.Id, origin.First));
    }

    /// <summary>
    /// The first bytes of a file: model, layout and id; W and S because positions follow from them. How it is asked is the snapshot's
    /// affair.
    /// </summary>
    public static byte[] Header(ModelIdentity model, ArchiveShape shape, Guid id, long first)
    {
        byte[] header = new byte[HeaderBytes];
        using var writer = new BinaryWriter(new MemoryStream(header));
        writer.Write(Magic);
        writer.Write((uint)Version);
        writer.Seek(IdOffset, SeekOrigin.Begin);
        writer.Write(id.ToByteArray());
        writer.Write(Convert.FromHexString(model.Hash));
        foreach (int number in (int[])[shape.Layers, shape.KvHeads, shape.HeadDim, shape.Block, (int)shape.Options.Type, shape.Window,
            shape.Sinks, shape.Heads]) writer.Write(number);
        writer.Write(shape.BlockBytes);
        writer.Write(Crc32C.Of(shape.SlotBytes));
        writer.Write((ulong)first);
        writer.Seek(HeaderBytes - ChecksumBytes, SeekOrigin.Begin);
        writer.Write(Crc32C.Of(header.AsSpan(0, HeaderBytes - ChecksumBytes)));
        return header;
    }
}
