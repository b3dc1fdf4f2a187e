using System;
using System.Buffers.Binary;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Cli.Tests;

public sealed class EvaluationCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ahn-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Perplexity_of_ids_is_json_and_a_file_of_floats()
    {
        using var reading = new DemoReading(Fixture.File("demo/dracula-3000.safetensors"));
        string ids = Write("ids.txt", string.Join('\n', reading.Ids.Take(601)));
        string nllFile = Path.Combine(_folder, "nll.f32");
        AhnProcess run = await AhnProcess.RunAsync(["perplexity", "--ids", ids, "--nll-out", nllFile, "--memory", "full", "--json"]);
        Assert.True(run.ExitCode == 0, run.Errors);
        using JsonDocument json = JsonDocument.Parse(run.Output);
        byte[] bytes = await File.ReadAllBytesAsync(nllFile);
        float[] nll = [.. Enumerable.Range(0, bytes.Length / 4).Select(i => BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(4 * i)))];
        Assert.Equal(600, json.RootElement.GetProperty("tokens").GetInt32());
        Assert.Equal(600, nll.Length);
        double mean = nll.Average(x => (double)x);
        Assert.Equal(mean, json.RootElement.GetProperty("nll").GetDouble(), 1e-9);
        Assert.Equal(Math.Exp(mean), json.RootElement.GetProperty("perplexity").GetDouble(), 1e-6);
        Assert.True(json.RootElement.GetProperty("seconds").GetDouble() > 0);
        Assert.Equal(reading.NegativeLogLikelihoods("full").Take(600).Average(x => (double)x), mean, 0.05);
        Assert.Equal(["ids.txt", "nll.f32"], Directory.GetFiles(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Perplexity_of_a_text_is_that_of_its_ids()
    {
        string text = Write("text.txt", "The window of the castle looked out over the valley, and far below it ran the river.");
        AhnProcess run = await AhnProcess.RunAsync(["perplexity", "-f", text]);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Matches(@"^perplexity [\d.,]+ · [\d.]+ nats per token · \d+ tokens", run.Output);
    }

    [Fact]
    public async Task Recall_of_made_chats_is_json_by_length()
    {
        AhnProcess run = await AhnProcess.RunAsync(
            ["recall", "-f", Path.Combine(Fixture.Repository, "gguf", "dracula.txt"), "--length", "800", "--facts", "2", "--samples", "2",
                "--seed", "3", "--memory", "full", "--json"]);
        Assert.True(run.ExitCode == 0, run.Errors);
        using JsonDocument json = JsonDocument.Parse(run.Output);
        JsonElement total = json.RootElement.GetProperty("by_length").GetProperty("800");
        Assert.Equal(16, total.GetProperty("digits").GetInt32());
        Assert.InRange(total.GetProperty("hits").GetInt32(), 15, 16);
    }

    [Fact]
    public async Task Recall_of_a_set_is_a_table()
    {
        // A chat of each of the shorter lengths: RecallScorerTests reads the others.
        JsonArray set = JsonNode.Parse(await File.ReadAllTextAsync(Fixture.File("demo/recall.json")))!.AsArray();
        string some = Write("some.json", new JsonArray(set[0]!.DeepClone(), set[2]!.DeepClone()).ToJsonString());
        AhnProcess run = await AhnProcess.RunAloneAsync(["recall", "--set", some, "--memory", "window"], timeoutSeconds: 300);
        Assert.True(run.ExitCode == 0, run.Errors);
        foreach (string length in (string[])["1,024", "2,048"]) Assert.Contains(length, run.Output, StringComparison.Ordinal);
        Assert.Contains("chance is 10 % of digits", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_demo_prints_its_table_and_its_limits()
    {
        AhnProcess run = await AhnProcess.RunAloneAsync(["demo", "--tokens", "900", "--seed", "2"], timeoutSeconds: 300);
        Assert.True(run.ExitCode == 0, run.Errors);
        foreach (string shown in (string[])["full attention", "window alone", "window + memory", "+ archive", "digits right",
            "codes right", "peak state", "chance", "the published memories", "With an archive"])
        {
            Assert.Contains(shown, run.Output, StringComparison.Ordinal);
        }
        Assert.Equal(32, run.Output.Split(" tokens ago  The code of ").Length - 1);
        Assert.DoesNotContain('\u001b', run.Output);
    }

    [Fact]
    public async Task The_demo_is_json_of_any_book()
    {
        string book = Write("book.txt", string.Concat(
            Enumerable.Range(1, 400).Select(i => $"On day {i} the ship sailed on, and nothing happened that day.\n")));
        AhnProcess run = await AhnProcess.RunAsync(["demo", "--tokens", "900", "--book", book, "--json"], timeoutSeconds: 300);
        Assert.True(run.ExitCode == 0, run.Errors);
        using JsonDocument json = JsonDocument.Parse(run.Output);
        foreach (string memory in (string[])["full", "window", "ahn", "ahn_archive"])
        {
            JsonElement result = json.RootElement.GetProperty("by_memory").GetProperty(memory);
            Assert.Equal(32, result.GetProperty("digits").GetInt32());
            Assert.Equal(8, result.GetProperty("answers").GetArrayLength());
        }
    }

    [Fact]
    public async Task Wrong_options_are_exit_code_2()
    {
        (await AhnProcess.RunAsync(["perplexity"])).AssertFailed(2, "-f FILE", "--ids FILE");
        (await AhnProcess.RunAsync(["perplexity", "-f", "a", "--ids", "b"])).AssertFailed(2, "one of");
        (await AhnProcess.RunAsync(["recall"])).AssertFailed(2, "--set");
        (await AhnProcess.RunAsync(["recall", "--set", "a.json", "--facts", "3"])).AssertFailed(2, "--facts");
        (await AhnProcess.RunAsync(["recall", "-f", "a.txt", "--facts", "1000"])).AssertFailed(2, "--facts", "1000");
        (await AhnProcess.RunAsync(["demo", "--memory", "full"])).AssertFailed(2, "--memory");
        AhnProcess tooLong = await AhnProcess.RunAsync(["demo", "--tokens", "900", "--context", "1000"]);
        Assert.Equal(2, tooLong.ExitCode);
        AhnProcess nothingLeaves = await AhnProcess.RunAsync(["demo", "--tokens", "900", "--window", "900"]);
        Assert.Equal(2, nothingLeaves.ExitCode);
        Assert.Contains("fits the window of 932", nothingLeaves.Errors, StringComparison.Ordinal);
        Assert.Contains("may come to 1092 tokens, and the context holds 1000: raise --context", tooLong.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_and_broken_files_are_exit_code_1()
    {
        (await AhnProcess.RunAsync(["perplexity", "--ids", Path.Combine(_folder, "none.txt")])).AssertFailed(1, "none.txt");
        (await AhnProcess.RunAsync(["perplexity", "--ids", Write("words.txt", "1 2 three")])).AssertFailed(1, "words.txt", "three");
        (await AhnProcess.RunAsync(["recall", "--set", Path.Combine(_folder, "none.json")])).AssertFailed(1, "none.json");
        (await AhnProcess.RunAsync(["recall", "--set", Write("broken.json", "[ {\"ids\": [1] } ]")])).AssertFailed(
            1, "broken.json", "chat 0");
        (await AhnProcess.RunAsync(["demo", "--book", Path.Combine(_folder, "none.txt")])).AssertFailed(1, "none.txt");
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
