using System;
using System.IO;

namespace AhnSharp.Files;

/// <summary>A file that appears under its name when it is whole: until then it is NAME.(32 hex digits).partial beside it, and gone if the work ends early.</summary>
/// <remarks>
/// What stood under the name before stays whole until the new bytes are on the disk and take its place in one step, so neither a crash nor a
/// full disk at any byte leaves half a file under the name. A killed process leaves its partial file behind; the next one that writes the
/// same name removes it. A partial file is locked while its writer lives, and a locked one is left alone.
/// </remarks>
internal sealed class PartialFile : IDisposable
{
    private const string Ending = ".partial";
    private readonly string _path, _partial;
    private readonly FileStream _stream;
    private bool _whole;

    /// <summary>Opens the partial file, which fails at once where nothing can be written.</summary>
    /// <exception cref="IOException">The folder is missing, or the name is a folder's.</exception>
    public PartialFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path)) throw new IOException($"{path}: expected the name of a file to write, found a folder.");
        // A link keeps pointing where it points: the file behind it is replaced.
        FileInfo file = new(path);
        _path = file.LinkTarget is null ? file.FullName : file.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? file.FullName;
        string folder = Path.GetDirectoryName(_path)!;
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"{path}: expected the folder {folder} to exist.");
        RemoveLeftovers(folder);
        _stream = Create(out _partial);
    }

    /// <summary>Takes the bytes.</summary>
    public Stream Stream => _stream;

    /// <summary>Writes everything and gives the file its name.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        _stream.Write(bytes);
        Commit();
    }

    /// <summary>Sees what was written to the disk and gives the file its name.</summary>
    public void Commit()
    {
        if (_whole) throw new InvalidOperationException($"{_path} has its name already.");
        _stream.Flush(flushToDisk: true);
        // Renamed while it is open and locked: between closing and renaming another writer could take it for a leftover.
        File.Move(_partial, _path, overwrite: true);
        _whole = true;
        _stream.Dispose();
    }

    /// <summary>Removes the partial file unless it was given its name.</summary>
    public void Dispose()
    {
        if (_whole) return;
        try
        {
            // On a full disk closing may fail on what is still buffered; the file must go all the same.
            _stream.Dispose();
        }
        catch (IOException)
        {
        }
        File.Delete(_partial);
    }

    private FileStream Create(out string partial)
    {
        FileStreamOptions options = new()
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            // Windows renames an open file only where deleting is shared. Elsewhere None takes the exclusive lock.
            Share = OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None,
            BufferSize = 1 << 16,
        };
        // A book that only its owner may read stays so.
        if (!OperatingSystem.IsWindows() && File.Exists(_path)) options.UnixCreateMode = File.GetUnixFileMode(_path);
        for (int attempt = 1; ; attempt++)
        {
            partial = $"{_path}.{Guid.NewGuid():N}{Ending}";
            FileStream? stream = null;
            try
            {
                stream = new FileStream(partial, options);
                if (attempt == 3 || File.Exists(partial)) return stream;
            }
            catch (IOException) when (attempt < 3 && !File.Exists(partial))
            {
                // In the instant between creating and locking, another writer of the same name took the file for a leftover.
            }
            stream?.Dispose();
        }
    }

    private void RemoveLeftovers(string folder)
    {
        string start = Path.GetFileName(_path) + ".";
        foreach (string file in Directory.EnumerateFiles(folder))
        {
            string name = Path.GetFileName(file);
            if (!name.StartsWith(start, StringComparison.Ordinal) || !name.EndsWith(Ending, StringComparison.Ordinal)) continue;
            if (!Guid.TryParseExact(name.AsSpan()[start.Length..Math.Max(start.Length, name.Length - Ending.Length)], "N", out _)) continue;
            try
            {
                new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose();
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Its writer lives, or it is somebody else's.
            }
        }
    }
}
