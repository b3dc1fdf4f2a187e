using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using AhnSharp.Gguf;
using Xunit;

namespace AhnSharp.Cli.Tests;

/// <summary>The commands as a person starts them, against a hub on loopback.</summary>
public sealed class HubCommandTests : IDisposable
{
    private const string ModelName = "Tiny-Q8_0.gguf", Reference = $"{FakeHub.Repo}:q8_0";
    private readonly PullRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task What_was_pulled_runs_by_its_name_is_listed_and_removed()
    {
        _run.Hub.Files[ModelName] = await File.ReadAllBytesAsync(DemoText.ModelPath);
        _run.Hub.Files["README.md"] = "# tiny"u8.ToArray();
        (await RunAsync("run", "--model", Reference, "--prompt", "x")).AssertFailed(1, $"ahn pull {Reference}", _run.Cache);

        AhnProcess pull = await RunAsync("pull", Reference);
        Assert.True(pull.ExitCode == 0, pull.Errors);
        _run.AssertWhole(ModelName);
        string path = Path.Combine(_run.RepoFolder, "snapshots", FakeHub.Commit, ModelName);
        Assert.Equal(path, pull.Output.TrimEnd());
        Assert.Contains($"ahn run {Reference}", pull.Errors, StringComparison.Ordinal);
        Assert.Equal(FakeHub.Commit, await File.ReadAllTextAsync(Path.Combine(_run.RepoFolder, "refs", "main")));

        AhnProcess answer = await RunAsync(
            "run", "--model", Reference, "--prompt", "The code of Oliver is", "--max-tokens", "3", "--raw", "--verbose");
        Assert.True(answer.ExitCode == 0, answer.Errors);
        Assert.Contains(ModelName, answer.Errors, StringComparison.Ordinal);
        AhnProcess inspect = await RunAsync("inspect", FakeHub.Repo);
        Assert.True(inspect.ExitCode == 0, inspect.Errors);

        AhnProcess list = await RunAsync("list");
        Assert.Contains(FakeHub.Repo, list.Output, StringComparison.Ordinal);
        Assert.Contains("Q8_0", list.Output, StringComparison.Ordinal);
        Assert.Contains("main", list.Output, StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse((await RunAsync("list", "--json")).Output);
        JsonElement model = Assert.Single(json.RootElement.GetProperty("models").EnumerateArray().ToArray());
        Assert.Equal(_run.Hub.Files[ModelName].Length, model.GetProperty("bytes").GetInt64());
        Assert.Equal("Q8_0", model.GetProperty("label").GetString());
        Assert.InRange(model.GetProperty("last_used").GetDateTime(), DateTime.UtcNow.AddMinutes(-5), DateTime.UtcNow.AddMinutes(5));

        (await RunAsync("remove", Reference)).AssertFailed(2, "--yes", "1 file");
        Assert.True(File.Exists(path));
        AhnProcess remove = await AhnProcess.RunAloneAsync(["remove", Reference, "--yes"], environment: Variables());
        Assert.True(remove.ExitCode == 0, remove.Errors);
        Assert.False(Directory.Exists(_run.RepoFolder));
    }

    [Fact]
    public async Task A_second_pull_fetches_nothing_and_offline_it_asks_nothing()
    {
        _run.Hub.Files[ModelName] = FakeHub.Noise(50_000, 1);
        Assert.Equal(0, (await RunAsync("pull", Reference)).ExitCode);
        int calls = _run.Hub.Calls.Count;
        AhnProcess again = await RunAsync("pull", Reference, "--json");
        using JsonDocument json = JsonDocument.Parse(again.Output);
        Assert.Equal(0, json.RootElement.GetProperty("bytes_fetched").GetInt64());
        Assert.Equal(FakeHub.Sha256Of(_run.Hub.Files[ModelName]), json.RootElement.GetProperty("files")[0].GetProperty("hash").GetString());
        Assert.Equal(calls + 2, _run.Hub.Calls.Count);
        AhnProcess offline = await AhnProcess.RunAsync(["pull", Reference], environment: Variables(("HF_HUB_OFFLINE", "1")));
        Assert.Equal(0, offline.ExitCode);
        Assert.Equal(calls + 2, _run.Hub.Calls.Count);
        (await AhnProcess.RunAsync(
            ["pull", $"{FakeHub.Repo}:F16"], environment: Variables(("HF_HUB_OFFLINE", "1")))).AssertFailed(1, "Q8_0");
    }

    [Fact]
    public async Task Events_say_how_far_a_pull_has_come()
    {
        _run.Hub.Files[ModelName] = FakeHub.Noise(50_000, 1);
        AhnProcess pull = await RunAsync("pull", Reference, "--jsonl", "--any");
        Assert.True(pull.ExitCode == 0, pull.Errors);
        JsonElement[] events =
            [.. pull.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal("done", events[^1].GetProperty("event").GetString());
        Assert.Equal(50_000, events[^1].GetProperty("bytes_fetched").GetInt64());
        JsonElement[] fetching = [.. events[..^1]];
        Assert.All(fetching, one => Assert.Equal(
            ("fetching", ModelName, 50_000),
            (one.GetProperty("event").GetString(), one.GetProperty("file").GetString(), one.GetProperty("bytes_total").GetInt32())));
        Assert.Contains("fetching", fetching.Select(one => one.GetProperty("stage").GetString()));
        Assert.Equal("done", fetching[^1].GetProperty("stage").GetString());
        Assert.Equal(2, (await RunAsync("pull", Reference, "--jsonl", "--json")).ExitCode);
    }

    [Fact]
    public async Task A_pulled_folder_converts_by_its_name()
    {
        using TemporaryFolder parent = new();
        TinyFolder folder = TinyFolder.Base(parent).Write(shards: 2);
        foreach (string path in Directory.EnumerateFiles(folder.Path))
            _run.Hub.Files[Path.GetFileName(path)] = await File.ReadAllBytesAsync(path);
        AhnProcess pull = await RunAsync("pull", FakeHub.Repo);
        Assert.True(pull.ExitCode == 0, pull.Errors);
        Assert.Equal(Path.Combine(_run.RepoFolder, "snapshots", FakeHub.Commit), pull.Output.TrimEnd());
        Assert.Contains($"ahn convert {FakeHub.Repo} -o", pull.Errors, StringComparison.Ordinal);
        (await RunAsync("run", "--model", FakeHub.Repo, "--prompt", "x")).AssertFailed(2, "ahn convert");
        AhnProcess convert = await RunAsync("convert", FakeHub.Repo, "-o", parent.PathOf("tiny.gguf"));
        Assert.True(convert.ExitCode == 0, convert.Errors);
        using GgufFile file = GgufFile.Open(parent.PathOf("tiny.gguf"));
        Assert.Equal("tiny-GGUF", file.Metadata.GetString("general.name"));
    }

    [UnixFact]
    public async Task Ctrl_C_leaves_a_state_that_the_next_run_goes_on_from()
    {
        _run.Hub.Files[ModelName] = FakeHub.Noise(3_000_000, 1);
        TaskCompletionSource sent = new(), released = new();
        _run.Hub.OnFile = async (call, content) =>
        {
            await call.FileAsync(content, 1_500_000);
            sent.SetResult();
            await released.Task;
        };
        using (Process process = AhnProcess.Start(["pull", Reference], Variables()))
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
            await sent.Task.WaitAsync(TimeSpan.FromSeconds(60));
            string partial = Path.Combine(_run.Blobs, FakeHub.Sha256Of(_run.Hub.Files[ModelName]) + ".incomplete");
            for (int i = 0; i < 200 && new FileInfo(partial) is not { Exists: true, Length: > 1_000_000 }; i++) await Task.Delay(50);
            using (Process kill = Process.Start("kill", ["-INT", $"{process.Id}"])) await kill.WaitForExitAsync();
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));
            Assert.Equal(130, process.ExitCode);
            Assert.Empty(await output);
            Assert.Contains($"ahn pull {Reference}", await errors, StringComparison.Ordinal);
            Assert.InRange(new FileInfo(partial).Length, 1_000_000, 1_500_000);
        }
        released.SetResult();
        AhnProcess list = await RunAsync("list");
        Assert.Contains("unfinished", list.Output, StringComparison.Ordinal);
        Assert.Contains(ModelName, list.Output, StringComparison.Ordinal);

