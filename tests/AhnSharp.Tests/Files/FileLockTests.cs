using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Files;
using Xunit;

namespace AhnSharp.Tests.Files;

public sealed class FileLockTests
{
    [Fact]
    public async Task One_holds_it_and_the_next_waits()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("a.ahn");
        FileLock first = FileLock.TryTake(path)!;
        Assert.Null(FileLock.TryTake(path));
        bool told = false;
        Task<FileLock> second = FileLock.TakeAsync(path, () => told = true, CancellationToken.None);
        await Task.Delay(200);
        Assert.False(second.IsCompleted);
        Assert.True(told);
        using CancellationTokenSource gaveUp = new();
        Task<FileLock> third = FileLock.TakeAsync(path, () => { }, gaveUp.Token);
        await gaveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => third);
        first.Dispose();
        first.Dispose();
        (await second.WaitAsync(TimeSpan.FromSeconds(20))).Dispose();
        if (OperatingSystem.IsLinux()) Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void What_a_dead_process_left_is_no_lock()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("a.ahn");
        File.WriteAllText(FileLock.PathOf(path), "4194999");
        using FileLock taken = FileLock.TryTake(path)!;
        Assert.NotNull(taken);
    }

    [UnixFact]
    public void A_link_and_its_file_have_one_lock()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("a.ahn"), link = folder.PathOf("b.ahn");
        File.WriteAllText(path, "");
        File.CreateSymbolicLink(link, path);
        using FileLock taken = FileLock.TryTake(link)!;
        Assert.Null(FileLock.TryTake(path));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_a_sentence() =>
        Assert.Contains("expected the folder", Assert.Throws<DirectoryNotFoundException>(
            () => FileLock.TryTake(Path.Combine(Path.GetTempPath(), "ahn-none", "a.ahn"))).Message, StringComparison.Ordinal);

    // Removing the file of a lock while others wait for it is where two could come to hold it.
    [Fact]
    public async Task Never_two_at_once()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("count.txt");
        await File.WriteAllTextAsync(path, "0");
        const int Threads = 6, Rounds = 60;
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                using FileLock alone = await FileLock.TakeAsync(path, () => { }, CancellationToken.None);
                int count = int.Parse(await File.ReadAllTextAsync(path), CultureInfo.InvariantCulture);
                await Task.Yield();
                await File.WriteAllTextAsync(path, (count + 1).ToString(CultureInfo.InvariantCulture));
            }
        })));
        Assert.Equal($"{Threads * Rounds}", await File.ReadAllTextAsync(path));
    }
}
