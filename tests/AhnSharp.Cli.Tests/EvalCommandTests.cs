using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Cli.Tests;

public sealed class EvalCommandTests : IDisposable
{
    private readonly MadeUpFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task All_four_formats_are_run_in_three_memories_and_a_second_run_answers_nothing_anew()
    {
        string results = _files.PathOf("results.jsonl");
        string[] command =
        [
            "eval", _files.LongBench(), _files.LongBench("vcsum"), _files.LvEval(), _files.Ruler(), _files.InfiniteBench(), "--memory",
            "full,window,ahn", "--limit", "1", "--window", "40", "--sinks", "4", "-o", results,
        ];
        AhnProcess first = await AhnProcess.RunAsync([.. command, "--json"]);
        Assert.True(first.ExitCode == 0, first.Errors);
        using JsonDocument json = JsonDocument.Parse(first.Output);
        JsonElement[] scores = [.. json.RootElement.GetProperty("scores").EnumerateArray()];
        Assert.Equal(12, scores.Length);
        Assert.All(scores, score => Assert.InRange(score.GetProperty("score").GetDouble(), 0, 100));
        Assert.Equal(["longbench", "lveval", "ruler", "infinitebench"],
            scores.Select(score => score.GetProperty("benchmark").GetString()).Distinct());
        Assert.Contains("jieba", json.RootElement.GetProperty("left_out")[0].GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(13, File.ReadAllLines(results).Length);

        // As after a crash: the last answer is gone, half a line is left.
        byte[] kept = await File.ReadAllBytesAsync(results);
        await File.WriteAllBytesAsync(results, kept[..^30]);
        AhnProcess second = await AhnProcess.RunAsync(command);
        Assert.True(second.ExitCode == 0, second.Errors);
        foreach (string shown in (string[])["hotpotwikiqa_mixup_16k", "window + memory", "11 answered before", "left out: ", "jieba"])
            Assert.Contains(shown, second.Output, StringComparison.Ordinal);
        Assert.Equal(13, File.ReadAllLines(results).Length);

        (await AhnProcess.RunAsync([.. command, "--kv", "f32"])).AssertFailedAfterLoading(1, "results.jsonl", "kv = f32", "found f16");
        await File.WriteAllTextAsync(_files.PathOf("hotpotqa.jsonl"), File.ReadAllText(_files.PathOf("hotpotqa.jsonl")).Replace(
            "Marlow", "Kurtz", StringComparison.Ordinal));
        (await AhnProcess.RunAsync(command)).AssertFailedAfterLoading(1, "item 0", "data has changed");
    }

    [Fact]
    public async Task What_cannot_be_meant_is_one_sentence()
    {
        string longBench = _files.LongBench();
        (await AhnProcess.RunAsync(["eval"])).AssertFailed(2, "eval");
        (await AhnProcess.RunAsync(["eval", _files.PathOf("none.jsonl")])).AssertFailed(1, "none.jsonl");
        (await AhnProcess.RunAsync(["eval", Path.GetDirectoryName(longBench)!])).AssertFailed(2, "folder");
        (await AhnProcess.RunAsync(["eval", longBench, "--memory", "full,half"])).AssertFailed(2, "full, window, ahn", "full,half");
        (await AhnProcess.RunAsync(["eval", longBench, "--memory", "full,full"])).AssertFailed(2, "each once");
        (await AhnProcess.RunAsync(["eval", longBench, "--benchmark", "glue"])).AssertFailed(2, "longbench", "glue");
        (await AhnProcess.RunAsync(["eval", longBench, "--benchmark", "ruler"])).AssertFailed(1, "hotpotqa.jsonl", "ruler");
        (await AhnProcess.RunAsync(["eval", longBench, longBench])).AssertFailed(2, "both of the task hotpotqa");
        (await AhnProcess.RunAsync(["eval", longBench, "-o", longBench])).AssertFailed(1, "hotpotqa.jsonl", "which is read");
    }

    [UnixFact]
    public async Task Interrupted_it_keeps_what_is_done_and_says_how_to_go_on()
    {
        string results = _files.PathOf("results.jsonl");
        using Process eval = AhnProcess.Start(["eval", _files.LongBench("gov_report", items: 500), "-o", results]);
        Task<string> output = eval.StandardOutput.ReadToEndAsync(), errors = eval.StandardError.ReadToEndAsync();
        // The setup, then a line an answer.
        for (int i = 0; i < 600 && !(File.Exists(results) && new FileInfo(results).Length > 1000); i++) await Task.Delay(100);
        using Process kill = Process.Start("kill", ["-INT", eval.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        await eval.WaitForExitAsync(new System.Threading.CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);
        Assert.Equal(130, eval.ExitCode);
        Assert.Contains("the same command goes on there", await errors, StringComparison.Ordinal);
        Assert.Contains("gov_report", await output, StringComparison.Ordinal);
        Assert.InRange(File.ReadAllLines(results).Length, 2, 500);
    }
}
