using System;
using System.Diagnostics.CodeAnalysis;

namespace AhnSharp.Hub;

/// <summary>A model as people name it: <c>OWNER/REPO</c>, <c>OWNER/REPO:q4_k_m</c> or <c>OWNER/REPO:folder/file.gguf</c>.</summary>
/// <param name="Repo">The repository.</param>
/// <param name="What">The type or the file, as it was written; null for the default of <see cref="FileChoice"/>.</param>
public sealed record ModelReference(RepoName Repo, string? What)
{
    /// <summary>The branch, tag or commit that the address named which this was read from; null: none.</summary>
    public string? Revision { get; init; }

    /// <summary>
    /// True where <paramref name="text"/> has the form of a reference: an owner, a repository, and perhaps what of it. Before it may stand
    /// hf.co/ or huggingface.co/; the address of a page or a file of the hub is one too.
    /// </summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ModelReference? reference)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (ModelAddress.Read(text) is not { } address) return TryParseName(text, out reference);
        if (!TryParseName(address.Name, out reference)) return false;
        reference = reference with { Revision = address.Revision };
        return true;
    }

    private static bool TryParseName(string text, [NotNullWhen(true)] out ModelReference? reference)
    {
        reference = null;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string name = colon < 0 ? text : text[..colon];
        string? what = colon < 0 ? null : text[(colon + 1)..];
        if (what is { Length: 0 } || !name.Contains('/', StringComparison.Ordinal) || !RepoName.TryParse(name, out RepoName? repo))
            return false;
        reference = new ModelReference(repo, what);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => What is null ? Repo.Name : $"{Repo.Name}:{What}";
}
