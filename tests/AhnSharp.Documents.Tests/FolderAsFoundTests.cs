using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Xunit;

namespace AhnSharp.Documents.Tests;

/// <summary>Folders that strangers made: pipes, depth, names; and repositories whose index says more than their .gitignore.</summary>
public sealed class FolderAsFoundTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("ahn-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [GitTheory]
    [InlineData("2", "sha1")]
    [InlineData("4", "sha1")]
    [InlineData("2", "sha256")]
    public void Tracked_files_are_read_whatever_a_pattern_says(string version, string hash)
    {
        Git($"init -q --object-format={hash} .");
        foreach (string path in new[]
        {
            "local.cfg", "other.cfg", "a.txt", "out/deep/kept.o", "out/deep/left.o", "out/left.o", "\u00E9/x.cfg",
        }) Write(path, "text");
        Write(".gitignore", "*.cfg\nout/\n");
        Git("add -f local.cfg out/deep/kept.o \u00E9/x.cfg");
        Git($"update-index --index-version {version}");
        Document folder = DocumentReader.Open(_root);
        Assert.Equal(Git("ls-files -co --exclude-standard -z").Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Order(StringComparer.Ordinal), folder.Parts.Select(static part => part.Path));
        Assert.Contains("out/deep/kept.o", folder.Parts.Select(static part => part.Path));
        Assert.Equal(["kept.o"], DocumentReader.Open(Path.Combine(_root, "out", "deep")).Parts.Select(static part => part.Path).Where(
            static path => path!.StartsWith('k')));
    }

    [GitFact]
    public void An_index_that_cannot_be_read_is_said()
    {
        Git("init -q .");
        Write("a.txt", "a");
        Git("add a.txt");
        string index = Path.Combine(_root, ".git", "index");
        byte[] bytes = File.ReadAllBytes(index);
        foreach (byte[] broken in new[] { bytes[..20], [.. bytes[..7], 9, .. bytes[8..]], [.. "junk"u8, .. bytes[4..]] })
        {
            File.WriteAllBytes(index, broken);
            Assert.Contains("the repository's index is", Assert.Single(DocumentReader.Open(_root).Notes), StringComparison.Ordinal);
        }
    }

    [GitFact]
    public void A_question_mark_is_one_byte_as_in_git()
    {
        Git("init -q .");
        foreach (string path in new[] { "foo/\u00E9/x.c", "y", "\u00FC", "\u65E5", "ab", "z\u00E9" }) Write(path, "text");
        foreach (string patterns in new[] { "?\n", "??\n", "???\n", "[\u00E9]\n", "z?\n", "z??\n", "\u00FC\n", "*\u00E9\n" })
        {
            Write(".gitignore", patterns);
            Assert.Equal(Git("ls-files -o --exclude-standard -z").Split('\0', StringSplitOptions.RemoveEmptyEntries)
                .Order(StringComparer.Ordinal), DocumentReader.Open(_root).Parts.Select(static part => part.Path));
        }
    }

    [UnixFact]
    public void Pipes_and_devices_are_never_waited_for()
    {
        Write("a.txt", "a");
        Directory.CreateDirectory(Path.Combine(_root, "sub"));
        Write("sub/b.txt", "b");
        foreach (string pipe in new[] { "pipe", "sub/.gitignore" }) Run("mkfifo", Path.Combine(_root, pipe));
        Document folder = DocumentReader.Open(_root);
        Assert.Equal(["a.txt", "sub/b.txt"], folder.Parts.Select(static part => part.Path));
        Assert.Equal(["pipe: skipped, empty, a pipe or a device", "sub/.gitignore: skipped, empty, a pipe or a device"], folder.Notes);
    }

    [UnixFact]
    public void Folders_in_each_other_are_read_to_a_depth()
    {
        const int Levels = 1200;
        Write("a.txt", "a");
        Run("sh", "-c", $"cd '{_root}' && i=0; "
            + $"while [ $i -lt {Levels} ]; do mkdir d && cd d && printf 'x%s\\n' $i > .gitignore && printf t > t.txt; i=$((i+1)); done");
        try
        {
            Document folder = DocumentReader.Open(_root, new DocumentLimits { FolderDepth = 100 });
            Assert.Equal(1 + (2 * 100), folder.Parts.Count);
            Assert.Contains("1 folder lies deeper than 100 levels", Assert.Single(folder.Notes), StringComparison.Ordinal);
            Document all = DocumentReader.Open(_root, new DocumentLimits { FolderDepth = int.MaxValue });
            Assert.InRange(all.Parts.Count, 2 * 1000, (2 * Levels) + 1);
        }
        finally
        {
            // Deeper than the runtime's own removal goes.
            Run("rm", "-rf", Path.Combine(_root, "d"));
        }
    }

    [UnixFact]
    public void Names_that_would_write_to_a_terminal_are_shown_as_numbers()
    {
        Write("a.txt", "a");
        Write("e\u001B]0;PWNED\u0007\u001B[31mbin", "");
        Write("n\nl.bin", "");
        Write("r\u202Etxt.exe", "x");
        Document folder = DocumentReader.Open(_root);
        Assert.Equal(["a.txt", "r\\u{202E}txt.exe"], folder.Parts.Select(static part => part.Path));
        Assert.Equal(["e\\u{1B}]0;PWNED\\u{7}\\u{1B}[31mbin", "n\\u{A}l.bin"], folder.Notes.Select(static note => note.Split(": ")[0]));
    }

    [UnixFact]
    public void Names_that_are_not_UTF8_are_noted()
    {
        Write("a.txt", "a");
        Run("sh", "-c", $"cd '{_root}' && printf x > \"$(printf 'bad\\377.txt')\" && mkdir \"$(printf 'dir\\377')\" && printf y > "
            + $"\"$(printf 'dir\\377/b.txt')\"");
        Document folder = DocumentReader.Open(_root);
        Assert.Equal(["a.txt"], folder.Parts.Select(static part => part.Path));
        Assert.All(folder.Notes, static note => Assert.Contains("not UTF-8", note, StringComparison.Ordinal));
        Assert.Equal(2, folder.Notes.Count);
        Run("sh", "-c", $"rm -rf '{_root}'/dir* '{_root}'/bad*");
    }

    private string Git(string arguments) => Run("git", ["-C", _root, "-c", "user.name=t", "-c", "user.email=t@t", .. arguments.Split(' ')]);

    private static string Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program) { RedirectStandardOutput = true, StandardOutputEncoding = System.Text.Encoding.UTF8 };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }

    private void Write(string path, string text)
    {
        string full = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    private sealed class GitTheoryAttribute : TheoryAttribute
    {
        public GitTheoryAttribute() => Skip = new GitFactAttribute().Skip;
    }
}
