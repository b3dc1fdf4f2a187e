using System;
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
    private readonly string _folder = Directory.CreateTempSubdirectory("ahn-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_calibration_is_written_and_makes_an_archive_of_fewer_heads()
    {
        string heads = Path.Combine(_folder, "demo.heads.json");
        AhnProcess run = await AhnProcess.RunAloneAsync(
            ["calibrate", "-f", s_book, "--length", "1500", "--facts", "4", "--samples", "1", "--keep", "4", "-o", heads, "--json"],
            timeoutSeconds: 300);
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
        (await AhnProcess.RunAsync(["bench", "--claims", "--archive"])).AssertFailed(2, "--archive", "--claims");
    }
}