        _run.Hub.OnFile = null;
        AhnProcess second = await RunAsync("pull", Reference);
        Assert.True(second.ExitCode == 0, second.Errors);
        _run.AssertWhole(ModelName);
        Assert.InRange(_run.Hub.FileCalls[^1].From, 1_000_000, 1_500_000);
    }

    [Fact]
    public async Task Two_processes_fetch_a_file_once()
    {
        _run.Hub.Files[ModelName] = FakeHub.Noise(400_000, 1);
        TaskCompletionSource asked = new(), released = new();
        _run.Hub.OnFile = async (call, content) =>
        {
            asked.TrySetResult();
            await released.Task;
            await call.FileAsync(content);
        };
        Task<AhnProcess> first = RunAsync("pull", Reference);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(60));
        using Process second = AhnProcess.Start(["pull", Reference], Variables());
        Task<string> output = second.StandardOutput.ReadToEndAsync();
        string? waiting = await second.StandardError.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Contains("another process fetches it", waiting, StringComparison.Ordinal);
        released.SetResult();
        string errors = await second.StandardError.ReadToEndAsync();
        await second.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.True(second.ExitCode == 0, errors);
        Assert.Contains("all of it was there already", errors, StringComparison.Ordinal);
        Assert.EndsWith(ModelName, (await output).TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(0, (await first).ExitCode);
        Assert.Single(_run.Hub.FileCalls);
        _run.AssertWhole(ModelName);
    }

    [Fact]
    public async Task Proxies_of_the_environment_are_used()
    {
        _run.Hub.Files[ModelName] = FakeHub.Noise(50_000, 1);
        using LoopbackServer proxy = new(call => call.Target.StartsWith("http://hub.example/", StringComparison.Ordinal)
            ? _run.Hub.AnswerAsync(call with { Target = call.Target["http://hub.example".Length..] })
            : call.AnswerAsync(400, "{}"));
        IReadOnlyDictionary<string, string?> environment = Variables(
            ("HF_ENDPOINT", "http://hub.example"), ("http_proxy", $"http://name:secret@127.0.0.1:{proxy.Port}"));
        AhnProcess pull = await AhnProcess.RunAsync(["pull", Reference], environment: environment);
        Assert.True(pull.ExitCode == 0, pull.Errors);
        _run.AssertWhole(ModelName);
        Assert.Equal(3, proxy.Calls.Count);
        proxy.Dispose();
        AhnProcess closed = await AhnProcess.RunAsync(["pull", Reference], environment: environment);
        closed.AssertFailed(1, "through the proxy", $"127.0.0.1:{proxy.Port}");
        Assert.DoesNotContain("secret", closed.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "OWNER/REPO", "pull", "tiny")]
    [InlineData(2, "OWNER/REPO", "pull", "a/b:")]
    [InlineData(2, "OWNER/REPO", "pull", "../b:q8_0")]
    [InlineData(2, "OWNER/REPO", "remove", "a/b/c")]
    [InlineData(2, "--parallel", "pull", "a/b", "--parallel", "0")]
    [InlineData(2, "frobnicate", "list", "--frobnicate")]
    [InlineData(1, "refused", "pull", "a/b", "--revision", "../../x")]
    [InlineData(1, "is not in the cache", "remove", "a/b", "--yes")]
    [InlineData(1, "has no model nobody/nothing", "pull", "nobody/nothing")]
    [InlineData(1, "there is no file nobody/nothing", "run", "--prompt", "x", "--model", "nobody/nothing")]
    [InlineData(1, "there is no file models/none.gguf", "run", "--prompt", "x", "--model", "models/none.gguf")]
    [InlineData(1, "'ahn pull a/b:q4_0' fetches it", "inspect", "a/b:q4_0")]
    [InlineData(1, "'ahn pull a/b:q4_0' fetches it", "run", "--prompt", "x", "--ahn", "a/b:q4_0")]
    [InlineData(1, "'ahn pull a/b:q4_0' fetches it", "quantize", "a/b:q4_0", "x.gguf", "q4_0")]
    [InlineData(1, "has no model a/b", "fit", "a/b:q4_0")]
    [InlineData(1, "'ahn pull a/b' fetches it", "convert", "a/b", "-o", "x.gguf")]
    public async Task What_cannot_be_meant_is_one_sentence(int exitCode, string part, params string[] arguments) =>
        (await RunAsync(arguments)).AssertFailed(exitCode, part);

    [Theory]
    [InlineData("HF_ENDPOINT", "huggingface.co", "expected an address")]
    [InlineData("HF_HUB_DOWNLOAD_TIMEOUT", "soon", "expected seconds")]
    [InlineData("HF_TOKEN", "two words", "printable ASCII")]
    [InlineData("HF_ENDPOINT", "http://127.0.0.1:9", "no connection to 127.0.0.1:9")]
    [InlineData("HF_ENDPOINT", "http://no-such-host.invalid", "no-such-host.invalid")]
    public async Task Wrong_variables_and_a_dead_network_are_one_sentence(string name, string value, string part) =>
        (await AhnProcess.RunAsync(["pull", "a/b:q8_0"], environment: Variables((name, value)))).AssertFailed(
            1, part, name == "HF_TOKEN" ? "HF_TOKEN" : "HF_");

    private Task<AhnProcess> RunAsync(params string[] arguments) => AhnProcess.RunAsync(arguments, environment: Variables());

    // Nothing of the machine's own: its cache, its token, its proxies.
    private Dictionary<string, string?> Variables(params (string Name, string? Value)[] further)
    {
        Dictionary<string, string?> environment = new()
        {
            ["HF_ENDPOINT"] = _run.Hub.Address.ToString(),
            ["HF_HUB_CACHE"] = _run.Cache,
            ["HF_HOME"] = _run.Cache + "-home",
        };
        foreach (string name in new[]
        {
            "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH", "HUGGINGFACE_HUB_CACHE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE",
            "HF_HUB_DISABLE_SYMLINKS", "HF_HUB_DOWNLOAD_TIMEOUT",
        }) environment[name] = null;
        foreach (string name in new[] { "http_proxy", "https_proxy", "all_proxy", "no_proxy" })
            environment[name] = environment[name.ToUpperInvariant()] = null;
        foreach ((string name, string? value) in further) environment[name] = value;
        return environment;
    }
}
