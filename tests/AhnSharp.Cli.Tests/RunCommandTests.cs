using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Cli.Tests;

public sealed class RunCommandTests
{
    [Theory]
    [InlineData("--window", "0", "at least 1")]
    [InlineData("--sinks", "-1", "at least 0")]
    [InlineData("--memory", "all", "full, window, ahn")]
    [InlineData("--kv", "q4_0", "f32, f16, q8_0")]
    [InlineData("--threads", "two", "from 1 to 1024")]
    [InlineData("--temperature", "-0.5", "from 0 to 100")]
    [InlineData("--top-p", "1.5", "from 0 to 1")]
    [InlineData("--top-p", "NaN", "from 0 to 1")]
    [InlineData("--seed", "-3", "from 0 to")]
    [InlineData("--max-tokens", "0", "at least 1")]
    [InlineData("--stop", "", "at least one character")]
    public async Task A_value_out_of_range_is_exit_code_2_and_says_what_would_be_right(string option, string value, string expected) =>
        (await AhnProcess.RunAsync(["run", "--prompt", "x", option, value])).AssertFailed(2, option, expected);

    [Fact]
    public async Task Options_that_cannot_be_meant_are_exit_code_2()
    {
        (await AhnProcess.RunAsync(["run"])).AssertFailed(2, "--prompt");
        (await AhnProcess.RunAsync(["run", "--prompt", "x", "--frobnicate"])).AssertFailed(2, "--frobnicate", "ahn run --help");
        (await AhnProcess.RunAsync(["run", "--prompt"])).AssertFailed(2, "--prompt");
        (await AhnProcess.RunAsync(["run", "--prompt", "x", "--raw", "--system", "y"])).AssertFailed(2, "--system", "--raw");
    }

    [Fact]
    public async Task Missing_and_broken_files_are_exit_code_1_and_one_sentence()
    {
        using TemporaryFolder folder = new();
        (await AhnProcess.RunAsync(["run", "--prompt", "x", "--model", folder.PathOf("none.gguf")])).AssertFailed(1, "none.gguf");
        (await AhnProcess.RunAsync(["run", "--prompt", "x", "--ahn", folder.PathOf("none.gguf")])).AssertFailed(1, "none.gguf");
        (await AhnProcess.RunAsync(["run", "-f", folder.PathOf("none.txt")])).AssertFailed(1, "none.txt");

        byte[] model = await File.ReadAllBytesAsync(DemoText.ModelPath);
        foreach (int length in new[] { 0, 3, 100, 50_000, model.Length - 1 })
        {
            string cut = folder.PathOf($"cut-{length}.gguf");
            await File.WriteAllBytesAsync(cut, model[..length]);
            (await AhnProcess.RunAsync(["run", "--prompt", "x", "--model", cut])).AssertFailed(1);
        }
        string bytes = folder.PathOf("broken.txt");
        await File.WriteAllBytesAsync(bytes, [.. "\u00E9\u00E9\u00E9\u00E9\u00E9 "u8, 0xFF, (byte)'!']);
        (await AhnProcess.RunAsync(["run", "-f", bytes])).AssertFailed(1, "UTF-8", "broken.txt", "0xFF at 11 (line 1)");
    }

    [Fact]
    public async Task An_answer_goes_to_standard_output_and_what_it_took_to_standard_error()
    {
        string[] command = ["run", "-f", "-", "--no-archive", "--prompt", DemoText.Question, "--system", DemoText.System];
        AhnProcess quiet = await AhnProcess.RunAsync([.. command, "--quiet"], DemoText.BookWithCode);
        Assert.Equal((0, DemoText.Answer, ""), (quiet.ExitCode, quiet.Output.TrimEnd(), quiet.Errors));

        AhnProcess usual = await AhnProcess.RunAsync(command, DemoText.BookWithCode);
        string[] told = usual.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, told.Length);
        Assert.Matches("^demo model .*knows nothing.*ahn pull", told[0]);
        Assert.Matches(@"^wrote \d+ tokens, \d+\.\d tokens/s$", told[1]);

        AhnProcess run = await AhnProcess.RunAsync([.. command, "--verbose"], DemoText.BookWithCode);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(DemoText.Answer, run.Output.TrimEnd());
        string[] lines = [.. run.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(
            line => !line.StartsWith("demo model", StringComparison.Ordinal))];
        Assert.Equal(3, lines.Length);
        Assert.Matches(@"^will take \d+\.\d MB of .* free: weights 1\d\.\d MB, session \d\.\d MB \(window \+ memory", lines[0]);
        Assert.Matches(@"^\S.*, \d+ threads?, ahn-demo-q8_0\.gguf", lines[1]);
        foreach (string part in new[] { "kept exactly", "compressed", "dropped", "first token after", "finished" })
            Assert.Contains(part, lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_one_object_and_the_same_seed_gives_the_same_text()
    {
        string[] arguments =
        [
            "run", "-f", "-", "--prompt", "Go on.", "--temperature", "1", "--seed", "5", "--max-tokens", "20", "--window",
            "64", "--sinks", "4", "--no-archive", "--json",
        ];
        AhnProcess first = await AhnProcess.RunAsync(arguments, DemoText.Prose(30)),
            second = await AhnProcess.RunAsync(arguments, DemoText.Prose(30));
        using JsonDocument json = JsonDocument.Parse(first.Output), again = JsonDocument.Parse(second.Output);
        JsonElement answer = json.RootElement;
        Assert.Equal(answer.GetProperty("text").GetString(), again.RootElement.GetProperty("text").GetString());
        Assert.Equal(5, answer.GetProperty("seed").GetInt64());
        Assert.Equal(68, answer.GetProperty("tokens_exact").GetInt64());
        Assert.Equal(answer.GetProperty("tokens_seen").GetInt64() - 68, answer.GetProperty("tokens_compressed").GetInt64());
        Assert.Equal(0, answer.GetProperty("tokens_dropped").GetInt64());
    }

    [Fact]
    public async Task A_text_over_the_context_is_exit_code_1_with_both_numbers()
    {
        AhnProcess run = await AhnProcess.RunAsync(["run", "-f", "-", "--memory", "full", "--context", "100"], DemoText.Prose(50));
        Assert.Equal(1, run.ExitCode);
        Assert.Empty(run.Output.Trim());
        Assert.Contains("100", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_without_effect_are_told()
    {
        AhnProcess run = await AhnProcess.RunAsync(
            ["run", "--prompt", "x", "--max-tokens", "1", "--top-k", "5", "--memory", "full", "--window", "9"]);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("--top-k", run.Errors, StringComparison.Ordinal);
        Assert.Contains("--window", run.Errors, StringComparison.Ordinal);
        Assert.Contains("cut off at --max-tokens 1", run.Errors, StringComparison.Ordinal);
    }
}
