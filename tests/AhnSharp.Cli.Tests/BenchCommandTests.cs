using System;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Cli.Tests;

public sealed class BenchCommandTests
{
    private static readonly string[] s_small = ["bench", "-p", "32", "-n", "4", "-r", "2"];

    // What programs that read llama-bench's JSON ask for.
    private static readonly string[] s_llamaBenchFields =
    [
        "build_commit", "cpu_info", "backends", "model_filename", "model_type", "model_size", "model_n_params", "n_batch", "n_ubatch",
        "n_threads", "type_k", "type_v",
        "n_prompt", "n_gen", "n_depth", "test_time", "avg_ns", "stddev_ns", "avg_ts", "stddev_ts", "samples_ns", "samples_ts",
    ];

    [Fact]
    public async Task Json_has_llama_benchs_fields_the_roofs_and_the_profile()
    {
        AhnProcess run = await AhnProcess.RunAsync([.. s_small, "-d", "0,600", "--profile", "--json"]);
        Assert.True(run.ExitCode == 0, run.Errors);
        JsonArray records = JsonNode.Parse(run.Output)!.AsArray();
        Assert.Equal(["pp32", "tg4", "pp32 @ d600", "tg4 @ d600"], records.Select(record => (string)record!["test"]!));
        foreach (JsonNode? record in records)
        {
            foreach (string field in s_llamaBenchFields) Assert.True(record![field] is not null, field);
            Assert.Equal(2, record!["samples_ts"]!.AsArray().Count);
            Assert.InRange((double)record["median_ts"]!, (double)record["min_ts"]!, (double)record["max_ts"]!);
            Assert.True((double)record["first_token_ms"]! > 0 && (double)record["roof_read_gb_per_s"]! > 0
                && (double)record["load_gb_per_s"]! > 0 && (long)record["peak_resident_bytes"]! > 10_000_000);
            JsonNode[] lines = [.. record["profile"]!.AsArray().Select(line => line!)];
            Assert.Equal(1, lines.Sum(line => (double)line["share"]!), 6);
            Assert.All(lines, line => Assert.True((double)line["seconds_per_step"]! >= 0 && ((string)line["stage"]!).Length > 0));
            Assert.Contains(lines, line => (string)line["stage"]! == "gate, up" && (string?)line["type"] == "Q8_0");
        }
        Assert.True((double)records[1]!["read_roof_share"]! > 0);
        Assert.Null(records[0]!["read_gb_per_s"]);
    }

    [Fact]
    public async Task Text_and_markdown_have_the_roofs_and_every_test()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("r.md");
        AhnProcess run = await AhnProcess.RunAsync(
            [.. s_small, "-m", "demo", "-t", "1,2", "--memory", "window", "--markdown", path, "--section", "Small"]);
        Assert.True(run.ExitCode == 0, run.Errors);
        foreach (string word in new[]
        {
            "machine limits: reading", "pp32", "tg4", "1 thread", "2 threads", "window alone", "loaded in", "peak resident",
        }) Assert.Contains(word, run.Output, StringComparison.Ordinal);
        string text = File.ReadAllText(path);
        foreach (string word in new[] { "## Small", "commit ", "AHN_ISA", "`ahn bench -p 32", "| pp32 |", "| tg4 |" })
            Assert.Contains(word, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_repacking_the_matrices_stay_in_the_file()
    {
        AhnProcess run = await AhnProcess.RunAloneAsync(["bench", "-p", "4", "-n", "2", "-r", "1", "--no-repack", "--json"]);
        Assert.True(run.ExitCode == 0, run.Errors);
        JsonArray records = JsonNode.Parse(run.Output)!.AsArray();
        Assert.All(records, record => Assert.False((bool)record!["repacked"]!));
        Assert.True((long)records[1]!["weight_bytes"]! > 10_000_000);
    }

    [Fact]
    public async Task Wrong_options_are_sentences()
    {
        (await AhnProcess.RunAsync(["bench", "-p", "12,x"])).AssertFailed(2, "--prompt", "12,x");
        (await AhnProcess.RunAsync(["bench", "-p", "0", "-n", "0"])).AssertFailed(2, "nothing to measure");
        (await AhnProcess.RunAsync(["bench", "-r", "0"])).AssertFailed(2, "--runs");
        (await AhnProcess.RunAsync(["bench", "-m", "no-such.gguf"])).AssertFailed(1, "no-such.gguf");
        (await AhnProcess.RunAsync(["bench", "--section", "x"])).AssertFailed(2, "--markdown");
        (await AhnProcess.RunAsync(["bench", "--markdown", "a.md", "--results", "b"])).AssertFailed(2, "--results");
        (await AhnProcess.RunAsync(["bench", "--results", "no-such-folder"])).AssertFailed(1, "no-such-folder");
        (await AhnProcess.RunAsync(["bench", "--versus", "other -p {prompt}"])).AssertFailed(2, "{gen}");
        (await AhnProcess.RunAsync(["bench", "-m", "demo", "-m", "demo", "--versus", "other {prompt} {gen}"])).AssertFailed(2, "{model}");
        (await AhnProcess.RunAsync(["bench", "-d", "9", "--versus", "other {model} {prompt} {gen}"])).AssertFailed(2, "{depth}");
    }
}
