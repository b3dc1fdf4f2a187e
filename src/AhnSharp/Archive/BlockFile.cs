using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Threading;
using AhnSharp.Files;

namespace AhnSharp.Archive;

/// <summary>A file without a name, in which the archive of a session and its forks keep the blocks that no saved file holds.</summary>
/// <remarks>
/// Its slots are of one segment each; free ones are used again, and a file without a used one is cut to nothing. Blocks are written
/// through the handle, because a full disk is then an error of the write (in a mapping it would end the process), and read through
/// mappings of 32 MiB, so that no growing moves what somebody reads. The name is gone as soon as the file is open (on Windows, which
/// cannot, when the process ends, in whatever way), so nothing stays behind a killed process.
/// </remarks>
#pragma warning disable CA1001 // Several own it: the last Release closes it.
internal sealed class BlockFile
#pragma warning restore CA1001
{
    private const long PieceBytes = 32 << 20;
    private readonly Lock _lock = new();
    private readonly FileStream _file;
    private readonly string _folder;
    private readonly long _segmentBytes;
    private readonly int _pieceSegments;
    private readonly List<MappedRegion> _pieces = [];
    private readonly Stack<int> _free = [];
    private int _slots, _owners = 1;

    /// <param name="folder">Where; null: <see cref="DefaultFolder"/>.</param>
    /// <param name="segmentBytes">Bytes of a slot.</param>
    /// <exception cref="IOException">Nothing can be written there.</exception>
    public BlockFile(string? folder, long segmentBytes)
    {
        _folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder ?? DefaultFolder));
        (_segmentBytes, _pieceSegments) = (segmentBytes, (int)Math.Max(1, PieceBytes / segmentBytes));
        string path = Path.Combine(_folder, $"ahn-{Guid.NewGuid():N}.blocks");
        FileStreamOptions options = new()
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
            Options = OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None,
        };
        // The text can be read out of it.
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            _file = new FileStream(path, options);
            if (!OperatingSystem.IsWindows()) File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"{_folder}: expected a folder for the blocks of an archive, found none that can be written ({error.Message}); "
                    + "name another one.", error);
        }
    }

    /// <summary>
    /// The folder of temporary files that outlive a start of the machine: the other one is memory on many systems, which an archive is
    /// to save.
    /// </summary>
    public static string DefaultFolder =>
        !OperatingSystem.IsWindows() && Environment.GetEnvironmentVariable("TMPDIR") is null or "" && Directory.Exists("/var/tmp")
            ? "/var/tmp" : Path.GetTempPath();

    /// <summary>For tests: called with the number of bytes before each write.</summary>
    internal Action<long>? BeforeWrite { get; set; }

    /// <summary>Bytes from its beginning to its last used slot.</summary>
    public long ByteLength
    {
        get
        {
            lock (_lock) return _slots * _segmentBytes;
        }
    }

    /// <summary>A slot for one segment.</summary>
    public ArchiveSegment Take()
    {
        lock (_lock)
        {
            if (!_free.TryPop(out int slot))
            {
                // Grows as a hole: the disk gives room when something is written.
                if (_slots / _pieceSegments == _pieces.Count) AddPiece();
                slot = _slots++;
            }
            return new ArchiveSegment(this, slot, _pieces[slot / _pieceSegments], slot % _pieceSegments * _segmentBytes);
        }
    }

    /// <summary>Writes into a slot.</summary>
    public void Write(int slot, long offset, ReadOnlySpan<byte> bytes)
    {
        try
        {
            BeforeWrite?.Invoke(bytes.Length);
            RandomAccess.Write(_file.SafeFileHandle, bytes, slot * _segmentBytes + offset);
        }
        catch (IOException error)
        {
            throw new IOException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{_folder}: expected room for {bytes.Length:N0} bytes more of an archive, found none "
                        + $"({WithoutPath(error.Message)}); make room and go on: the session is as it was before these tokens."), error);
        }
    }

    /// <summary>A slot is used no more.</summary>
    public void Free(int slot)
    {
        lock (_lock)
        {
            _free.Push(slot);
            if (_free.Count < _slots) return;
            DropPieces();
            _file.SetLength(0);
        }
    }

    /// <summary>Counts one archive more that takes slots.</summary>
    public BlockFile Share()
    {
        Interlocked.Increment(ref _owners);
        return this;
    }

    /// <summary>An archive takes no more slots, and has given back its own; with the last the file goes.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _owners) > 0) return;
        lock (_lock)
        {
            DropPieces();
            _file.Dispose();
        }
    }

    // Of the runtime's sentence what the system says: the name in it is nobody's.
    private static string WithoutPath(string message) => message.Split(" : '")[0];

    private void AddPiece()
    {
        long length = _pieceSegments * _segmentBytes, from = _pieces.Count * length;
        RandomAccess.SetLength(_file.SafeFileHandle, from + length);
        _pieces.Add(new MappedRegion(_file.SafeFileHandle, from, length));
    }

    private void DropPieces()
    {
        foreach (MappedRegion piece in _pieces) piece.Release();
        _pieces.Clear();
        _free.Clear();
        _slots = 0;
    }
}
