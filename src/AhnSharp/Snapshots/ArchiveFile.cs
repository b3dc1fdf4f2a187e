using System;
using System.Buffers.Binary;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;
using AhnSharp.Archive;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Snapshots;

/// <summary>The file of an archive: a header, then blocks in the order in which they were sealed. docs/archive.md, Files.</summary>
/// <remarks>
/// Nothing that was written is ever written again: a save appends to the file that its session was loaded from or saved to, if nobody
/// else has appended meanwhile; else it makes a file of its own. The snapshot beside it is written afterwards and says how many blocks
/// are its own and the hash of their checksums, so that a kill at any moment leaves a snapshot whose blocks are all there.
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

    /// <summary>Writes what the file of an archive does not hold yet, and sees it to the disk.</summary>
    /// <param name="session">A fork that nobody else has.</param>
    /// <param name="snapshot">The path that the snapshot will have.</param>
    /// <param name="cancellation">Looked at between blocks.</param>
    public static ArchiveOrigin Save(LanguageSession session, string snapshot, CancellationToken cancellation)
    {
        ArchiveStore archive = session.Archive!;
        ArchiveShape shape = archive.Shape;
        long blocks = shape.Sealed(session.Position);
        string folder = Path.GetDirectoryName(Path.GetFullPath(snapshot))!;
        ArchiveOrigin? origin = archive.Origin;
        bool appends = origin is not null && origin.Blocks <= blocks && Path.GetDirectoryName(origin.Path) == folder
            && Path.GetFileName(origin.Path) == NameOf(snapshot, origin.Id) && IsStill(origin, session.Model.Identity, shape);
        Guid id = appends ? origin!.Id : Guid.NewGuid();
        string path = appends ? origin!.Path : Path.Combine(folder, NameOf(snapshot, id));
        using var stream = new FileStream(
            path, appends ? FileMode.Open : FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        try
        {
            if (!appends) stream.Write(Header(session.Model.Identity, shape, id));
            long first = appends ? origin!.Blocks : 0;
            stream.Position = HeaderBytes + first * shape.BlockBytes;
            Crc32C hash = Crc32C.Resume(appends ? origin!.Hash : Crc32C.Start().Value);
            for (long n = first; n < blocks; n++)
            {
                cancellation.ThrowIfCancellationRequested();
                Span<byte> block = archive.Block(n);
                hash.Append(Complete(shape, block, session.Tokens.Slice((int)shape.First(n), shape.Block)));
                stream.Write(block);
            }
            stream.Flush(flushToDisk: true);
            return new ArchiveOrigin(path, id, blocks, hash.Value);
        }
        catch
        {
            if (appends) stream.SetLength(HeaderBytes + origin!.Blocks * shape.BlockBytes);
            stream.Dispose();
            if (!appends) File.Delete(path);
            throw;
        }
    }

    /// <summary>Reads the blocks of a session, checks each, and makes the index of them.</summary>
    /// <param name="snapshot">The snapshot's stream, for its sentences.</param>
    /// <param name="said">What the snapshot says.</param>
    /// <param name="shape">Of the session's archive.</param>
    /// <param name="model">Whose it must be.</param>
    /// <param name="position">Tokens seen.</param>
    public static ArchiveStore Load(SnapshotStream snapshot, SnapshotArchive said, ArchiveShape shape, LanguageModel model, long position)
    {
        string path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(snapshot.Name))!, said.File);
        if (!File.Exists(path))
        {
            throw snapshot.Fail(
                $"expected its archive {path}, found no file of that name; copy it beside the snapshot, or read the text again");
        }
        long blocks = shape.Sealed(position), expected = HeaderBytes + blocks * shape.BlockBytes;
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
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
        var archive = new ArchiveStore(shape);
        try
        {
            archive.Reserve(0, blocks);
            Crc32C hash = Crc32C.Start();
            for (long n = 0; n < blocks; n++)
            {
                Span<byte> block = archive.Block(n);
                stream.ReadExactly(block);
                uint stored = Checksum(shape, block), computed = Crc32C.Of(block[..(int)shape.ChecksumOffset]);
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
    }

    // Ids and checksum of a block, which only a file needs.
    private static uint Complete(ArchiveShape shape, Span<byte> block, ReadOnlySpan<int> ids)
    {
        MemoryMarshal.AsBytes(ids).CopyTo(block[(int)shape.IdsOffset..]);
        uint checksum = Crc32C.Of(block[..(int)shape.ChecksumOffset]);
        BinaryPrimitives.WriteUInt32LittleEndian(block[(int)shape.ChecksumOffset..], checksum);
        return checksum;
    }

    private static uint Checksum(ArchiveShape shape, ReadOnlySpan<byte> block) =>
        BinaryPrimitives.ReadUInt32LittleEndian(block[(int)shape.ChecksumOffset..]);

    // Whether the file is as it was left: somebody who went on from the same snapshot may have appended.
    private static bool IsStill(ArchiveOrigin origin, ModelIdentity model, ArchiveShape shape)
    {
        if (!File.Exists(origin.Path)) return false;
        using var stream = new FileStream(
            origin.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (stream.Length != HeaderBytes + origin.Blocks * shape.BlockBytes) return false;
        byte[] header = new byte[HeaderBytes];
        stream.ReadExactly(header);
        return header.AsSpan().SequenceEqual(Header(model, shape, origin.Id));
    }

    // Model, layout and id; W and S because positions follow from them. How it is asked is the snapshot's affair.
    private static byte[] Header(ModelIdentity model, ArchiveShape shape, Guid id)
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
