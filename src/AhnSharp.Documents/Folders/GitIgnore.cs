using System.Collections.Generic;
using System.IO;
using System.Text;
using AhnSharp.Files;

namespace AhnSharp.Documents.Folders;

/// <summary>The ignore patterns that hold in a folder: its own .gitignore before those of the folders above it, up to the root of the repository.</summary>
/// <remarks>
/// As git does it: within a file the last pattern that matches decides; a file below decides before one above; in an ignored folder nothing is taken back, because
/// nobody looks into it. .git/info/exclude of the repository counts last; a person's global excludes do not count, so the same folder reads the same everywhere.
/// </remarks>
internal sealed class GitIgnore
{
    private const string FileName = ".gitignore";
    private readonly GitIgnore? _above;
    private readonly string _folder;
    private readonly List<GitIgnorePattern> _patterns;

    private GitIgnore(GitIgnore? above, string folder, string patternFile)
    {
        (_above, _folder) = (above, folder);
        _patterns = Load(patternFile);
    }

    /// <summary>What holds in <paramref name="folder"/>, the folders above it in the same repository included; <paramref name="isIgnored"/> where one of them ignores it.</summary>
    public static GitIgnore For(string folder, out bool isIgnored)
    {
        isIgnored = false;
        List<string> below = [];
        string? root = folder;
        while (root is not null && !Path.Exists(Path.Combine(root, ".git")))
        {
            below.Add(root);
            root = Path.GetDirectoryName(root);
        }
        if (root is null) return new GitIgnore(null, folder, Path.Combine(folder, FileName));
        GitIgnore rules = new(new GitIgnore(null, root, Path.Combine(root, ".git", "info", "exclude")), root, Path.Combine(root, FileName));
        for (int i = below.Count - 1; i >= 0; i--)
        {
            isIgnored |= rules.Ignores(below[i], isFolder: true);
            rules = rules.In(below[i]);
        }
        return rules;
    }

    /// <summary>What holds in a folder inside this one.</summary>
    public GitIgnore In(string folder) => new(this, folder, Path.Combine(folder, FileName));

    /// <summary>Whether a file or folder, whose parent is not ignored, is.</summary>
    public bool Ignores(string path, bool isFolder)
    {
        for (GitIgnore? rules = this; rules is not null; rules = rules._above)
        {
            string relative = Path.GetRelativePath(rules._folder, path).Replace(Path.DirectorySeparatorChar, '/');
            for (int i = rules._patterns.Count - 1; i >= 0; i--)
            {
                if (rules._patterns[i].Matches(relative, isFolder)) return !rules._patterns[i].IsNegated;
            }
        }
        return false;
    }

    private static List<GitIgnorePattern> Load(string path)
    {
        List<GitIgnorePattern> patterns = [];
        FileInfo file = new(path);
        // git does not follow a .gitignore that is a link.
        if (!file.Exists || file.LinkTarget is not null || FileIdentity.Of(path) is not { IsRegular: true }) return patterns;
        foreach (string line in File.ReadAllText(path, Encoding.UTF8).Split('\n'))
        {
            if (GitIgnorePattern.Parse(line.EndsWith('\r') ? line[..^1] : line) is { } pattern) patterns.Add(pattern);
        }
        return patterns;
    }
}
