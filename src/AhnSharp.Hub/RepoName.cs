using System;
using System.Diagnostics.CodeAnalysis;
using System.Linq;

namespace AhnSharp.Hub;

/// <summary>The name of a model repository on a hub: <c>OWNER/REPO</c>; very old ones have no owner.</summary>
/// <remarks>
/// Letters, digits, '-', '_' and '.', at most 96 a part; no '--' and no '..', and neither '-' nor '.' at either end: the rule of
/// huggingface_hub ee0a4510, utils/_validators.py. It is what keeps a name from leaving the cache folder.
/// </remarks>
public sealed record RepoName
{
    private const string FolderPrefix = "models--", FolderSeparator = "--";
    private const int LongestPart = 96;

    private RepoName(string name) => Name = name;

    /// <summary>The name as it is written.</summary>
    public string Name { get; }

    /// <summary>Its folder in the cache: <c>models--OWNER--REPO</c>.</summary>
    public string FolderName => FolderPrefix + Name.Replace("/", FolderSeparator, StringComparison.Ordinal);

    /// <summary>The part behind the owner.</summary>
    public string ShortName => Name[(Name.IndexOf('/', StringComparison.Ordinal) + 1)..];

    /// <summary>True where <paramref name="text"/> is a name.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out RepoName? name)
    {
        string[] parts = text.Split('/');
        name = parts.Length <= 2 && parts.All(IsPart) ? new RepoName(text) : null;
        return name is not null;
    }

    /// <summary>True where <paramref name="folder"/> is the name of a model's folder in a cache.</summary>
    public static bool TryParseFolder(string folder, [NotNullWhen(true)] out RepoName? name)
    {
        name = null;
        return folder.StartsWith(FolderPrefix, StringComparison.Ordinal)
            && TryParse(folder[FolderPrefix.Length..].Replace(FolderSeparator, "/", StringComparison.Ordinal), out name);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static bool IsPart(string part) =>
        part.Length is > 0 and <= LongestPart
        && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
        && !part.Contains(FolderSeparator, StringComparison.Ordinal) && !part.Contains("..", StringComparison.Ordinal)
        && part[0] is not ('-' or '.') && part[^1] is not ('-' or '.');
}
