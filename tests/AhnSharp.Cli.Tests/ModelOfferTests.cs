using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Cli.Tests;

/// <summary>The offer of a model, in a terminal: a yes fetches and sets it, anything else leaves the demo model.</summary>
public sealed class ModelOfferTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeHub _hub = new();
    private readonly byte[] _model = File.ReadAllBytes(DemoText.ModelPath);

    public ModelOfferTests() => _hub.OnCall = AnswerAsync;

    public void Dispose()
    {
        _hub.Dispose();
        _folder.Dispose();
    }

    [TerminalFact]
    public async Task A_yes_fetches_the_model_and_sets_it()
    {
        string shown = await RunAsync("y");
        Assert.Contains("No model is set.", shown, StringComparison.Ordinal);
        Assert.Contains("licence Apache 2.0", shown, StringComparison.Ordinal);
        Assert.StartsWith("model = Qwen/Qwen2.5-", await File.ReadAllTextAsync(_folder.PathOf("config")), StringComparison.Ordinal);
        string blob = Assert.Single(Directory.GetFiles(_folder.PathOf("cache"), FakeHub.Sha256Of(_model), SearchOption.AllDirectories));
        Assert.Equal(_model.Length, new FileInfo(blob).Length);
        // It is not offered again, and it runs.
        Assert.DoesNotContain("No model is set.", await RunAsync("y"), StringComparison.Ordinal);
    }

    [TerminalFact]
    public async Task Any_other_word_fetches_nothing()
    {
        string shown = await RunAsync("");
        Assert.Contains("No model is set.", shown, StringComparison.Ordinal);
        Assert.Contains("demo model", shown, StringComparison.Ordinal);
        Assert.Empty(_hub.Calls);
        Assert.False(File.Exists(_folder.PathOf("config")));
    }

    private async Task<string> RunAsync(string answer)
    {
        string ahn = Path.Combine(AppContext.BaseDirectory, "ahn.dll");
        ProcessStartInfo start = new(TerminalFactAttribute.Script)
        {
            ArgumentList = { "-qec", $"dotnet exec '{ahn}' run 'Hello there' --max-tokens 1", "/dev/null" },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach ((string name, string? value) in new (string, string?)[]
        {
            ("AHN_CONFIG", _folder.PathOf("config")), ("HF_ENDPOINT", _hub.Address.ToString()), ("HF_HUB_CACHE", _folder.PathOf("cache")),
            ("HF_HOME", _folder.PathOf("home")), ("HF_TOKEN", null), ("HF_HUB_OFFLINE", null), ("http_proxy", null), ("HTTP_PROXY", null),
            ("AHN_MODEL", null), ("AHN_OFFER", null), ("all_proxy", null), ("ALL_PROXY", null), ("TERM", "xterm"),
        }) start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        await process.StandardInput.WriteLineAsync(answer);
        await process.StandardInput.FlushAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        using System.Threading.CancellationTokenSource timeout = new(TimeSpan.FromSeconds(120));
        await process.WaitForExitAsync(timeout.Token);
        string shown = await output;
        Assert.True(process.ExitCode == 0, shown);
        return shown;
    }

    // Whichever of the known models fits this machine is there, and is the demo model's file.
    private async Task<bool> AnswerAsync(HttpCall call)
    {
        string[] parts = call.Path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        string repo = parts.FirstOrDefault(part => part.StartsWith("Qwen2.5-", StringComparison.Ordinal)) ?? "";
        string file = $"{repo.Replace("-GGUF", "", StringComparison.Ordinal).ToLowerInvariant()}-q4_k_m.gguf";
        if (call.Path.Contains("/revision/", StringComparison.Ordinal))
        {
            await call.AnswerAsync(200, $$"""{"id": "Qwen/{{repo}}", "sha": "{{FakeHub.Commit}}"}""");
        }
        else if (call.Path.Contains("/tree/", StringComparison.Ordinal))
        {
            JsonObject entry = new()
            {
                ["type"] = "file",
                ["oid"] = FakeHub.GitHashOf(_model),
                ["size"] = _model.Length,
                ["path"] = file,
                ["lfs"] = new JsonObject { ["oid"] = FakeHub.Sha256Of(_model), ["size"] = _model.Length, ["pointerSize"] = 134 },
            };
            await call.AnswerAsync(200, new JsonArray(entry).ToJsonString());
        }
        else if (call.Path.Contains("/resolve/", StringComparison.Ordinal) && parts[^1] == file)
        {
            await call.FileAsync(_model, int.MaxValue, ("ETag", $"\"{FakeHub.Sha256Of(_model)}\""), ("X-Repo-Commit", FakeHub.Commit));
        }
        else
        {
            return false;
        }
        return true;
    }
}
