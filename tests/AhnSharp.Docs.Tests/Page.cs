using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Xunit;

namespace AhnSharp.Docs.Tests;

/// <summary>A Markdown page of the repository and its fenced blocks.</summary>
internal sealed record Page(string Path, string Text)
{
    public static string Repository { get; } = FindRepository();

    /// <summary>README.md, everything under docs, and what the packages show.</summary>
    public static IReadOnlyList<Page> All()
    {
        string[] projects = Directory.GetDirectories(Absolute("src"));
        IEnumerable<string> packages = projects.Select(project => System.IO.Path.Combine(project, "PACKAGE.md")).Where(File.Exists);
        IEnumerable<string> docs = Directory.GetFiles(Absolute("docs"), "*.md");
        string[] paths = [Absolute("README.md"), .. docs.Order(StringComparer.Ordinal), .. packages.Order(StringComparer.Ordinal)];
        return [.. paths.Select(path => Read(System.IO.Path.GetRelativePath(Repository, path).Replace('\\', '/')))];
    }

    public static Page Read(string path) => new(path, File.ReadAllText(Absolute(path)));

    /// <summary>Fenced blocks in order; Language is what stands behind the fence, Line where the block begins.</summary>
    public IEnumerable<Block> Blocks()
    {
        string[] lines = Text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith("```", StringComparison.Ordinal)) continue;
            int end = Array.FindIndex(lines, i + 1, line => line.StartsWith("```", StringComparison.Ordinal));
            Assert.True(end > i, $"{Path}:{i + 1}: expected the end of the block that begins here, found the end of the page.");
            yield return new Block(Path, i + 1, lines[i][3..].Trim(), string.Join('\n', lines[(i + 1)..end]));
            i = end;
        }
    }

    private static string Absolute(string path) => System.IO.Path.Combine(Repository, path);

    private static string FindRepository()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = System.IO.Path.GetDirectoryName(folder))
        {
            if (File.Exists(System.IO.Path.Combine(folder, "AhnSharp.sln"))) return folder;
        }
        throw new InvalidOperationException($"No AhnSharp.sln above {AppContext.BaseDirectory}: run the tests from a clone.");
    }
}

/// <summary>What stands between two fences.</summary>
internal sealed record Block(string Path, int Line, string Language, string Text)
{
    public override string ToString() => $"{Path}:{Line}";
}
