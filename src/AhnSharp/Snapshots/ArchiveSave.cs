using System;
using System.Buffers.Binary;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;
using AhnSharp.Archive;
using AhnSharp.Files;
using AhnSharp.Sessions;

namespace AhnSharp.Snapshots;

/// <summary>The blocks of a session on their way to the file beside its snapshot, which is written after them.</summary>
/// <remarks>
/// Nothing that was written is ever written again. A file that the session was loaded from or saved to, and that nobody else has appended
/// to since, is appended to, unless a limit has dropped blocks that it has; one of another name in the same folder gets a second name
/// first, which copies nothing; else a new file is written. It has its name from <see cref="Commit"/> on; without <see cref="Settle"/>
/// everything is as it was.
/// </remarks>
internal sealed class ArchiveSave : IDisposable
{
    private readonly ArchiveShape _shape;
    private readonly ArchiveOrigin? _continued; // what the file held; null: it is new
    private readonly FileStream? _appended;
    private readonly PartialFile? _new;
    private readonly string _path;
    private readonly bool _isLinked;
    private bool _isNamed, _isSettled;

    private ArchiveSave(ArchiveShape shape, ArchiveOrigin? continued, string path, Guid id)
    {
        (_shape, _continued, _path) = (shape, continued, path);
        if (continued is null) _new = new PartialFile(path, mayReplace: false);
        else
        {
            _isLinked = path != continued.Path && !File.Exists(path);
            if (_isLinked && !HardLink.TryCreate(continued.Path, path))
                throw new IOException($"{path}: expected a second name for {continued.Path}, found that there can be none.");
            try
            {
                _appended = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.Read, bufferSize: 0);
            }
            catch when (_isLinked)
            {
                File.Delete(path);
                throw;
            }
        }
        Origin = new ArchiveOrigin(path, id, 0, 0, 0);
    }

    /// <summary>What the file holds then.</summary>
    public ArchiveOrigin Origin { get; private set; }

    /// <summary>Writes what the file of an archive does not hold yet; null where there is no archive, or nothing in it.</summary>
    /// <param name="session">A fork that nobody else has.</param>
    /// <param name="snapshot">The path that the snapshot will have.</param>
    /// <param name="cancellation">Looked at between blocks.</param>
    public static ArchiveSave? Write(LanguageSession session, string snapshot, CancellationToken cancellation)
    {
        if (session.Archive is not { Kept: > 0, Shape: { } shape }) return null;
        string folder = Path.GetDirectoryName(Path.GetFullPath(snapshot))!;
        ArchiveSave? save = null;
        try
        {
            save = Continue(session, folder, snapshot) ?? New(shape, folder, snapshot);
            save.WriteBlocks(session, cancellation);
            return save;
        }
        catch
        {
            save?.Dispose();
            throw;
        }
    }

    /// <summary>Sees everything to the disk; a new file gets its name.</summary>
    public void Commit()
    {
        if (_new is null) _appended!.Flush(flushToDisk: true);
        else
        {
            _new.Commit();
            _isNamed = true;
        }
    }

    /// <summary>The snapshot has its name too: everything stays.</summary>
    public void Settle()
    {
        _isSettled = true;
        _appended?.Dispose();
    }

    /// <summary>The blocks of the file, for who wants to read them there.</summary>
    public MappedRegion Map()
    {
        using FileStream file = ArchiveFile.Open(_path);
        return new MappedRegion(
            file.SafeFileHandle, ArchiveFile.BlocksOffset(_shape, Origin.First), (Origin.Blocks - Origin.First) * _shape.BlockBytes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _new?.Dispose();
        if (_isSettled) return;
        if (_isNamed) File.Delete(_path);
        if (_appended is null) return;
        try
        {
            _appended.SetLength(ArchiveFile.ByteLength(_shape, _continued!.First, _continued.Blocks));
        }
        catch (IOException)
        {
            // Windows cuts off nothing that is mapped: what lies behind is looked at by nobody, and the next save writes a new file.
        }
        _appended.Dispose();
        if (_isLinked) File.Delete(_path);
    }

    private static ArchiveSave? Continue(LanguageSession session, string folder, string snapshot)
    {
        ArchiveShape shape = session.Archive!.Shape;
        if (session.Archive.Origin is not { } origin || Path.GetDirectoryName(origin.Path) != folder
            || origin.Blocks > shape.Sealed(session.Position) || origin.First != session.Archive.First
            || !ArchiveFile.IsStill(origin, session.Model.Identity, shape)) return null;
        string path = Path.Combine(folder, ArchiveFile.NameOf(snapshot, origin.Id));
        // A name that is taken is this file's already, or some other's.
        if (path != origin.Path && File.Exists(path) && FileIdentity.Of(path) != FileIdentity.Of(origin.Path)) return null;
        try
        {
            return new ArchiveSave(shape, origin, path, origin.Id);
        }
        catch (IOException) when (path != origin.Path)
        {
            return null; // a file system without links: it is copied
        }
    }

    private static ArchiveSave New(ArchiveShape shape, string folder, string snapshot)
    {
        var id = Guid.NewGuid();
        return new ArchiveSave(shape, null, Path.Combine(folder, ArchiveFile.NameOf(snapshot, id)), id);
    }

    private void WriteBlocks(LanguageSession session, CancellationToken cancellation)
    {
        ArchiveStore archive = session.Archive!;
        long first = _continued?.Blocks ?? archive.First, blocks = archive.Kept;
        Stream stream = _appended ?? _new!.Stream;
        if (_continued is not null) stream.Position = ArchiveFile.ByteLength(_shape, _continued.First, first);
        else
        {
            stream.Write(ArchiveFile.Header(session.Model.Identity, _shape, Origin.Id, archive.First));
            stream.Write(ArchiveFile.CentresOf(archive, archive.First));
        }
        Crc32C hash = Crc32C.Resume(_continued?.Hash ?? Crc32C.Start().Value);
        byte[] block = new byte[_shape.BlockBytes];
        for (long n = first; n < blocks; n++)
        {
            cancellation.ThrowIfCancellationRequested();
            archive.Block(n).CopyTo(block);
            hash.Append(Complete(block, session.Tokens.Slice((int)_shape.First(n), _shape.Block)));
            stream.Write(block);
        }
        Origin = new ArchiveOrigin(_path, Origin.Id, archive.First, blocks, hash.Value);
    }

    // Ids and checksum of a block, which only a file with a name needs.
    private uint Complete(Span<byte> block, ReadOnlySpan<int> ids)
    {
        MemoryMarshal.AsBytes(ids).CopyTo(block[(int)_shape.IdsOffset..]);
        uint checksum = Crc32C.Of(block[..(int)_shape.ChecksumOffset]);
        BinaryPrimitives.WriteUInt32LittleEndian(block[(int)_shape.ChecksumOffset..], checksum);
        return checksum;
    }
}
