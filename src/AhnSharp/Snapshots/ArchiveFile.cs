using System;
using System.Buffers.Binary;
using System.IO;
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

    private const int IdOffset = 12, ChecksumBytes = sizeof(uint);

    private static ReadOnlySpan<byte> Magic => [0x89, (byte)'A', (byte)'R', (byte)'C', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>The name of a snapshot's own archive, which lies beside it: the snapshot's, and the first digits of the id.</summary>
    public static string NameOf(string snapshot, Guid id) => $"{Path.GetFileName(snapshot)}.{id.ToString("N")[..8]}.archive";

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
        long blocks = shape.Sealed(position), expected = HeaderBytes + blocks * shape.BlockBytes;
        using FileStream stream = Open(path);
        // Longer is another session's: of the same file, as it went on.
        if (stream.Length < expected)
            throw snapshot.Fail($"its archive {path}: expected at least {expected} bytes, found {stream.Length}; copy it again");
        byte[] header = new byte[HeaderBytes];
        stream.ReadExactly(header);
        if (!header.AsSpan().SequenceEqual(Header(model.Identity, shape, said.Id)))
        {
            throw snapshot.Fail(
                $"its archive {path}: expected the archive that was saved with the snapshot, found another; copy the two together");
        }
        var archive = new ArchiveStore(shape, folder);
        MappedRegion? saved = null;
        try
        {
            saved = new MappedRegion(stream.SafeFileHandle, HeaderBytes, blocks * shape.BlockBytes);
            archive.Load(saved, blocks);
            Crc32C hash = Crc32C.Start();
            for (long n = 0; n < blocks; n++)
            {
                ReadOnlySpan<byte> block = archive.Block(n);
                uint stored = BinaryPrimitives.ReadUInt32LittleEndian(block[(int)shape.ChecksumOffset..]),
                    computed = Crc32C.Of(block[..(int)shape.ChecksumOffset]);
                if (stored != computed)
                {
                    throw snapshot.Fail(
                        $"its archive {path}: block {n}: expected the checksum {stored:x8}, found {computed:x8}; "
                        + "it is damaged, copy it again");
                }
                hash.Append(stored);
            }
            if (hash.Value != said.Hash)
            {
                throw snapshot.Fail(
                    $"its archive {path}: expected blocks of the hash {said.Hash:x8}, found {hash.Value:x8}; copy the two together");
            }
            ArchiveIndexing.Of(archive, model.Config, blocks);
            archive.Origin = new ArchiveOrigin(Path.GetFullPath(path), said.Id, blocks, said.Hash);
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
    }

    /// <summary>Whether the file is as it was left: somebody who went on from the same snapshot may have appended.</summary>
    public static bool IsStill(ArchiveOrigin origin, ModelIdentity model, ArchiveShape shape)
    {
        if (!File.Exists(origin.Path)) return false;
        using FileStream stream = Open(origin.Path);
        if (stream.Length != HeaderBytes + origin.Blocks * shape.BlockBytes) return false;
        byte[] header = new byte[HeaderBytes];
        stream.ReadExactly(header);
        return header.AsSpan().SequenceEqual(Header(model, shape, origin.Id));
    }

    /// <summary>
    /// The first bytes of a file: model, layout and id; W and S because positions follow from them. How it is asked is the snapshot's
    /// affair.
    /// </summary>
    public static byte[] Header(ModelIdentity model, ArchiveShape shape, Guid id)
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
        writer.Seek(HeaderBytes - ChecksumBytes, SeekOrigin.Begin);
        writer.Write(Crc32C.Of(header.AsSpan(0, HeaderBytes - ChecksumBytes)));
        return header;
    }
}
