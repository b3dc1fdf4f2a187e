using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Help;
using Xunit;

namespace AhnSharp.Cli.Tests;

/// <summary>Help that teaches: examples that work, groups, words that people type, and pages from the same text.</summary>
public sealed class HelpTests
{
    private static readonly RootCommand s_root = AhnCommand.Create();

    public static TheoryData<string> Names() => [.. s_root.Subcommands.Select(command => command.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_command_has_examples_which_are_understood(string name)
    {
        IReadOnlyList<(string Line, string Meaning)> examples = CommandExamples.Of(name);
        if (name != "version") Assert.NotEmpty(examples);
        foreach ((string line, string meaning) in examples.Concat(CommandExamples.First))
        {
            Assert.NotEmpty(meaning);
            foreach (string part in line.Split(["&&", " | ", "<(", ")"], StringSplitOptions.TrimEntries))
            {
                string typed = part.Split([" > ", " < "], StringSplitOptions.None)[0];
                if (!typed.StartsWith("ahn ", StringComparison.Ordinal)) continue;
                ParseResult parsed = AhnCommand.Create().Parse(typed["ahn ".Length..]);
                Assert.True(parsed.Errors.Count == 0, $"{typed}: {string.Join(' ', parsed.Errors.Select(error => error.Message))}");
                Assert.Empty(parsed.UnmatchedTokens);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Pages_fit_every_terminal_and_name_every_option(string name)
    {
        Command command = s_root.Subcommands.Single(sub => sub.Name == name);
        HelpPage page = HelpPage.Of(command, name);
        foreach (int width in new[] { 50, 80, 100 })
        {
            foreach (string line in HelpText.Lines(page, width))
                Assert.True(Cells.Of(line) <= width || !line.Trim().Contains(' ', StringComparison.Ordinal), $"{width}: {line}");
        }
        string all = string.Join('\n', HelpText.Lines(page, 100));
        foreach (Option option in command.Options.Concat(s_root.Options.Where(option => option.Recursive)))
            Assert.Contains(option.Name, all, StringComparison.Ordinal);
        string man = ManPage.Of(page, "1.0");
        Assert.StartsWith($".TH AHN-{name.ToUpperInvariant()} 1", man, StringComparison.Ordinal);
        Assert.Contains(".SH EXIT STATUS", man, StringComparison.Ordinal);
    }

    [Fact]
    public void The_list_of_commands_has_them_all()
    {
        string all = string.Join('\n', HelpText.Lines(HelpPage.Of(s_root), 100));
        foreach (Command command in s_root.Subcommands.Where(command => !command.Hidden))
            Assert.Matches($@"(?m)^  {command.Name} ", all);
    }

    [Fact]
    public async Task The_first_thing_to_type_teaches()
    {
        AhnProcess alone = await AhnProcess.RunAsync([]);
        Assert.Equal(0, alone.ExitCode);
        Assert.Equal(3, alone.Output.Split('\n').Count(line => line.StartsWith("  ahn ", StringComparison.Ordinal)));
        AhnProcess help = await AhnProcess.RunAsync(["help", "run"]), option = await AhnProcess.RunAsync(["run", "--help"]);
        Assert.Equal((0, option.Output), (help.ExitCode, help.Output));
        Assert.Contains("The model\n", help.Output, StringComparison.Ordinal);
        Assert.Equal((await AhnProcess.RunAsync(["--version"])).Output, (await AhnProcess.RunAsync(["version"])).Output);
        (await AhnProcess.RunAsync(["help", "rnu"])).AssertFailed(2, "did you mean 'run'");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Help_of_a_command_needs_none_of_what_the_command_needs(string name)
    {
        AhnProcess asked = await AhnProcess.RunAsync([name, "--help"]);
        Assert.Equal((0, ""), (asked.ExitCode, asked.Errors));
        Assert.Equal((await AhnProcess.RunAsync(["help", name])).Output, asked.Output);
    }

    [Theory]
    [InlineData("did you mean '--temperature'", "run", "--temp", "0.5", "hi")]
    [InlineData("did you mean '--prompt'", "run", "--promt", "x")]
    [InlineData("did you mean '--max-tokens'", "run", "hi", "--n-predict", "5")]
    [InlineData("did you mean '--output'", "convert", "folder", "--outfile", "x")]
    [InlineData("did you mean 'quantize'", "quantise")]
    [InlineData("did you mean 'inspect'", "show")]
    [InlineData("did you mean '--version'", "--verison")]
    [InlineData("needs TYPE", "quantize", "a.gguf", "b.gguf")]
    [InlineData("needs the file to write before the type: ahn quantize a.gguf OUT.gguf q4_k_m", "quantize", "a.gguf", "q4_k_m")]
    [InlineData("the file to write is named with -o: -o x.gguf", "convert", "folder", "x.gguf")]
    [InlineData("the file to write is named with -o: -o x.gguf", "synth", "0.5B", "q4_k_m", "x.gguf")]
    public async Task Mistyped_words_are_told_what_was_meant(string expected, params string[] line) =>
        (await AhnProcess.RunAsync(line)).AssertFailed(2, expected);

    [Fact]
    public async Task Shells_complete_and_man_pages_are_written()
    {
        foreach (string shell in new[] { "bash", "zsh", "fish", "pwsh" })
            Assert.Contains("[suggest:", (await AhnProcess.RunAsync(["completion", shell])).Output, StringComparison.Ordinal);
        (await AhnProcess.RunAsync(["completion", "tcsh"])).AssertFailed(2, "bash, zsh, fish, pwsh");
        Assert.Equal("run", (await AhnProcess.RunAsync(["[suggest:6]", "ahn ru"])).Output.Trim());
        using TemporaryFolder folder = new();
        Assert.Equal(0, (await AhnProcess.RunAsync(["man", "--all", folder.PathOf("man1")])).ExitCode);
        Assert.Contains("ahn-run.1", Directory.GetFiles(folder.PathOf("man1")).Select(Path.GetFileName));
    }
}
