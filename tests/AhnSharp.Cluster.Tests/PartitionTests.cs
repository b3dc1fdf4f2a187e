using System;
using System.IO;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks;
using AhnSharp.Cluster.Grains;
using AhnSharp.Cluster.Storage;
using AhnSharp.Server;
using AhnSharp.Server.Documents;
using AhnSharp.Server.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace AhnSharp.Cluster.Tests;

/// <summary>A network is parted: two silos have one document, and each believes that the other is gone.</summary>
public sealed class PartitionTests : IAsyncDisposable
{
    private readonly TemporaryFolder _temporary = new();
    private readonly AhnServerOptions _options = new();
    private readonly ModelRegistry _models;

    public PartitionTests()
    {
        _options.Models.Add(new ServedModel("demo", DemoText.ModelPath));
        _options.PieceTokens = 64;
        _models = new ModelRegistry(_options, NullLoggerFactory.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _models.DisposeAsync();
        _temporary.Dispose();
    }

    [Fact]
    public async Task One_of_them_writes_and_the_other_is_refused_and_changes_nothing()
    {
        SiloDocuments here = Silo(), there = Silo();
        byte[] text = Encoding.UTF8.GetBytes("A text that two silos have.");
        DocumentContent content = new(Convert.ToHexStringLower(SHA256.HashData(text)), "", text.Length, "a.txt", null);
        DocumentRecord record = new()
        {
            Id = $"doc_{new string('a', 32)}",
            Number = 1,
            Name = "a.txt",
            Created = DateTimeOffset.UnixEpoch,
            Contents = [content],
        };
        await File.WriteAllBytesAsync(here.Library.MakeFilesOf(record.Id).Content(content), text);
        KeptDocument first = new(record.Id, here), second = new(record.Id, there);
        first.Load();
        first.Create(record);
        second.Load();

        first.Read();
        await UntilAsync(() => first.Standing!.ToView().Record.IsSettled);
        DocumentRecord ready = here.Library.Read(record.Id).Record!;
        Assert.Equal(DocumentState.Ready, ready.State);
        long version = here.Library.Read(record.Id).Version;

        second.Read(); // it still goes out from the version that it has
        await UntilAsync(() => second.IsStale);
        await second.EndAsync();
        Assert.Equal(version, there.Library.Read(record.Id).Version);
        Assert.Equal(DocumentState.Ready, there.Library.Read(record.Id).Record!.State);
        await Assert.ThrowsAsync<VersionConflictException>(second.DeleteAsync);
        Assert.True(File.Exists(here.Library.FilesOf(record.Id).Reading(ready.ReadingKey!)));

        second.Load(); // as its grain does when it is activated anew
        Assert.Equal(version, second.Standing!.Version);
        Assert.True(await second.DeleteAsync());
        Assert.Null(here.Library.Read(record.Id).Record);
        await Assert.ThrowsAsync<VersionConflictException>(first.DeleteAsync);
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        for (int tries = 0; !isSo(); tries++)
        {
            Assert.True(tries < 6_000, "expected it within a minute");
            await Task.Delay(10);
        }
    }

    // The library is told when a document is settled; here there is none to tell.
    private SiloDocuments Silo() =>
        new(new LibraryFolder(_temporary.PathOf("library"), isAlone: false), _options, _models, null, NullLogger<SiloDocuments>.Instance);
}
