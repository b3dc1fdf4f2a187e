using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Hub.Tests;

/// <summary>The cache as other tools leave it, and as we leave it to them.</summary>
public sealed class CacheTests : IDisposable
{
    private const string Name = "tiny-Q8_0.gguf", Older = "1111111111111111111111111111111111111111";
    private static readonly RepoName s_repo =
        RepoName.TryParse(FakeHub.Repo, out RepoName? repo) ? repo : throw new ArgumentException(FakeHub.Repo);
    private readonly PullRun _run = new();
    private readonly byte[] _content = FakeHub.Noise(20_000, 1);

    public CacheTests() => _run.Hub.Files[Name] = _content;

    private HubCache Cache => new(_run.Cache);

    public void Dispose() => _run.Dispose();

    [Fact]
    public void A_cache_made_by_hand_in_the_hubs_layout_is_found()
    {
        string blob = Lay(FakeHub.Commit, Name, _content);
        Ref("main", FakeHub.Commit);
        (string commit, ModelChoice<CachedFile> choice) = Cache.Find(Reference("q8_0")) ?? default;
        Assert.Equal(FakeHub.Commit, commit);
        CachedFile file = Assert.Single(choice.Files);
        Assert.Equal((Name, 20_000L, blob), (file.Path, file.Bytes, file.BlobPath));
        Assert.Equal(_content, File.ReadAllBytes(file.LocalPath));
    }

    [Fact]
    public async Task What_another_tool_fetched_is_not_fetched_again()
    {
        Lay(Older, Name, _content);
        PullResult result = await _run.PullAsync();
        Assert.Equal(0, result.FetchedBytes);
        Assert.Empty(_run.Hub.FileCalls);
        _run.AssertWhole(Name);
        Assert.Equal(FakeHub.Commit, File.ReadAllText(Path.Combine(_run.RepoFolder, "refs", "main")));
    }

