using System;
using System.Globalization;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace AhnSharp.Files;

/// <summary>The right to change a file by one process at a time: NAME.lock beside it, held while it is read, changed and written.</summary>
/// <remarks>
/// The system's own lock on the open file (flock on Unix, no sharing on Windows) is what counts, so a file that a killed process left
/// behind is none: it is taken over. Whoever waited for a lock whose name has gone meanwhile holds nothing, sees it, and tries again. Who
/// only reads needs none: files are replaced whole.
/// </remarks>
internal sealed class FileLock : IDisposable
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(50);
    private readonly FileStream _file;

    private FileLock(FileStream file) => _file = file;

    /// <summary>Where the lock of a file lies; of a link, beside the file that it leads to.</summary>
    public static string PathOf(string path)
    {
        string full = Path.GetFullPath(path);
        return (File.Exists(full) ? File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full : full) + ".lock";
    }

    /// <summary>The lock, or null where another process or another part of this one holds it.</summary>
    /// <exception cref="IOException">No lock can be made there.</exception>
    public static FileLock? TryTake(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string name = PathOf(path), folder = Path.GetDirectoryName(name)!;
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"{path}: expected the folder {folder} to exist.");
        while (true)
        {
            FileStream file;
            try
            {
                FileShare sharing = OperatingSystem.IsWindows() ? FileShare.Read : FileShare.None;
                file = new FileStream(name, FileMode.OpenOrCreate, FileAccess.ReadWrite, sharing, bufferSize: 0);
            }
            catch (Exception error) when (error is UnauthorizedAccessException or FileNotFoundException)
            {
                throw new IOException(
                    $"{path}: expected a folder that may be written, found none: a file is changed only while {name} is held.", error);
            }
            catch (IOException held) when (held is not (DirectoryNotFoundException or PathTooLongException or FileNotFoundException))
            {
                return null;
            }
            // Between opening and locking, the former holder may have removed the name: then this is the lock of nothing.
            if (File.Exists(name) && (FileIdentity.Of(file.SafeFileHandle) is not { } mine || FileIdentity.Of(name) == mine))
            {
                file.SetLength(0);
                file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
                LivingFiles.Add(name);
                return new FileLock(file);
            }
            file.Dispose();
        }
    }

    /// <summary>The lock, once nobody else holds it.</summary>
    /// <param name="path">The file that is to be changed.</param>
    /// <param name="waiting">Called once, where it is not free at once.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<FileLock> TakeAsync(string path, Action waiting, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(waiting);
        for (bool isFirst = true; ; isFirst = false)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryTake(path) is { } taken) return taken;
            if (isFirst) waiting();
            await Task.Delay(s_poll, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Gives the lock back; its file goes.</summary>
    public void Dispose()
    {
        if (!_file.CanWrite) return;
        // Removed while it is still locked, so that nobody removes the next holder's; only where the waiting see that it is
        // gone. Elsewhere it stays, unlocked.
        if (FileIdentity.Of(_file.SafeFileHandle) is not null) File.Delete(_file.Name);
        LivingFiles.Remove(_file.Name);
        _file.Dispose();
    }
}
