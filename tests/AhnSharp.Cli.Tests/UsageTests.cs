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