    [Fact]
    public async Task What_we_fetch_lies_as_the_hubs_tools_expect_it()
    {
        _run.Hub.Files["folder/config.json"] = "{}"u8.ToArray();
        await _run.PullAsync(revision: "refs/pr/1");
        await _run.PullAsync("folder/config.json");
        _run.AssertWhole(Name);
        _run.AssertWhole("folder/config.json");
        Assert.Equal(FakeHub.Commit, File.ReadAllText(Path.Combine(_run.RepoFolder, "refs", "refs", "pr", "1")));
        Assert.StartsWith("Signature: 8a477f597d28d172789f06886806bc55", File.ReadAllText(Path.Combine(_run.Cache, "CACHEDIR.TAG")),
            StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_run.Cache, ".locks", "models--someone--tiny-GGUF", FakeHub.Sha256Of(_content) + ".lock")));
        using JsonDocument tree = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_run.RepoFolder, "trees", FakeHub.Commit + ".json")));
        Assert.Equal(1, tree.RootElement.GetProperty("format_version").GetInt32());
        JsonElement entry = tree.RootElement.GetProperty("files").GetProperty(Name);
        Assert.Equal(FakeHub.Sha256Of(_content), entry.GetProperty("lfs_sha256").GetString());
        Assert.Equal(FakeHub.GitHashOf(_content), entry.GetProperty("blob_id").GetString());
    }

    [Fact]
    public void The_newest_snapshot_that_has_it_is_taken_and_main_before_all()
    {
        Lay(Older, Name, _content);
        string inMain = Path.GetFileName(Lay(FakeHub.Commit, "other-F16.gguf", [1, 2, 3]));
        Ref("main", FakeHub.Commit);
        Assert.Equal(Older, Cache.Find(Reference("q8_0"))!.Value.Commit);
        Assert.Equal(inMain, Path.GetFileName(Cache.Find(Reference(null))!.Value.Choice.Files[0].BlobPath));
        Assert.Null(Cache.Find(Reference(null), "v2"));
        Assert.Contains("F16", Assert.Throws<HubException>(() => Cache.Find(Reference("q4_0"))).Message, StringComparison.Ordinal);
        Assert.Null(Cache.Find(new ModelReference(s_repo with { }, null), "v2"));
    }

    [UnixFact]
    public void Links_to_nothing_and_out_of_the_repository_are_no_files()
    {
        Lay(FakeHub.Commit, Name, _content);
        string snapshot = Path.Combine(_run.RepoFolder, "snapshots", FakeHub.Commit), outside = Path.Combine(_run.Cache, "outside.gguf");
        File.WriteAllBytes(outside, [1]);
        File.CreateSymbolicLink(Path.Combine(snapshot, "gone-F16.gguf"), "../../blobs/gone");
        File.CreateSymbolicLink(Path.Combine(snapshot, "outside-F32.gguf"), outside);
        Assert.Equal(Name, Assert.Single(Cache.Files(s_repo, FakeHub.Commit)).Path);
    }

    [Fact]
    public async Task Without_symbolic_links_the_file_itself_lies_in_the_snapshot()
    {
        await _run.PullAsync(change: settings => settings with { Symlinks = false });
        string path = Path.Combine(_run.RepoFolder, "snapshots", FakeHub.Commit, Name);
        Assert.Null(new FileInfo(path).LinkTarget);
        Assert.Equal(_content, File.ReadAllBytes(path));
        Assert.Empty(_run.WholeBlobs());
        Assert.Equal(0, (await _run.PullAsync(change: settings => settings with { Symlinks = false })).FetchedBytes);
        Assert.Equal(path, Cache.Find(Reference("q8_0"))!.Value.Choice.Files[0].LocalPath);
        CacheRemoval.Plan(Cache, s_repo, "q8_0").Execute();
        Assert.False(Directory.Exists(_run.RepoFolder));
    }

    [Fact]
    public async Task A_folder_of_safetensors_comes_whole_several_files_at_once()
    {
        _run.Hub.Files.Clear();
        string[] names =
        [
            "config.json", "tokenizer.json", "vocab.json", "merges.txt", "model.safetensors.index.json", "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors",
        ];
        for (int i = 0; i < names.Length; i++) _run.Hub.Files[names[i]] = FakeHub.Noise(10_000 + i, i);
        _run.Hub.Files["README.md"] = [1];
        int now = 0, most = 0;
        _run.Hub.OnFile = async (call, content) =>
        {
            lock (names) most = Math.Max(most, ++now);
            await Task.Delay(50);
            await call.FileAsync(content);
            lock (names) now--;
        };
        PullResult result = await _run.PullAsync();
        Assert.Equal(ModelKind.Folder, result.Kind);
        foreach (string name in names) _run.AssertWhole(name);
        Assert.Equal(names.Length, _run.WholeBlobs().Count());
        Assert.InRange(most, 2, ModelPull.DefaultParallel);
    }

    [Fact]
    public async Task One_file_that_fails_leaves_the_name_of_the_revision_where_it_was()
    {
        Lay(Older, Name, _content);
        Ref("main", Older);
        _run.Hub.Files["a-F16-00001-of-00002.gguf"] = FakeHub.Noise(1000, 5);
        _run.Hub.Files["a-F16-00002-of-00002.gguf"] = FakeHub.Noise(1000, 6);
        _run.Hub.OnFile = (call, content) =>
            call.Path.Contains("00002-of", StringComparison.Ordinal) ? call.AnswerAsync(403, "{}") : call.FileAsync(content);
        await Assert.ThrowsAsync<HubException>(() => _run.PullAsync("f16"));
        Assert.Equal(Older, File.ReadAllText(Path.Combine(_run.RepoFolder, "refs", "main")));
        Assert.Equal(Older, Cache.Find(Reference("q8_0"))!.Value.Commit);
    }

    [Fact]
    public void The_list_tells_models_types_revisions_and_what_is_not_whole()
    {
        Lay(FakeHub.Commit, "a-q4_k_m-00001-of-00002.gguf", FakeHub.Noise(10, 1));
        Lay(FakeHub.Commit, "a-q4_k_m-00002-of-00002.gguf", FakeHub.Noise(20, 2));
        Lay(FakeHub.Commit, "README.md", [1]);
        Lay(Older, "a-f16-00001-of-00003.gguf", FakeHub.Noise(30, 3));
        Ref("main", FakeHub.Commit);
        Ref("v1", FakeHub.Commit);
        string blobs = _run.Blobs, id = new('a', 64);
        File.WriteAllBytes(Path.Combine(blobs, $"{id}.incomplete"), new byte[40]);
        File.WriteAllBytes(Path.Combine(blobs, $"{new string('b', 64)}.12ab34cd.incomplete"), new byte[50]);
        File.WriteAllBytes(Path.Combine(blobs, $"{id}.corrupt"), new byte[60]);
        Directory.CreateDirectory(Path.Combine(_run.RepoFolder, "trees"));
        File.WriteAllText(Path.Combine(_run.RepoFolder, "trees", FakeHub.Commit + ".json"), Tree("b-q8_0.gguf", id));
        File.WriteAllText(Path.Combine(_run.RepoFolder, "trees", Older + ".json"), "[1, 2");
        Directory.CreateDirectory(Path.Combine(_run.Cache, "datasets--someone--else", "blobs"));

        CacheListing listing = CacheListing.Of(Cache);
        Assert.Equal(
            [("Q4_K_M", 2, 30L, "main,v1", false), ("other files", 1, 1L, "main,v1", false), ("F16", 1, 30L, "", true)],
            listing.Models.Select(
                model => (model.Label, model.Files.Count, model.Bytes, string.Join(',', model.Revisions), model.LacksParts)));
        Assert.Equal(
            [("b-q8_0.gguf", 60L, 99L, true), ("b-q8_0.gguf", 40L, 99L, false), (null, 50L, (long?)null, false)],
            listing.Partials.Select(partial => (partial.Name, partial.Bytes, partial.TotalBytes, partial.IsCorrupt)));
        Assert.Equal(30 + 1 + 30 + 40 + 50 + 60, listing.Bytes);
        Assert.Equal(FakeHub.Repo, listing.Models[0].Repo.Name);
    }

    [Fact]
    public void Removing_a_type_keeps_what_another_name_refers_to()
    {
        string shared = Lay(Older, Name, _content);
        Lay(FakeHub.Commit, "renamed-F16.gguf", _content);
        string own = Lay(FakeHub.Commit, "own-Q4_0.gguf", [1, 2, 3]);
        CacheRemoval removal = CacheRemoval.Plan(Cache, s_repo, "q8_0");
        Assert.Equal(0, removal.Bytes);
        removal.Execute();
        Assert.True(File.Exists(shared));
        Assert.Null(Cache.Find(Reference(null), Older));
        Assert.False(Directory.Exists(Path.Combine(_run.RepoFolder, "snapshots", Older)));

        CacheRemoval second = CacheRemoval.Plan(Cache, s_repo, "q4_0");
        Assert.Equal(3, second.Bytes);
        second.Execute();
        Assert.False(File.Exists(own));
        Assert.Equal(_content, File.ReadAllBytes(Cache.Find(Reference("f16"))!.Value.Choice.Files[0].LocalPath));
    }

    [Theory]
    [InlineData("[1, 2")]
    [InlineData("{}")]
    [InlineData("""{"files":{"a.gguf":{"size":9,"blob_id":null}}}""")]
    [InlineData("""{"files":{"a.gguf":{"size":9,"blob_id":"\ud800"}}}""")]
    [InlineData("""{"files":{"a.gguf":{"size":1e30,"blob_id":"aa","lfs_sha256":null}}}""")]
    public void A_list_that_another_program_broke_names_nothing(string tree)
    {
        Directory.CreateDirectory(_run.Blobs);
        File.WriteAllBytes(Path.Combine(_run.Blobs, new string('a', 64) + ".incomplete"), new byte[40]);
        Directory.CreateDirectory(Path.Combine(_run.RepoFolder, "trees"));
        File.WriteAllText(Path.Combine(_run.RepoFolder, "trees", Older + ".json"), tree);
        Assert.Null(Assert.Single(CacheListing.Of(Cache).Partials).Name);
    }

    [Fact]
    public void Removing_takes_a_type_from_every_snapshot_and_its_partial_downloads()
    {
        Lay(Older, Name, _content);
        Lay(FakeHub.Commit, Name, FakeHub.Noise(100, 2));
        string id = new('a', 64), partial = Path.Combine(_run.Blobs, id + ".incomplete"),
            other = Path.Combine(_run.Blobs, new string('b', 64) + ".incomplete");
        File.WriteAllBytes(partial, new byte[40]);
        File.WriteAllBytes(other, new byte[40]);
        Directory.CreateDirectory(Path.Combine(_run.RepoFolder, "trees"));
        File.WriteAllText(Path.Combine(_run.RepoFolder, "trees", FakeHub.Commit + ".json"), Tree(Name, id));
        CacheRemoval removal = CacheRemoval.Plan(Cache, s_repo, "Q8_0");
        Assert.Equal((2, 1, 20_000L + 100 + 40), (removal.Files.Count, removal.UnfinishedCount, removal.Bytes));
        removal.Execute();
        Assert.False(File.Exists(partial));
        Assert.True(File.Exists(other));

        CacheRemoval.Plan(Cache, s_repo, null).Execute();
        Assert.False(Directory.Exists(_run.RepoFolder));
        Assert.Contains("not in the cache", Assert.Throws<HubException>(() => CacheRemoval.Plan(Cache, s_repo, null)).Message,
            StringComparison.Ordinal);
    }

    [UnixFact]
    public void Removing_a_repository_does_not_follow_links_out_of_it()
    {
        Lay(FakeHub.Commit, Name, _content);
        string outside = Path.Combine(_run.Cache, "outside");
        Directory.CreateDirectory(outside);
        File.WriteAllBytes(Path.Combine(outside, "kept"), [1]);
        Directory.CreateSymbolicLink(Path.Combine(_run.RepoFolder, "snapshots", FakeHub.Commit, "link"), outside);
        CacheRemoval.Plan(Cache, s_repo, null).Execute();
        Assert.True(File.Exists(Path.Combine(outside, "kept")));
        Assert.False(Directory.Exists(_run.RepoFolder));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("q8_0")]
    public void Nothing_is_removed_while_another_fetches_it(string? what)
    {
        string blob = Lay(FakeHub.Commit, Name, _content);
        using (BlobLock.TryAcquire(Cache.LockPath(s_repo, Path.GetFileName(blob)))!)
        {
            Assert.Contains("another process", Assert.Throws<HubException>(CacheRemoval.Plan(Cache, s_repo, what).Execute).Message,
                StringComparison.Ordinal);
            Assert.True(File.Exists(blob));
        }
        CacheRemoval.Plan(Cache, s_repo, what).Execute();
        Assert.False(File.Exists(blob));
    }

    [Fact]
    public async Task What_is_whole_is_taken_without_a_lock()
    {
        await _run.PullAsync();
        using (BlobLock.TryAcquire(Cache.LockPath(s_repo, FakeHub.Sha256Of(_content))))
        {
            Assert.Equal(0, (await _run.PullAsync().WaitAsync(TimeSpan.FromSeconds(30))).FetchedBytes);
        }
    }

    [Fact]
    public void A_lock_is_held_by_one_and_given_back()
    {
        string path = Path.Combine(_run.Cache, "x.lock");
        using (BlobLock.TryAcquire(path)) Assert.Null(BlobLock.TryAcquire(path));
        using BlobLock? again = BlobLock.TryAcquire(path);
        Assert.NotNull(again);
    }

    // As huggingface_hub lays a file: the bytes under their hash, the name as a relative link to them.
    private string Lay(string commit, string path, byte[] content)
    {
        string blob = Path.Combine(_run.Blobs, FakeHub.BlobId(path, content)),
            name = Path.Combine(_run.RepoFolder, "snapshots", commit, path);
        Directory.CreateDirectory(_run.Blobs);
        Directory.CreateDirectory(Path.GetDirectoryName(name)!);
        File.WriteAllBytes(blob, content);
        File.CreateSymbolicLink(name, $"../../blobs/{Path.GetFileName(blob)}");
        return blob;
    }

    private void Ref(string revision, string commit)
    {
        Directory.CreateDirectory(Path.Combine(_run.RepoFolder, "refs"));
        File.WriteAllText(Path.Combine(_run.RepoFolder, "refs", revision), commit);
    }

    private static string Tree(string path, string id) =>
        $$$"""{"format_version": 1, "files": {"{{{path}}}": {"size": 99, "blob_id": "x", "lfs_sha256": "{{{id}}}", "lfs_size": 99} } }""";

    private static ModelReference Reference(string? what) => new(s_repo, what);
}
