using System;
using System.IO;

namespace AhnSharp.Files;

/// <summary>
/// A file that appears under its name when it is whole: until then it is NAME.(32 hex digits).partial beside it,
/// and gone if the work ends early.
/// </summary>
/// <remarks>
/// What stood under the name before stays whole until the new bytes are on the disk and take its place in one step, so neither a crash nor
/// a full disk at any byte leaves half a file under the name. A killed process leaves its partial file behind; the next one that writes the
/// same name removes it. A partial file is locked while its writer lives, and a locked one is left alone.
/// </remarks>
internal sealed class PartialFile : IDisposable
{
    private const string Ending = ".partial";
    private readonly string _path, _partial;
    private readonly FileStream _stream;
    private readonly bool _mayReplace;
    private bool _whole;

    /// <summary>Opens the partial file, which fails at once where nothing can be written.</summary>
    /// <param name="path">The name it gets when it is whole.</param>
    /// <param name="mayReplace">False: a file that appears under the name meanwhile stays, and this one gets the name
    /// with a number behind it.</param>
    /// <exception cref="IOException">The folder is missing, or the name is a folder's, a pipe's or a device's, or nothing
    /// can be written there.</exception>
    public PartialFile(string path, bool mayReplace = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _mayReplace = mayReplace;
        if (Directory.Exists(path)) throw new IOException($"{path}: expected the name of a file to write, found a folder.");
        if (FileIdentity.Of(path) is { IsRegular: false })
            throw new IOException($"{path}: expected the name of a file to write, found a pipe or a device.");
        // A link keeps pointing where it points: the file behind it is replaced.
        FileInfo file = new(path);
        _path = file.LinkTarget is null ? file.FullName : file.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? file.FullName;
        string folder = Path.GetDirectoryName(_path)!;
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"{path}: expected the folder {folder} to exist.");
        try
        {
            RemoveLeftovers(folder);
            _stream = Create(out _partial);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or FileNotFoundException or DirectoryNotFoundException)
        {
            // The runtime's sentence names the temporary file, which nobody has asked for.
            throw new IOException($"{path}: expected a folder that may be written, found {folder}, where this user may not.", error);
        }
        LivingFiles.Add(_partial);
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
        string? taken = null;
        try
        {
            File.Move(_partial, _path, _mayReplace);
        }
        catch (IOException) when (!_mayReplace && File.Exists(_path))
        {
            taken = BesideTheOther();
        }
        LivingFiles.Remove(_partial);
        _whole = true;
        _stream.Dispose();
        if (taken is not null)
            throw new IOException($"{_path} appeared while it was being written: it was left as it is, and what was written is {taken}.");
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
        LivingFiles.Remove(_partial);
    }

    // Somebody else wrote the same name meanwhile: what may have taken hours is kept too.
    private string BesideTheOther()
    {
        for (int number = 2; ; number++)
        {
            string path = $"{_path}.{number}";
            try
            {
                File.Move(_partial, path, overwrite: false);
                return path;
            }
            catch (IOException) when (File.Exists(path) && number < 1000)
            {
            }
        }
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
