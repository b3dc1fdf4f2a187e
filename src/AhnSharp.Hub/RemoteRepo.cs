using System.Collections.Generic;

namespace AhnSharp.Hub;

/// <summary>A repository on the hub at one commit: all its files.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Revision">The branch, tag or commit that was asked for.</param>
/// <param name="Commit">The commit that the revision stands for, 40 hex digits.</param>
/// <param name="Files">Every file, in the hub's order.</param>
public sealed record RemoteRepo(RepoName Name, string Revision, string Commit, IReadOnlyList<RemoteFile> Files);
