using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Cli.Tests;

/// <summary>A memory trained for the demo's base, from the line that is typed to the adapter that runs.</summary>
public sealed class TrainCommandTests : IClassFixture<TrainCommandTests.Files>, IDisposable
{
    private readonly Files _files;
    private readonly TemporaryFolder _folder = new();

    public TrainCommandTests(Files files) => _files = files;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_few_steps_write_an_adapter_that_runs_beside_its_base_and_no_other()
    {
        string adapter = _folder.PathOf("memory.gguf"), page = _folder.PathOf("memory.html");
        AhnProcess run = await AhnProcess.RunAloneAsync(
            [.. Line(adapter), "--memory", "gdn", "--steps", "3", "--every", "2", "--report", page, "--json"], timeoutSeconds: 300);
        Assert.True(run.ExitCode == 0, run.Errors);
        JsonNode said = JsonNode.Parse(run.Output)!;
        Assert.Equal(("gated_deltanet", 3), ((string)said["kind"]!, (int)said["steps"]!));
        Assert.Equal([0, 2, 3], said["points"]!.AsArray().Select(point => (int)point!["step"]!));
        Assert.True((double)said["window_kl"]! > 0 && (double)said["tokens_per_second"]! > 0);
        Assert.Contains("step 2 of 3", run.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(adapter + ".checkpoint"));
        string html = await File.ReadAllTextAsync(page);
        Assert.Contains("KL to full attention against steps", html, StringComparison.Ordinal);
        Assert.Contains("window alone", html, StringComparison.Ordinal);

        AhnProcess used = await AhnProcess.RunAsync(
            ["perplexity", "--model", _files.Base, "--ahn", adapter, "-f", _files.Book, "--tokens", "200", "--json"]);
        Assert.True(used.ExitCode == 0, used.Errors);
        Assert.Equal((64, 0), ((int)JsonNode.Parse(used.Output)!["window"]!, (int)JsonNode.Parse(used.Output)!["sinks"]!));

        // Nothing is written over, and the same line gives the same bytes.
        byte[] first = await File.ReadAllBytesAsync(adapter);
        (await AhnProcess.RunAsync(Line(adapter))).AssertFailed(1, adapter, "--overwrite");
        AhnProcess again = await AhnProcess.RunAsync(
            [.. Line(adapter), "--memory", "gdn", "--steps", "3", "--every", "2", "--overwrite", "--threads", "1"], timeoutSeconds: 300);
        Assert.True(again.ExitCode == 0, again.Errors);
        Assert.Equal(first, await File.ReadAllBytesAsync(adapter));
    }

    [Fact]
    public async Task A_dry_run_says_what_it_will_take_and_writes_nothing()
    {
        AhnProcess run = await AhnProcess.RunAsync(
            ["train", "--model", _files.Base, "--text", _files.Book, "--length", "256", "--recall", "0.5",
             "--hold-out", "0.3", "--dry-run", "--json"]);
        Assert.True(run.ExitCode == 0, run.Errors);
        JsonNode said = JsonNode.Parse(run.Output)!;
        Assert.True((double)said["seconds"]! > (double)said["seconds_per_step"]! && (double)said["tokens_per_second"]! > 0);
        Assert.True((long)said["memory_bytes"]! > 15_000_000);
        Assert.Equal(400, (int)said["steps"]!);
    }

