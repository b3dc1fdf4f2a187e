using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using System.Xml.Linq;
using Xunit;

namespace AhnSharp.Cli.Tests;

public sealed class PerplexityCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _text;

    public PerplexityCommandTests()
    {
        _text = _folder.PathOf("text.txt");
        File.WriteAllText(_text, DemoText.Prose(60));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_against_itself_differs_by_nothing_in_text_and_json()
    {
        AhnProcess run = await AhnProcess.RunAsync(
            ["perplexity", "-f", _text, "--tokens", "300", "--against", DemoText.ModelPath, "--every", "100"]);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("KL divergence  mean 0 ± 0", run.Output, StringComparison.Ordinal);
        Assert.Contains("100.00 % ± 0.00 of 299 tokens", run.Output, StringComparison.Ordinal);
        foreach (string row in new[] { "0–99", "100–199", "200–298" }) Assert.Contains(row, run.Output, StringComparison.Ordinal);
        // The table fits a terminal of 80 columns.
        Assert.All(run.Output.Split('\n').TakeWhile(line => !line.StartsWith("reference", StringComparison.Ordinal)),
            line => Assert.DoesNotContain('…', line));
    }

    [Fact]
    public async Task Two_memories_of_one_model_are_json_by_position_and_a_drawing()
    {
        string svg = _folder.PathOf("kl.svg"), nll = _folder.PathOf("nll.f32");
        AhnProcess run = await AhnProcess.RunAsync(
            ["perplexity", "-f", _text, "--tokens", "300", "--memory", "window", "--window", "60", "--sinks", "4", "--against-memory",
                "full", "--every", "64", "--plot", svg, "--nll-out", nll, "--json"]);
        Assert.True(run.ExitCode == 0, run.Errors);
        using JsonDocument json = JsonDocument.Parse(run.Output);
        JsonElement all = json.RootElement;
        Assert.Equal("full", all.GetProperty("reference").GetProperty("memory").GetString());
        Assert.Equal(60, all.GetProperty("model").GetProperty("window").GetInt32());
        JsonElement[] parts = [.. all.GetProperty("by_position").EnumerateArray()];
        Assert.Equal([0, 64, 128, 192, 256], parts.Select(part => part.GetProperty("from").GetInt32()));
        Assert.True(parts[0].GetProperty("kl_mean").GetDouble() < parts[1].GetProperty("kl_mean").GetDouble() / 5, "the window ends at 64");
        Assert.Equal(299, parts.Sum(part => part.GetProperty("tokens").GetInt32()));
        Assert.InRange(all.GetProperty("top1_agreement").GetDouble(), 0.3, 0.99);
        Assert.Equal(299 * 4, new FileInfo(nll).Length);
        string drawn = XDocument.Load(svg).Root!.Value;
        foreach (string text in new[]
        {
            "KL divergence of the next token by position",
            "KL(reference ‖ model) (nats per token)",
            "window ends (S + W = 64)",
        }) Assert.Contains(text, drawn, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_memories_are_drawn_with_recall_and_printed_by_position()
    {
        string svg = _folder.PathOf("memories.svg");
        await File.WriteAllTextAsync(_text, File.ReadAllText(Path.Combine(Fixture.Repository, "gguf", "dracula.txt"))[..20_000]);
        AhnProcess run = await AhnProcess.RunAsync(
            ["perplexity", "-f", _text, "--tokens", "1024", "--plot", svg, "--every", "512", "--json"]);
        Assert.True(run.ExitCode == 0, run.Errors);
        using JsonDocument json = JsonDocument.Parse(run.Output);
        JsonElement byMemory = json.RootElement.GetProperty("by_memory");
        Assert.Equal(["full", "window", "ahn"], byMemory.EnumerateObject().Select(mode => mode.Name));
        Assert.All(byMemory.EnumerateObject(), mode => Assert.Equal(2, mode.Value.GetProperty("by_position").GetArrayLength()));
        string drawn = XDocument.Load(svg).Root!.Value;
        foreach (string text in new[]
        {
            "Perplexity by position", "perplexity above full attention (%)", "Recall of codes by distance", "digits right (%)",
            "window ends (W = 480)", "chance", "window + memory",
        })
            Assert.Contains(text, drawn, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recall_is_drawn_by_distance_for_the_memories_that_are_asked_for()
    {
        string svg = _folder.PathOf("recall.svg");
        AhnProcess run = await AhnProcess.RunAsync(
            ["recall", "-f", Path.Combine(Fixture.Repository, "gguf", "dracula.txt"), "--length", "700", "--facts", "4", "--samples", "1",
                "--window", "300", "--sinks", "4", "--plot", svg, "--json"]);
        Assert.True(run.ExitCode == 0, run.Errors);
        using JsonDocument json = JsonDocument.Parse(run.Output);
        JsonElement byMemory = json.RootElement.GetProperty("by_memory");
        Assert.Equal(["full", "window", "ahn"], byMemory.EnumerateObject().Select(mode => mode.Name));
        Assert.Equal(16, byMemory.GetProperty("full").GetProperty("by_length").GetProperty("700").GetProperty("digits").GetInt32());
        string drawn = XDocument.Load(svg).Root!.Value;
        foreach (string text in new[] { "Recall of codes by distance", "digits right (%)", "window ends (W = 300)", "chance" })
            Assert.Contains(text, drawn, StringComparison.Ordinal);
        (await AhnProcess.RunAsync(["recall", "--set", "a.json", "--plot", svg])).AssertFailed(2, "--plot", "-f");
    }

    [Fact]
    public async Task What_cannot_be_meant_is_one_sentence()
    {
        (await AhnProcess.RunAsync(["perplexity", "-f", _text, "--recall"])).AssertFailed(2, "--recall", "--plot");
        (await AhnProcess.RunAsync(["perplexity", "--ids", "a", "--plot", "x.svg", "--recall"])).AssertFailed(2, "--recall", "-f FILE");
        (await AhnProcess.RunAsync(["perplexity", "-f", _text, "--against", _folder.PathOf("none.gguf")])).AssertFailedAfterLoading(1,
            "--against", "none.gguf");
        (await AhnProcess.RunAsync(["perplexity", "-f", _text, "--against-memory", "full", "--against-window",
            "9"])).AssertFailedAfterLoading(2, "--against-window");
        (await AhnProcess.RunAsync(["perplexity", "-f", _text, "--plot", _folder.PathOf("x.svg"), "--nll-out",
            _folder.PathOf("y")])).AssertFailed(2, "--nll-out", "--memory");
        (await AhnProcess.RunAsync(["perplexity", "-f", _text, "--plot", _folder.PathOf("none/x.svg"), "--against-memory",
            "full"])).AssertFailedAfterLoading(1, "x.svg");
        (await AhnProcess.RunAsync(["perplexity", "-f", _text, "--against-memory", "all"])).AssertFailed(2, "full, window, ahn");
        Assert.Equal(["text.txt"], Directory.GetFiles(Path.GetDirectoryName(_text)!).Select(Path.GetFileName));
    }
}
