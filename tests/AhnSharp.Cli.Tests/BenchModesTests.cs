using System;
using System.IO;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Cli.Tests;

public sealed class BenchModesTests
{
    [Fact]
    public async Task Flat_prints_its_ratio_and_its_interval()
    {
        AhnProcess run = await AhnProcess.RunAsync(["bench", "--flat", "-d", "5000", "--made-up", "--steps", "40", "--json"]);
        Assert.True(run.ExitCode == 0, run.Errors);
        JsonNode flat = JsonNode.Parse(run.Output)!;
        Assert.Equal((512, 5000), ((int)flat["near_tokens"]!, (int)flat["far_tokens"]!));
        Assert.InRange((double)flat["ratio"]!["median"]!, (double)flat["ratio"]!["low"]!, (double)flat["ratio"]!["high"]!);
    }

    [Fact]
    public async Task The_cost_of_the_memory_is_printed_and_written()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("r.md");
        AhnProcess run = await AhnProcess.RunAsync(["bench", "--memory-cost", "--steps", "20", "-p", "64", "-r", "2", "--markdown", path]);
        Assert.True(run.ExitCode == 0, run.Errors);
        foreach (string word in new[] { "DeltaNet", "memory's share", "1 token", "64 tokens", "floor" })
            Assert.Contains(word, run.Output, StringComparison.Ordinal);
        Assert.Contains("## ahn-demo-q8_0.gguf: what the memory costs", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_run_is_drawn()
    {
        using TemporaryFolder folder = new();
        string plot = folder.PathOf("run.svg");
        AhnProcess run = await AhnProcess.RunAsync(["bench", "--run", "2000", "--plot", plot]);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("one session over 2,000 tokens", run.Output, StringComparison.Ordinal);
        Assert.Contains("<svg", File.ReadAllText(plot), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Claims_are_counted_from_the_header_alone()
    {
        AhnProcess run = await AhnProcess.RunAsync(["bench", "--claims", "--no-measure"]);
        Assert.True(run.ExitCode == 0, run.Errors);
        foreach (string word in new[]
        {
            "131,072 tokens", "bytes of state (counted)", "−74.0 %", "−40.5 %", "50,000 characters", "Nothing was measured",
        }) Assert.Contains(word, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_that_do_not_go_together_are_sentences()
    {
        (await AhnProcess.RunAsync(["bench", "--flat", "--claims"])).AssertFailed(2, "--flat", "--claims");
        (await AhnProcess.RunAsync(["bench", "--flat", "--profile"])).AssertFailed(2, "--profile");
        (await AhnProcess.RunAsync(["bench", "--steps", "9"])).AssertFailed(2, "--steps");
        (await AhnProcess.RunAsync(["bench", "--flat", "-d", "600,700"])).AssertFailed(2, "--depth");
        (await AhnProcess.RunAsync(["bench", "--plot", "a.svg"])).AssertFailed(2, "--plot", "--run");
        (await AhnProcess.RunAsync(["bench", "--claims", "--memory", "full"])).AssertFailed(2, "--memory");
        (await AhnProcess.RunAsync(["bench", "--flat", "--memory", "full"])).AssertFailedAfterLoading(2, "--memory full");
        (await AhnProcess.RunAsync(["bench", "--flat", "-d", "100"])).AssertFailedAfterLoading(2, "--depth");
    }
}
