using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using AhnSharp.Files;

namespace AhnSharp.Documents.Folders;

/// <summary>
/// The ignore patterns that hold in a folder: its own .gitignore before those of the folders above it, up to the root of the repository.
/// </summary>
/// <remarks>
/// As git does it: within a file the last pattern that matches decides; a file below decides before one above; in an ignored folder
/// nothing is taken back, because nobody looks into it. .git/info/exclude of the repository counts last; a person's global excludes do
/// not count, so the same folder reads the same everywhere. A folder without patterns costs nothing further down, so a path is held
/// only against files that have some.
/// </remarks>
internal sealed class GitIgnore
{
    // git itself stops at 100 MB; a file of patterns has some kilobytes.
    private const long MaxBytes = 1 << 20;
    private const string FileName = ".gitignore";
    private readonly GitIgnore? _above;
    private readonly int _folderLength;
    private readonly List<GitIgnorePattern> _patterns;

    private GitIgnore(GitIgnore? above, string folder, List<GitIgnorePattern> patterns) =>
        (_above, _folderLength, _patterns) = (above, GitBytes.Of(Path.TrimEndingDirectorySeparator(folder)).Length, patterns);

    /// <summary>What holds in <paramref name="folder"/>, the folders above it in the same repository included.</summary>
    /// <param name="folder">Its whole path.</param>
    /// <param name="repository">The root of the repository around it; null where there is none.</param>
    /// <param name="isIgnored">Whether one of the patterns above ignores it.</param>
    public static GitIgnore For(string folder, out string? repository, out bool isIgnored)
    {
        isIgnored = false;
        List<string> below = [];
        repository = folder;
        while (repository is not null && !Path.Exists(Path.Combine(repository, ".git")))
        {
            below.Add(repository);
            repository = Path.GetDirectoryName(repository);
        }
        GitIgnore none = new(null, folder, []);
        if (repository is null) return none.In(folder);
        List<GitIgnorePattern> exclude = Load(Path.Combine(repository, ".git", "info", "exclude"));
        GitIgnore rules = new GitIgnore(null, repository, exclude).In(repository);
        for (int i = below.Count - 1; i >= 0; i--)
        {
            isIgnored |= rules.Ignores(below[i], isFolder: true);
            rules = rules.In(below[i]);
        }
        return rules;
    }

    /// <summary>What holds in a folder inside this one.</summary>
    public GitIgnore In(string folder) =>
        Load(Path.Combine(folder, FileName)) is { Count: > 0 } patterns ? new GitIgnore(this, folder, patterns) : this;

    /// <summary>Whether a file or folder, whose parent is not ignored, is.</summary>
    /// <param name="path">Its whole path.</param>
    /// <param name="isFolder">A symbolic link to a folder is none.</param>
    public bool Ignores(string path, bool isFolder)
    {
        string bytes = GitBytes.Of(path);
        for (GitIgnore? rules = this; rules is not null; rules = rules._above)
        {
            if (rules._patterns.Count == 0) continue;
            ReadOnlySpan<char> relative = bytes.AsSpan(Math.Min(bytes.Length, rules._folderLength + (rules._folderLength > 1 ? 1 : 0)));
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
        // git does not follow a .gitignore that is a link; what has no length may be a pipe, and opening one
        // would wait for somebody who writes.
        if (!file.Exists || file.LinkTarget is not null || file.Length is 0 or > MaxBytes) return patterns;
        if (FileIdentity.Of(path) is not { IsRegular: true }) return patterns;
        // A byte a character, as git matches.
        string text = Encoding.Latin1.GetString(File.ReadAllBytes(path));
        if (text.StartsWith("\u00EF\u00BB\u00BF", StringComparison.Ordinal)) text = text[3..];
        foreach (string line in text.Split('\n'))
        {
            if (GitIgnorePattern.Parse(line.EndsWith('\r') ? line[..^1] : line) is { } pattern) patterns.Add(pattern);
        }
        return patterns;
    }
}
