namespace AhnSharp.Hub;

/// <summary>A file of a repository, on the hub or in the cache.</summary>
/// <param name="Path">Its path in the repository, with forward slashes.</param>
/// <param name="Bytes">Its size.</param>
public record RepoFile(string Path, long Bytes);

/// <summary>A file as the hub lists it.</summary>
/// <param name="Path">Its path in the repository, with forward slashes; as the server wrote it, see <see cref="FilePaths"/>.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="BlobId">SHA-256 of a file in large-file storage, else git's SHA-1, in lower-case hex: also the name of
/// its blob in the cache.</param>
/// <param name="GitId">git's SHA-1 of what git itself holds: the file, or the pointer into large-file storage.</param>
public sealed record RemoteFile(string Path, long Bytes, string BlobId, string GitId) : RepoFile(Path, Bytes);

/// <summary>A file that lies whole in the cache.</summary>
/// <param name="Path">Its path in the repository, with forward slashes.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="LocalPath">Where it lies under its own name, in a snapshot folder.</param>
/// <param name="BlobPath">Where its bytes lie; the same as <paramref name="LocalPath"/> where symbolic links are not possible.</param>
public sealed record CachedFile(string Path, long Bytes, string LocalPath, string BlobPath) : RepoFile(Path, Bytes);
