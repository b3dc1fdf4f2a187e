using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using AhnSharp.Documents.Folders;
using Xunit;

namespace AhnSharp.Documents.Tests;

public sealed class GitIgnoreTests : IDisposable
{
    private static readonly string[] Names =
        ["a", "b", "ab", "abc", "a.b", "foo", "foo.o", "bar.txt", "x y", "[b]", "z-9", "B", "#c", "!d", "e\\f", "e "];

    private static readonly string[] Patterns =
    [
        "*.o", "a", "/a", "a/", "/a/", "a/b", "a/*", "a/**", "**/b", "/**/b", "a/**/b", "**/a/**", "a**b", "**", "*", "!b", "!a/", "!*/",
        "!/a", "foo*", "*oo", "?", "??", "a?c", "[ab]", "[!a]*",
        "[^a]", "[a-f]o*", "[]b]", "[[]b]", "[[:upper:]]", "[[:alpha:]]*", "[a-", "\\#c", "#c", "\\!d", "e\\\\f", "e\\ ", "e  ", "x\\ y",
        "x y ", "***/b", "b/**/", "/", "//a", "a//b", "*/b", "/*", "!/a/b",
        "a/b/", "**/", "!**/b/", "a/[!b]", "z-9", "[z-]*", "foo/**/bar.txt", "a/**/", "*\\", "ab*/*", "**/*.txt", "!foo.o", "a.?",
        "[[:bogus:]]", "a/\\b", "b\r", "**/a/b", "a/**b", "a/b**", "**a/b",
    ];

    private static readonly Dictionary<string, string> FirstRound =
        new() { [""] = "a?c\na/b**\n", ["a"] = "a**b\na/b\n!*/\n", ["a/b"] = "" };

    private readonly string _root = Directory.CreateTempSubdirectory("ahn-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [GitFact]
    public void Random_patterns_in_nested_files_ignore_what_git_ignores()
    {
        // One tree, and 40 random sets of patterns at its root and in the folders a and a/b; before them one that
        // git reads in a way of its own.
        Git("init -q .");
        string[] folders = ["", "a", "a/b", "b", "foo", "b/a/b", "b/foo", "foo/a", "ab/x y"];
        foreach (string folder in folders) Directory.CreateDirectory(Path.Combine(_root, folder));
        foreach (string folder in folders)
        {
            foreach (string name in Names)
            {
                string path = Path.Combine(_root, folder, name);
                if (!Path.Exists(path)) File.WriteAllText(path, "text");
            }
        }

        Random random = new(3);
        for (int round = 0; round <= 40; round++)
        {
            foreach (string folder in new[] { "", "a", "a/b" })
            {
                string lines = round == 0 ? FirstRound[folder] : string.Concat(
                    Enumerable.Range(0, random.Next(1, 7)).Select(_ => Patterns[random.Next(Patterns.Length)] + "\n"));
                string file = Path.Combine(_root, folder, ".gitignore");
                if (lines.Length == 0 || (round > 0 && folder.Length > 0 && random.Next(2) == 0)) File.Delete(file);
                else File.WriteAllText(file, random.Next(8) == 0 ? '\uFEFF' + lines : lines);
            }
            // -z: names as they are; --others without the ignored ones is what a reader of the folder sees.
            string[] expected = [.. Git("ls-files --others --exclude-standard -z")
                .Split('\0', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
            string[] found = expected.Length == 0 && !Any() ? [] : [.. Read()];
            Assert.True(expected.SequenceEqual(found), $"round {round}\n{Shown()}\nonly git reads: "
                + $"{string.Join(" | ", expected.Except(found))}\nonly we read: {string.Join(" | ", found.Except(expected))}");
        }
    }

    [Theory]
    [InlineData("*a*a*a*a*a*a*a*a*a*a*b")]
    [InlineData("**/a/**/a/**/a/**/a/**/a/**/b")]
    public void No_pattern_is_slow(string pattern)
    {
        GitIgnorePattern parsed = GitIgnorePattern.Parse(pattern)!;
        Stopwatch watch = Stopwatch.StartNew();
        Assert.False(parsed.Matches(string.Join('/', Enumerable.Repeat("a", 20_000)), isFolder: false));
        Assert.False(parsed.Matches(new string('a', 40_000), isFolder: false));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
    }

    private bool Any()
    {
        try
        {
            return DocumentReader.Open(_root).Parts.Count > 0;
        }
        catch (DocumentException)
        {
            return false;
        }
    }

    private IEnumerable<string> Read() => DocumentReader.Open(_root).Parts.Select(part => part.Path!);

    private string Shown() => string.Join('\n', Directory.EnumerateFiles(_root, ".gitignore", SearchOption.AllDirectories).Select(
        file => $"{file}:\n{File.ReadAllText(file)}"));

    private string Git(string arguments)
    {
        // A person's own settings must not decide what the test expects.
        ProcessStartInfo start = new(
            "git", $"-c core.excludesFile= {arguments}")
        { WorkingDirectory = _root, RedirectStandardOutput = true };
        start.Environment["GIT_CONFIG_GLOBAL"] = start.Environment["GIT_CONFIG_SYSTEM"] = OperatingSystem.IsWindows() ? "NUL" : "/dev/null";
        using Process git = Process.Start(start)!;
        string output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        return output;
    }
}
