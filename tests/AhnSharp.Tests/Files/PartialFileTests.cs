using System;
using System.IO;
using AhnSharp.Files;
using Xunit;

namespace AhnSharp.Tests.Files;

public sealed class PartialFileTests
{
    [Fact]
    public void The_file_appears_when_it_is_whole_and_nothing_stays_otherwise()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("a.bin");
        using (PartialFile file = new(path))
        {
            file.Stream.Write([1, 2]);
            Assert.False(File.Exists(path));
            file.Write([3]);
            Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
            Assert.Throws<InvalidOperationException>(file.Commit);
        }
        using (PartialFile given = new(path)) given.Stream.Write([9]);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
        Assert.Throws<IOException>(() => new PartialFile(folder.Path));
        Assert.Throws<DirectoryNotFoundException>(() => new PartialFile(folder.PathOf("none/a.bin")));
    }

    [Fact]
    public void Leftovers_of_the_same_name_go_and_all_others_stay()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("a.bin"), left = $"{path}.{Guid.NewGuid():N}.partial";
        string[] others =
        [
            $"{path}.partial", $"{path}.notes.partial", $"{path}.{Guid.NewGuid():N}", folder.PathOf($"b.bin.{Guid.NewGuid():N}.partial"),
            folder.PathOf($"a.bin.gguf.{Guid.NewGuid():N}.partial"),
        ];
        foreach (string file in others) File.WriteAllBytes(file, [1]);
        File.WriteAllBytes(left, [1]);
        using PartialFile living = new(path);
        Assert.False(File.Exists(left));
        living.Stream.Write([1]);
        // The partial file of somebody who is still at it is not a leftover.
        using (PartialFile second = new(path)) second.Write([2]);
        Assert.Equal([2], File.ReadAllBytes(path));
        living.Commit();
        Assert.Equal([1], File.ReadAllBytes(path));
        Assert.All(others, file => Assert.True(File.Exists(file), file));
    }

    [UnixFact]
    public void Permissions_and_links_stay()
    {
        if (OperatingSystem.IsWindows()) throw new InvalidOperationException("UnixFact runs on Unix alone.");
        using TemporaryFolder folder = new();
        string path = folder.PathOf("a.bin"), link = folder.PathOf("link.bin");
        File.WriteAllBytes(path, [1]);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.CreateSymbolicLink(link, path);
        using (PartialFile file = new(link)) file.Write([2]);
        Assert.Equal([2], File.ReadAllBytes(path));
        Assert.Equal(path, new FileInfo(link).LinkTarget);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }
}
