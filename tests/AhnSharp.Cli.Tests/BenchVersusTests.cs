using System;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using AhnSharp.Cli.Bench;
using AhnSharp.Measurement;
using Xunit;

namespace AhnSharp.Cli.Tests;

public sealed class BenchVersusTests
{
    private static readonly SpeedTest s_prompt = new(512, 0, 0), s_deep = new(0, 64, 4096);

    [UnixFact]
    public async Task Another_program_is_run_alternately_and_compared()
    {
        using TemporaryFolder folder = new();
        string script = folder.PathOf("bench.sh"), log = folder.PathOf("log");
        File.WriteAllText(script, $"echo \"$@\" >> {log}\necho warning >&2\necho '['\necho 'WARNING: in the middle'\n"
            + $"echo '{{\"n_prompt\": '$2', \"n_gen\": '$3', \"avg_ts\": 1000.0}}'\necho ']'\n");
        AhnProcess run = await AhnProcess.RunAsync(["bench", "-p", "32", "-n", "4", "-r", "2", "-t", "1", "--json", "--versus",
            $"sh {script} {{model}} {{prompt}} {{gen}} 'two words'"]);
        Assert.True(run.ExitCode == 0, run.Errors);
        JsonArray records = JsonNode.Parse(run.Output)!.AsArray();
        foreach (JsonNode? record in records)
        {
            JsonNode versus = record!["versus"]!;
            Assert.Equal([1000.0, 1000.0], versus["samples_ts"]!.AsArray().Select(value => (double)value!));
            Assert.Equal((double)record["median_ts"]! / 1000, (double)versus["ratio"]!, 9);
            Assert.True((double)versus["ratio_min"]! <= (double)versus["ratio_max"]!);
        }
        string[] lines = File.ReadAllLines(log);
        Assert.Equal(4, lines.Length);
        Assert.EndsWith("32 0 two words", lines[0], StringComparison.Ordinal);
        Assert.EndsWith("0 4 two words", lines[3], StringComparison.Ordinal);
    }

    [UnixTheory]
    [InlineData("echo no such model >&2; exit 3", "exit code 3", "no such model")]
    [InlineData("echo hello", "no JSON array", "hello")]
    [InlineData("echo '[]'", "none of pp32", "[]")]
    [InlineData("echo '[{\"n_prompt\": 32, \"n_gen\": 0}]'", "not llama-bench", "n_prompt")]
    public async Task A_program_that_fails_or_prints_something_else_is_a_sentence(string body, string problem, string said)
    {
        using TemporaryFolder folder = new();
        string script = folder.PathOf("bench.sh");
        File.WriteAllText(script, body + "\n");
        AhnProcess run = await AhnProcess.RunAsync(
            ["bench", "-p", "32", "-n", "0", "-r", "1", "-t", "1", "--json", "--versus", $"sh {script} {{model}} {{prompt}} {{gen}}"]);
        Assert.Equal(1, run.ExitCode);
        string sentence = Assert.Single(run.Errors.Split('\n'), line => line.StartsWith("ahn: ", StringComparison.Ordinal));
        Assert.Contains(problem, sentence, StringComparison.Ordinal);
        Assert.Contains(said, sentence, StringComparison.Ordinal);
        Assert.Equal(sentence["ahn: ".Length..], (string?)JsonNode.Parse(run.Output)!["error"]!["message"]);
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_a_sentence()
    {
        AhnProcess run = await AhnProcess.RunAsync(
            ["bench", "-p", "32", "-n", "0", "-r", "1", "-t", "1", "--json", "--versus", "no-such-program-here {model} {prompt} {gen}"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("no-such-program-here could not be started", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void The_record_of_the_test_is_read_among_others()
    {
        const string two = "[{\"n_prompt\": 512, \"n_gen\": 0, \"n_depth\": 0, \"avg_ts\": 80.5}, {\"n_prompt\": 0, \"n_gen\": 64, "
            + "\"n_depth\": 4096, \"avg_ts\": 9}]";
        Assert.Equal(80.5, PeerOutput.TokensPerSecond(two, s_prompt, out _));
        Assert.Equal(9, PeerOutput.TokensPerSecond(two, s_deep, out _));
        Assert.Null(PeerOutput.TokensPerSecond(two.Replace("4096", "0", StringComparison.Ordinal), s_deep, out string? problem));
        Assert.Contains("none of tg64 @ d4096", problem, StringComparison.Ordinal);
        // Generating behind a prompt, as a program without a depth does it.
        Assert.Equal(8, PeerOutput.TokensPerSecond("[{\"n_prompt\": 4096, \"n_gen\": 64, \"avg_ts\": 8}]", s_deep, out _));
        Assert.Null(PeerOutput.TokensPerSecond("[{\"n_prompt\": 512, \"n_gen\": 0, \"avg_ts\": 0}]", s_prompt, out _));
    }

    [Fact]
    public void Words_quotes_and_placeholders_make_a_command()
    {
        PeerProgram peer = new("'my bench' -m {model} -t {threads}  -p {prompt} -n \"{gen}\" -d {depth}");
        Assert.Equal(
            ["my bench", "-m", "a b.gguf", "-t", "2", "-p", "0", "-n", "64", "-d", "4096"], peer.CommandFor("a b.gguf", 2, s_deep));
    }
}
