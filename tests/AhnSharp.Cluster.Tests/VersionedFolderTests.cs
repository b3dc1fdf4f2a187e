using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using AhnSharp.Cluster.Storage;
using Xunit;

namespace AhnSharp.Cluster.Tests;

public sealed class VersionedFolderTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    private string Root => _temporary.PathOf("records");

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Each_write_is_the_next_version()
    {
        VersionedFolder folder = new(Root);
        Assert.Null(folder.Read("doc"));
        for (int i = 1; i <= 20; i++)
        {
            Assert.Equal(i, folder.Write("doc", i - 1, Encoding.UTF8.GetBytes($"value {i}")));
            VersionedValue read = new VersionedFolder(Root).Read("doc")!.Value;
            Assert.Equal((i, $"value {i}", false), (read.Version, Encoding.UTF8.GetString(read.Bytes.Span), read.IsDeleted));
        }
        Assert.Equal(VersionedFolder.Kept + 1, Directory.GetFiles(Root, "*", SearchOption.AllDirectories).Length);
        Assert.Equal(["doc"], folder.Names());
    }

    [Fact]
    public void A_writer_that_is_late_is_refused_by_a_sentence_and_writes_nothing()
    {
        VersionedFolder folder = new(Root);
        for (int i = 0; i < 10; i++) folder.Write("doc", i, [(byte)i]);
        foreach (long late in (long[])[0, 1, 5, 9, 11])
        {
            VersionConflictException refused = Assert.Throws<VersionConflictException>(() => folder.Write("doc", late, "late"u8));
            Assert.Equal(10, refused.Found);
            Assert.Contains($"expected to replace version {late}, found version 10", refused.Message, StringComparison.Ordinal);
        }
        VersionedValue read = folder.Read("doc")!.Value;
        Assert.Equal((10, 9), (read.Version, (int)read.Bytes.Span[0]));
    }

    [Fact]
    public void What_is_deleted_is_not_brought_back_by_who_holds_an_old_version()
    {
        VersionedFolder folder = new(Root);
        folder.Write("doc", 0, "one"u8);
        Assert.Equal(2, folder.Delete("doc", 1));
        Assert.True(folder.Read("doc")!.Value.IsDeleted);
        Assert.Throws<VersionConflictException>(() => folder.Write("doc", 1, "late"u8));
        Assert.Equal(3, folder.Write("doc", 2, "again"u8));
    }

    [Fact]
    public void What_a_killed_writer_left_is_no_version()
    {
        VersionedFolder folder = new(Root);
        folder.Write("doc", 0, "whole"u8);
        string of = Path.GetDirectoryName(Directory.GetFiles(Root, "*", SearchOption.AllDirectories).Single())!;
        string left = Path.Combine(of, $"{Guid.NewGuid():N}.new");
        File.WriteAllText(left, "ahn1 half");
        Assert.Equal("whole", Encoding.UTF8.GetString(folder.Read("doc")!.Value.Bytes.Span));
        File.SetLastWriteTimeUtc(left, DateTime.UtcNow.AddHours(-2));
        Assert.Equal(2, folder.Write("doc", 1, "next"u8));
        Assert.False(File.Exists(left));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    [InlineData(70)]
    [InlineData(74)]
    public void Any_byte_that_changed_is_seen(int at)
    {
        VersionedFolder folder = new(Root);
        folder.Write("doc", 0, "value"u8);
        string path = Directory.GetFiles(Root, "*", SearchOption.AllDirectories).Single();
        byte[] bytes = File.ReadAllBytes(path);
        bytes[at] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => folder.Read("doc")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../doc")]
    [InlineData("a/b")]
    [InlineData(".")]
    public void A_name_is_never_a_path(string name) => Assert.Throws<ArgumentException>(() => new VersionedFolder(Root).Read(name));

    // Every count is a write that nobody else's replaced: a lost one would leave the number behind the writes, a write of two an equal one.
    [Fact]
    public async Task Processes_that_race_lose_no_write()
    {
        int processes = 3, times = LongForm.Or(100, 5_000);
        Process[] racing = [.. Enumerable.Range(0, processes).Select(_ => VersionRace.Start(Root, times))];
        int refused = 0;
        foreach (Process process in racing)
        {
            refused += int.Parse(await process.StandardOutput.ReadToEndAsync(), CultureInfo.InvariantCulture);
            await process.WaitForExitAsync();
            Assert.Equal(0, process.ExitCode);
            process.Dispose();
        }
        Assert.Equal((processes * times, processes * times), VersionRace.Read(new VersionedFolder(Root)));
        Assert.True(refused > 0 || !LongForm.IsOn, "expected processes that meet, found that none was ever refused");
    }

    // Killed at any moment: what is there is a whole version, and the next writer goes on from it.
    [Fact]
    public async Task Writers_that_are_killed_leave_a_whole_version()
    {
        VersionedFolder folder = new(Root);
        Random random = new(7);
        long last = 0;
        for (int i = 0; i < LongForm.Or(2, 100); i++)
        {
            using Process writer = VersionRace.Start(Root, 1_000_000);
            while (VersionRace.Read(folder).Number <= last + random.Next(1, 20)) await Task.Delay(5);
            writer.Kill();
            await writer.WaitForExitAsync();
            (long number, long version) = VersionRace.Read(folder);
            Assert.Equal(number, version);
            Assert.True(number > last);
            last = number;
        }
    }
}
