using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace AhnSharp.Hub;

/// <summary>The lock by which one process at a time fetches or removes a blob.</summary>
/// <remarks>
/// .NET opens a file without sharing by <c>flock(LOCK_EX)</c> on Unix, which is what the hub's own tools take on the same
/// file (Python's filelock). The file stays when the lock is given back: a process that waits for it holds it open, and would
/// own a lock on a name that is gone.
/// </remarks>
internal sealed class BlobLock : IDisposable
{
    // EWOULDBLOCK of Linux and of macOS; the sharing and the lock violation of Windows.
    private const int WouldBlockLinux = 11, WouldBlockMac = 35, SharingViolation = unchecked((int)0x80070020),
        LockViolation = unchecked((int)0x80070021);
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(100);
    private readonly FileStream _file;

    private BlobLock(FileStream file) => _file = file;

    /// <summary>The lock, or null where another holds it.</summary>
    public static BlobLock? TryAcquire(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        try
        {
            return new BlobLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
        }
        catch (IOException held) when (held.HResult is WouldBlockLinux or WouldBlockMac or SharingViolation or LockViolation)
        {
            return null;
        }
    }

    /// <summary>The lock, once nobody else holds it; <paramref name="waiting"/> is called where that is not at once.</summary>
    public static async Task<BlobLock> AcquireAsync(string path, Action waiting, CancellationToken cancellationToken)
    {
        for (bool isFirst = true; ; isFirst = false)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryAcquire(path) is { } taken) return taken;
            if (isFirst) waiting();
            await Task.Delay(s_poll, cancellationToken);
        }
    }

    public void Dispose() => _file.Dispose();
}
