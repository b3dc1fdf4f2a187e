namespace AhnSharp.Hub;

/// <summary>The hub knows no repository of that name, or does not say so to us.</summary>
internal sealed class RepoNotFoundException(string message) : HubException(message);
