using System;
using System.IO;
using System.Linq;
using Xunit;

namespace AhnSharp.Documents.Tests;

public sealed class CodeFolderTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("ahn-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Files_stand_under_their_paths_in_ordinal_order_and_the_rest_is_listed()
    {
        Write("b/z.cs", "z\n");
        Write("b.cs", "bee");
        Write("B.cs", "Bee");
        Write("a/.hidden", "h");
        Write(".git/config", "never");
        Write("out/x.o", "never");
        Write(".gitignore", "out/\n");
        Write("empty.txt", "");
        Write("large.txt", new string('x', 101));
        File.WriteAllBytes(Path.Combine(_root, "image.png"), [0x89, 0x50, 0, 0]);
        File.WriteAllBytes(Path.Combine(_root, "latin1.txt"), [0x63, 0xE9]);
        Write("doc.pdf", "%PDF-1.4");
        Document folder = DocumentReader.Open(_root, new DocumentLimits { FolderFileBytes = 100 });
        Assert.Equal([".gitignore", "B.cs", "a/.hidden", "b.cs", "b/z.cs", "latin1.txt"], folder.Parts.Select(part => part.Path));
        Assert.Equal(["z", "c\u00E9"], folder.Parts.TakeLast(2).Select(part => part.Text));
        Assert.Equal((DocumentKind.Folder, Path.GetFileName(_root)), (folder.Kind, folder.Name));
        Assert.Equal("1 file or folder left out by .gitignore", folder.Notes[0]);
        string[] expected =
        [
            "doc.pdf: skipped, a PDF", "empty.txt: skipped, empty", "image.png: skipped, no text", "large.txt: skipped, 101 bytes",
            "latin1.txt: read as windows-1252",
        ];
        Assert.Equal(expected.Length, folder.Notes.Count - 1);
        Assert.All(expected.Zip(folder.Notes.Skip(1)), pair => Assert.StartsWith(pair.First, pair.Second, StringComparison.Ordinal));
    }

    [Fact]
    public void Links_are_listed_and_not_followed()
    {
        Write("real.txt", "text");
        File.CreateSymbolicLink(Path.Combine(_root, "link.txt"), Path.Combine(_root, "real.txt"));
        Directory.CreateSymbolicLink(Path.Combine(_root, "loop"), _root);
        Directory.CreateSymbolicLink(Path.Combine(_root, "out"), Path.GetTempPath());
        Document folder = DocumentReader.Open(_root);
        Assert.Equal("real.txt", Assert.Single(folder.Parts).Path);
        Assert.Equal(["link.txt", "loop", "out"], folder.Notes.Select(note => note.Split(':')[0]));
        Assert.All(folder.Notes, note => Assert.EndsWith("a symbolic link", note, StringComparison.Ordinal));
    }

    [Fact]
    public void A_folder_in_a_repository_obeys_the_files_above_it_and_its_exclude_file()
    {
        Write(".git/info/exclude", "*.secret\n");
        Write(".gitignore", "*.log\n/named/\n");
        Write("named/a.txt", "a");
        Write("named/b.log", "b");
        Write("named/c.secret", "c");
        Document folder = DocumentReader.Open(Path.Combine(_root, "named"));
        Assert.Equal("a.txt", Assert.Single(folder.Parts).Path);
        Assert.Contains(folder.Notes, note => note.Contains("because it was named", StringComparison.Ordinal));
        Assert.Contains(folder.Notes, note => note.StartsWith("2 files and folders left out", StringComparison.Ordinal));
    }

    [Fact]
    public void Too_many_files_are_refused()
    {
        for (int i = 0; i < 4; i++) Write($"{i}.txt", "x");
        Assert.Contains("at most 3 files", Assert.Throws<DocumentException>(
            () => DocumentReader.Open(_root, new DocumentLimits { FolderFiles = 3 })).Message, StringComparison.Ordinal);
    }

    private void Write(string path, string text)
    {
        string full = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
