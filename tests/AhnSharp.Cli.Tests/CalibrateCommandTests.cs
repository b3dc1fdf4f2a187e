using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Cli.Tests;

/// <summary>An archive of fewer heads, from its calibration to its use, and what measures it.</summary>
public sealed class CalibrateCommandTests : IDisposable
{
    private static readonly string s_book = Path.Combine(Fixture.Repository, "gguf", "dracula.txt");
    private static readonly string s_demo = Path.Combine(Fixture.Repository, "gguf", "ahn-demo-q8_0.gguf");
    private readonly string _folder = Directory.CreateTempSubdirectory("ahn-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_calibration_is_written_and_makes_an_archive_of_fewer_heads()
    {
        string heads = Path.Combine(_folder, "demo.heads.json");
        Dictionary<string, string?> mine = new() { ["XDG_CACHE_HOME"] = Path.Combine(_folder, "cache") };
        AhnProcess run = await AhnProcess.RunAloneAsync(
            ["calibrate", "-f", s_book, "--length", "1500", "--facts", "4", "--samples", "1", "--keep", "4", "-o", heads, "--json"],
            timeoutSeconds: 300, environment: mine);
        Assert.True(run.ExitCode == 0, run.Errors);
        JsonNode file = JsonNode.Parse(await File.ReadAllTextAsync(heads))!, said = JsonNode.Parse(run.Output)!;
        Assert.Equal(("ahn-archive-heads", 1, 4), ((string)file["format"]!, (int)file["version"]!, (int)file["keep"]!));
        Assert.Equal(16, file["heads"]!.AsArray().Count);
        Assert.Equal(16, (int)said["recall"]![0]!["heads"]!);
        (await AhnProcess.RunAsync(["calibrate", "-f", s_book, "-o", heads])).AssertFailed(1, heads);

        AhnProcess asked = await AhnProcess.RunAsync(
            ["perplexity", "-f", s_book, "--tokens", "1100", "--last", "20", "--archive", "--archive-heads", heads, "--json"]);
        Assert.True(asked.ExitCode == 0, asked.Errors);
        JsonNode told = JsonNode.Parse(asked.Output)!;
        Assert.Equal((20, 4), ((int)told["tokens"]!, (int)told["archive_heads"]!));
        JsonNode fit = JsonNode.Parse((await AhnProcess.RunAsync(["fit", "--free", "6GB", "--archive-heads", heads, "--json"])).Output)!;
        Assert.Equal(4, (int)fit["archive_heads"]!);

        // Kept by the model's fingerprint; what lies beside the model's file comes first.
        string kept = (string)said["kept_path"]!, model = Path.Combine(_folder, "mine.gguf"),
            beside = Path.Combine(_folder, "mine.heads.json");
        Assert.StartsWith(Path.Combine(_folder, "cache", "ahn", "heads"), kept, StringComparison.Ordinal);
        Assert.Equal(await File.ReadAllBytesAsync(heads), await File.ReadAllBytesAsync(kept));
        File.Copy(s_demo, model);
        string[] automatic = ["fit", model, "--free", "6GB", "--archive-heads", "auto", "--json"];
        AhnProcess found = await AhnProcess.RunAsync(automatic, environment: mine);
        Assert.Equal((0, $"archive heads: those of {kept}\n"), (found.ExitCode, found.Errors));
        Assert.Equal(4, (int)JsonNode.Parse(found.Output)!["archive_heads"]!);
        await File.WriteAllTextAsync(beside, file.ToJsonString().Replace("\"keep\":4", "\"keep\":5", StringComparison.Ordinal));
        found = await AhnProcess.RunAsync(automatic, environment: mine);
        Assert.Contains($"those of {beside}", found.Errors, StringComparison.Ordinal);
        Assert.Equal(5, (int)JsonNode.Parse(found.Output)!["archive_heads"]!);
        File.Delete(beside);
        mine["XDG_CACHE_HOME"] = Path.Combine(_folder, "empty");
        (await AhnProcess.RunAsync(automatic[..^1], environment: mine))
            .AssertFailed(2, "found none at", "empty", "'ahn calibrate' makes one");

        // A table that is wider than 80 columns stays one in a pipe.
        AhnProcess shown = await AhnProcess.RunAsync(
            ["calibrate", "-f", s_book, "--length", "900", "--facts", "1", "--samples", "1", "--keep", "8", "-o", heads + "3"],
            environment: mine);
        Assert.True(shown.ExitCode == 0, shown.Errors);
        Assert.Matches(@"\n +16 +[0-4] of 4 +[^\n]*2,182 +648 +0 % *\n", shown.Output);
        Assert.Contains(
            $"Written: {heads}3. An archive of these heads alone: --archive-heads {heads}3\n", shown.Output, StringComparison.Ordinal);
        Assert.Contains("--archive-heads auto finds it", shown.Output, StringComparison.Ordinal);

        // Nothing has left the window of so short a chat; no file is left.
        (await AhnProcess.RunAsync(
            ["calibrate", "-f", s_book, "--length", "300", "--facts", "2", "--samples", "1", "-o", heads + "2"]))
            .AssertFailedAfterLoading(1, "make longer chats");
        Assert.False(File.Exists(heads + "2"));

        await File.WriteAllTextAsync(heads, file.ToJsonString().Replace("\"layers\":8", "\"layers\":9", StringComparison.Ordinal));
        (await AhnProcess.RunAsync(["fit", "--free", "6GB", "--archive-heads", heads])).AssertFailed(2, "9 layers");
        AhnProcess idle = await AhnProcess.RunAsync(["recall", "-f", s_book, "--archive-heads", heads]);
        Assert.Equal(2, idle.ExitCode);
        Assert.Contains("--archive-heads says how an archive is kept and asked: add --archive", idle.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_times_questions_to_an_archive_and_says_what_the_index_takes()
    {
        AhnProcess run = await AhnProcess.RunAsync(
            ["bench", "--archive", "--made-up", "-p", "0", "-n", "4", "--ask", "16", "-d", "4096", "-r", "1", "--profile", "--json"],
            timeoutSeconds: 300);
        Assert.True(run.ExitCode == 0, run.Errors);
        using JsonDocument json = JsonDocument.Parse(run.Output);
        foreach ((int i, string test) in ((int, string)[])[(0, "ask16 @ d4096"), (1, "tg4 @ d4096")])
        {
            JsonElement record = json.RootElement[i];
            Assert.Equal(test, record.GetProperty("test").GetString());
            Assert.Equal(("int8", 16), (record.GetProperty("archive").GetString(), record.GetProperty("archive_heads").GetInt32()));
            Assert.Contains(
                record.GetProperty("profile").EnumerateArray(),
                line => line.GetProperty("stage").GetString() == "archive index"
                    && line.GetProperty("floor_seconds_per_step").GetDouble() > 0);
        }
        (await AhnProcess.RunAsync(["bench", "--ask", "16"])).AssertFailed(2, "add --archive");
        (await AhnProcess.RunAsync(["bench", "--archive-cost"])).AssertFailed(2, "--archive-cost", "add --archive");
        (await AhnProcess.RunAsync(["bench", "--claims", "--archive"])).AssertFailed(2, "--archive", "--claims");
    }

    [Fact]
    public async Task Bench_reads_with_an_archive_and_without_in_turn_and_writes_a_page()
    {
        string page = Path.Combine(_folder, "cost.html");
        string[] command = ["bench", "--archive-cost", "--archive", "--made-up", "-p", "64", "-r", "3", "--report", page];
        AhnProcess run = await AhnProcess.RunAsync([.. command, "--json"], timeoutSeconds: 300);
        Assert.True(run.ExitCode == 0, run.Errors);
        JsonNode cost = JsonNode.Parse(run.Output)!;
        Assert.Equal((1024, 64, 3), ((int)cost["begin"]!, (int)cost["prompt_tokens"]!, (int)cost["runs"]!));
        foreach (string reading in (string[])["ahn", "window_only"])
        {
            JsonNode share = cost[reading]!;
            Assert.True((double)share["ms"]! > 0 && (double)share["speed"]!["median"]! > 0);
            // What left the window of 1,024 tokens and 4 prompts, in whole blocks of 32 tokens, 16 heads of 4,352 bytes and the ids each.
            Assert.InRange((long)share["archive_bytes"]!, 700L * 16 * 136, 800L * 16 * 140);
        }
        string html = await File.ReadAllTextAsync(page);
        Assert.Contains("with one, --read window", html, StringComparison.Ordinal);
        Assert.Contains("What it means", html, StringComparison.Ordinal);
        (await AhnProcess.RunAsync(command)).AssertFailed(1, page, "--overwrite");
        (await AhnProcess.RunAsync(["bench", "--archive-cost", "--archive", "--read", "ahn"])).AssertFailed(2, "--read");
    }
}
