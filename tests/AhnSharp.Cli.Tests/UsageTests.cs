using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Cli.Tests;

public sealed class UsageTests
{
    [Fact]
    public async Task Unknown_commands_and_options_are_exit_code_2_and_one_sentence()
    {
        (await AhnProcess.RunAsync(["frobnicate"])).AssertFailed(2, "frobnicate", "ahn --help");
        (await AhnProcess.RunAsync(["--frobnicate"])).AssertFailed(2, "--frobnicate");
    }

    [Fact]
    public async Task What_people_try_first_is_answered_with_what_to_do()
    {
        using TemporaryFolder folder = new();
        string text = folder.PathOf("a.txt"), session = folder.PathOf("a.ahn"), weights = folder.PathOf("model.safetensors");
        await System.IO.File.WriteAllTextAsync(text, DemoText.Prose(20));
        await System.IO.File.WriteAllTextAsync(weights, "{}");
        (await AhnProcess.RunAsync(["read", "https://example.com/", "-o", session])).AssertFailed(2, "save the page");
        (await AhnProcess.RunAsync(["run", "-f", "https://example.com/", "x"])).AssertFailed(2, "save the page");
        (await AhnProcess.RunAsync(["convert", DemoText.ModelPath, "-o", folder.PathOf("x.gguf")])).AssertFailed(2, "ahn quantize");
        (await AhnProcess.RunAsync(["convert", weights, "-o", folder.PathOf("x.gguf")])).AssertFailed(2, "name its folder");
        Assert.Equal(0, (await AhnProcess.RunAsync(["read", text, "-o", session])).ExitCode);
        (await AhnProcess.RunAsync(["ask", "Who?", session])).AssertFailed(2, $"ahn ask {session}");
        Assert.Equal((await AhnProcess.RunAsync(["inspect", "--session", session])).Output,
            (await AhnProcess.RunAsync(["inspect", session])).Output);
        (await AhnProcess.RunAsync(["inspect", session, "--window", "3"])).AssertFailed(2, "is a saved session", "--window");
    }

    [Fact]
    public async Task Version_and_help_are_printed()
    {
        AhnProcess version = await AhnProcess.RunAsync(["--version"]);
        Assert.Equal(0, version.ExitCode);
        Assert.Matches(@"^\d+\.\d+\.\d+", version.Output);
        AhnProcess help = await AhnProcess.RunAsync(["--help"]);
        Assert.Equal(0, help.ExitCode);
        Assert.Contains("Usage", help.Output, System.StringComparison.Ordinal);
    }
}
