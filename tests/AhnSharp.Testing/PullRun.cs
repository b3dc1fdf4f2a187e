using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Hub;
using Xunit;

namespace AhnSharp.Testing;

/// <summary>A pull into a folder of its own, and what is asserted of every one.</summary>
internal sealed class PullRun : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ahn-hub-").FullName;

    public FakeHub Hub { get; } = new();

    public ConcurrentQueue<FileProgress> Progress { get; } = new();

    public string Cache => Path.Combine(_folder, "hub");

    public string RepoFolder => Path.Combine(Cache, "models--someone--tiny-GGUF");

    public string Blobs => Path.Combine(RepoFolder, "blobs");

    public Task<PullResult> PullAsync(string? what = null, Func<HubSettings, HubSettings>? change = null, string revision = "main",
        CancellationToken cancellationToken = default)
    {
        HubSettings settings = Hub.Settings(Cache);
        ModelPull pull = new(change is null ? settings : change(settings)) { Revision = revision };
        Assert.True(ModelReference.TryParse(what is null ? FakeHub.Repo : $"{FakeHub.Repo}:{what}", out ModelReference? reference));
        return pull.RunAsync(reference, new Sink(Progress), cancellationToken);
    }

    /// <summary>It is refused with a sentence that has all of <paramref name="parts"/>, and leaves no blob behind.</summary>
    public async Task<HubException> RefusedAsync(string? what, Func<HubSettings, HubSettings>? change, params string[] parts)
    {
        HubException refused = await Assert.ThrowsAnyAsync<HubException>(() => PullAsync(what, change));
        foreach (string part in parts) Assert.Contains(part, refused.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\n', refused.Message);
        Assert.Empty(WholeBlobs());
        Assert.Empty(Hub.Faults);
        return refused;
    }

    public IEnumerable<string> WholeBlobs() =>
        Directory.Exists(Blobs) ? Directory.EnumerateFiles(Blobs).Where(path => !Path.HasExtension(path)) : [];

    /// <summary>The file lies whole in the cache, under its name and under its hash.</summary>
    public void AssertWhole(string path, string? commit = null)
    {
        byte[] content = Hub.Files[path];
        string name = Path.Combine(RepoFolder, "snapshots", commit ?? FakeHub.Commit, path),
            blob = Path.Combine(Blobs, FakeHub.BlobId(path, content));
        Assert.Equal(content, File.ReadAllBytes(name));
        Assert.Equal(content, File.ReadAllBytes(blob));
        string climb = string.Concat(Enumerable.Repeat("../", path.Split('/').Length + 1));
        Assert.Equal($"{climb}blobs/{Path.GetFileName(blob)}", new FileInfo(name).LinkTarget);
        Assert.False(File.Exists(blob + ".incomplete"));
        Assert.Empty(Hub.Faults);
    }

    public void Dispose()
    {
        Hub.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private sealed class Sink(ConcurrentQueue<FileProgress> progress) : IProgress<FileProgress>
    {
        public void Report(FileProgress value) => progress.Enqueue(value);
    }
}
