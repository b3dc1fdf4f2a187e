using System;
using System.IO;

namespace AhnSharp.Hub;

/// <summary>Gives a blob its name in a snapshot: by a relative link, or by moving it there where links cannot be made.</summary>
internal static class SnapshotLink
{
    /// <summary>Where the file then lies.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="repo">Its repository.</param>
    /// <param name="commit">The commit of the snapshot.</param>
    /// <param name="file">The file; its name may come from a server.</param>
    /// <param name="symlinks">False where links are not wanted.</param>
    public static string Make(HubCache cache, RepoName repo, string commit, RemoteFile file, bool symlinks)
    {
        string path = FilePaths.Below(cache.SnapshotFolder(repo, commit), file.Path), blob = cache.BlobPath(repo, file.BlobId);
        if (IsWhole(path, blob, file)) return path;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // A link to something else, or to nothing.
        File.Delete(path);
        if (symlinks && TryLink(path, blob)) return path;
        File.Move(blob, path);
        return path;
    }

    /// <summary>True where the snapshot has the file already: as a link to its blob, or itself.</summary>
    public static bool IsWhole(string path, string blob, RemoteFile file)
    {
        FileInfo info = new(path);
        if (info.LinkTarget is null) return info.Exists && info.Length == file.Bytes;
        return info.ResolveLinkTarget(returnFinalTarget: false)?.FullName == blob
            && info.ResolveLinkTarget(returnFinalTarget: true) is FileInfo { Exists: true } target && target.Length == file.Bytes;
    }

    // Windows allows links to administrators and in developer mode; some file systems know none.
    private static bool TryLink(string path, string blob)
    {
        try
        {
            File.CreateSymbolicLink(path, Path.GetRelativePath(Path.GetDirectoryName(path)!, blob));
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            return false;
        }
    }
}
