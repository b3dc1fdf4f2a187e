using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Cli.Tests;

/// <summary>What programs read of the command: a format that is numbered, errors as objects, events as they come.</summary>
public sealed class ScriptTests
{
    [Fact]
    public async Task What_goes_wrong_is_an_object_too()
    {
        AhnProcess run = await AhnProcess.RunAsync(["run", "x", "--model", "none.gguf", "--json"]);
        using JsonDocument error = JsonDocument.Parse(run.Output);
        Assert.Equal(1, run.ExitCode);
        Assert.Equal(1, error.RootElement.GetProperty("format").GetInt32());
        Assert.Equal(1, error.RootElement.GetProperty("error").GetProperty("code").GetInt32());
        Assert.Contains("none.gguf", error.RootElement.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("ahn: ", run.Errors, StringComparison.Ordinal);
        AhnProcess misused = await AhnProcess.RunAsync(["fit", "--josn", "--json"]);
        using JsonDocument usage = JsonDocument.Parse(misused.Output);
        Assert.Equal(2, usage.RootElement.GetProperty("error").GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task Events_come_a_line_each_and_make_up_the_answer()
    {
        using TemporaryFolder folder = new();
        string text = folder.PathOf("text.txt");
        await File.WriteAllTextAsync(text, DemoText.BookWithCode);
        AhnProcess run = await AhnProcess.RunAsync(
            ["run", "-f", text, "--no-archive", "--prompt", DemoText.Question, "--system", DemoText.System, "--jsonl"]);
        Assert.True(run.ExitCode == 0, run.Errors);
        JsonElement[] events = [.. run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parsed)];
        Assert.All(events, one => Assert.Equal(1, one.GetProperty("format").GetInt32()));
        Assert.Contains(events, one => Name(one) == "reading" && one.GetProperty("tokens_total").GetInt64() > 500);
        Assert.Equal(DemoText.Answer, string.Concat(
            events.Where(one => Name(one) == "text").Select(one => one.GetProperty("text").GetString())));
        Assert.Equal("done", Name(events[^1]));
        Assert.Equal(DemoText.Answer, events[^1].GetProperty("text").GetString());

        AhnProcess read = await AhnProcess.RunAsync(["read", text, "-o", folder.PathOf("a.ahn"), "--jsonl"]);
        string[] lines = read.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("reading", Name(Parsed(lines[0])));
        Assert.Equal(folder.PathOf("a.ahn"), Parsed(lines[^1]).GetProperty("path").GetString());
        AhnProcess failed = await AhnProcess.RunAsync(["read", text, "-o", folder.PathOf("a.ahn"), "--jsonl"]);
        Assert.Equal((1, "error"), (failed.ExitCode, Name(Parsed(failed.Output))));
        Assert.Equal(2, (await AhnProcess.RunAsync(["run", "x", "--json", "--jsonl"])).ExitCode);
    }

    [Fact]
    public async Task A_loop_is_stopped_and_it_is_said()
    {
        // The demo model continues this text with itself for ever.
        string[] command = ["run", "--raw", string.Concat(Enumerable.Repeat("and the sea, ", 12)), "--max-tokens", "400", "--json"];
        AhnProcess guarded = await AhnProcess.RunAsync(command), free = await AhnProcess.RunAsync([.. command, "--no-repeat-guard"]);
        Assert.Equal("repetition", Parsed(guarded.Output).GetProperty("stop_reason").GetString());
        Assert.Contains("--no-repeat-guard", guarded.Errors, StringComparison.Ordinal);
        Assert.Equal("max_tokens", Parsed(free.Output).GetProperty("stop_reason").GetString());
    }

    [Fact]
    public async Task A_folder_of_pictures_is_one_line()
    {
        using TemporaryFolder folder = new();
        string pages = folder.PathOf("pages");
        Directory.CreateDirectory(pages);
        await File.WriteAllTextAsync(Path.Combine(pages, "a.txt"), "Some words to read.");
        byte[] picture = [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, 0, 0, 0, 0x0D, .. "IHDR"u8, 0, 0];
        for (int i = 0; i < 20; i++) await File.WriteAllBytesAsync(Path.Combine(pages, $"{i}.png"), picture);
        AhnProcess text = await AhnProcess.RunAsync(["text", pages]);
        Assert.Contains("20 files skipped: 20 .png", text.Errors, StringComparison.Ordinal);
        Assert.Equal(2, text.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("7.png: skipped", (await AhnProcess.RunAsync(["text", pages, "--verbose"])).Errors, StringComparison.Ordinal);
    }

    private static string? Name(JsonElement one) => one.GetProperty("event").GetString();

    private static JsonElement Parsed(string line) => JsonDocument.Parse(line).RootElement;
}