    [UnixFact]
    public async Task Ctrl_C_keeps_the_best_and_resuming_gives_the_bytes_of_a_run_that_never_stopped()
    {
        string whole = _folder.PathOf("whole.gguf"), stopped = _folder.PathOf("stopped.gguf");
        string[] steps = ["--steps", "8", "--every", "2"];
        AhnProcess run = await AhnProcess.RunAloneAsync([.. Line(whole), .. steps], timeoutSeconds: 300);
        Assert.True(run.ExitCode == 0, run.Errors);

        using Process process = AhnProcess.Start([.. Line(stopped), .. steps]);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string said = "";
        while (!said.Contains("step 2 of 8", StringComparison.Ordinal))
            said += await process.StandardError.ReadLineAsync() ?? throw new InvalidOperationException($"It ended: {said}");
        using (Process kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)])) kill.WaitForExit();
        said += await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal((130, ""), (process.ExitCode, await output));
        Assert.Contains("the same line with --resume goes on", said, StringComparison.Ordinal);
        Assert.True(File.Exists(stopped) && File.Exists(stopped + ".checkpoint"));

        AhnProcess other = await AhnProcess.RunAsync([.. Line(stopped), "--steps", "9", "--every", "2", "--resume"]);
        other.AssertFailedAfterLoading(1, "steps 9", "steps 8");
        AhnProcess resumed = await AhnProcess.RunAsync([.. Line(stopped), .. steps, "--resume"], timeoutSeconds: 300);
        Assert.True(resumed.ExitCode == 0, resumed.Errors);
        Assert.False(File.Exists(stopped + ".checkpoint"));
        // All but the file's own name for itself.
        Assert.Equal(Named(await File.ReadAllBytesAsync(whole)), Named(await File.ReadAllBytesAsync(stopped)));
    }

    [Fact]
    public async Task What_cannot_be_trained_is_said_in_one_sentence()
    {
        string adapter = _folder.PathOf("memory.gguf");
        (await AhnProcess.RunAsync(["train", "--text", _files.Book, "-o", adapter])).AssertFailed(2, "--model BASE.gguf");
        (await AhnProcess.RunAsync(["train", "--model", _files.Base, "-o", adapter])).AssertFailed(2, "--text PATH");
        (await AhnProcess.RunAsync(["train", "--model", _files.Base, "--text", _files.Book])).AssertFailed(2, "-o ADAPTER.gguf");
        (await AhnProcess.RunAsync([.. Line(adapter), "--memory", "lstm"])).AssertFailed(2, "dn, gdn, mamba2");
        (await AhnProcess.RunAsync([.. Line(adapter), "--device", "cuda:99"])).AssertFailed(1, "There is no device cuda:99 here: found ");
        (await AhnProcess.RunAsync([.. Line(adapter), "--weights", "9"])).AssertFailed(2, "add --recall");
        (await AhnProcess.RunAsync([.. Line(adapter), "--conversations", "nothing.jsonl"])).AssertFailedAfterLoading(1, "nothing.jsonl");
        (await AhnProcess.RunAsync([.. Line(adapter), "--resume"])).AssertFailed(1, "there is no checkpoint");
        (await AhnProcess.RunAsync([.. Line(adapter), "--resume", "--dry-run"])).AssertFailed(1, "there is no checkpoint");
        (await AhnProcess.RunAsync(["train", "--model", _files.Base, "--text", "nothing.txt", "-o", adapter]))
            .AssertFailed(1, "nothing.txt");
        (await AhnProcess.RunAsync(["train", "--model", "nothing.gguf", "--text", _files.Book, "-o", adapter]))
            .AssertFailed(1, "nothing.gguf");
        (await AhnProcess.RunAsync(["train", "--model", DemoQ8.Path, "--text", _files.Book, "-o", adapter]))
            .AssertFailedAfterLoading(1, "holds a DeltaNet memory already");
        (await AhnProcess.RunAsync(["train", "--model", _files.Base, "--text", _files.Book, "-o", adapter, "--length", "100000"]))
            .AssertFailedAfterLoading(1, "at least 100000 tokens");
        (await AhnProcess.RunAsync([.. Line(_files.Base)])).AssertFailed(1, "which is read");
        Assert.False(File.Exists(adapter));
    }

    private string[] Line(string adapter) =>
    [
        "train", "--model", _files.Base, "--text", _files.Book, "-o", adapter, "--length", "256", "--batch", "1", "--held-out-texts", "1",
        "--hold-out", "0.3", "--window", "64", "--sinks", "0", "--seed", "3",
    ];

    private static string Named(byte[] file) => Convert.ToHexString(file)
        .Replace(Convert.ToHexString("stopped"u8), "", StringComparison.Ordinal)
        .Replace(Convert.ToHexString("whole"u8), "", StringComparison.Ordinal)[^4000..];

    /// <summary>The demo's base and a text, for all tests.</summary>
    public sealed class Files : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public Files()
        {
            Base = _folder.PathOf("base.gguf");
            Book = _folder.PathOf("book.txt");
            DemoBase.Write(Base, DemoQ8.Path);
            File.WriteAllText(Book, DemoText.Prose(120));
        }

        public string Base { get; }
        public string Book { get; }

        public void Dispose() => _folder.Dispose();
    }
}
