using System;
using System.CommandLine;
using System.Linq;
using System.Threading.Tasks;
using AhnSharp.Cli.Options;
using Xunit;

namespace AhnSharp.Cli.Tests;

/// <summary>A size that is out of every range is a sentence about the option, never an overflow somewhere behind it.</summary>
public sealed class NumericOptionTests
{
    private static readonly string[] s_values =
    [
        "0", "-1", "2147483647", "2147483648", "-2147483649", "9223372036854775807", "9223372036854775808", "1e999", "-1e999", "NaN",
        "Infinity", "1e3", "0x10", "", " ", "1,5", "١",
    ];

    [Fact]
    public void Every_number_of_every_command_is_taken_or_refused_by_name()
    {
        int options = 0;
        RootCommand ahn = AhnCommand.Create();
        foreach (Command command in ahn.Subcommands)
        {
            foreach (Option option in command.Options.Where(option => option.HelpName is "N" or "X" or "SIZE" or "N,…"))
            {
                options++;
                foreach (string value in s_values)
                {
                    ParseResult parsed = ahn.Parse(
                        [command.Name, option.Name, value], new ParserConfiguration { ResponseFileTokenReplacer = null });
                    string[] errors = [.. parsed.Errors.Select(error => error.Message).Where(
                        message => message.StartsWith(option.Name, StringComparison.Ordinal))];
                    // Numbers that a person may mean: a seed may be large, a penalty negative; all others are words or out of range.
                    if (errors.Length == 0)
                    {
                        Assert.True(
                            value is "0" or "-1" or "2147483647" or "2147483648" or "9223372036854775807" or "9223372036854775808" or "1e3"
                                || (value == "1,5" && option.HelpName == "N,…"), $"ahn {command.Name} {option.Name} '{value}' was taken");
                    }
                    else Assert.All(errors, message => Assert.Contains($"'{value}'", message, StringComparison.Ordinal));
                }
            }
        }
        Assert.True(options > 60, $"{options} options");
    }

    public static TheoryData<string> Extremes => new(
        "run --prompt Hi --max-tokens 1 --window 1000000000",
        "run --prompt Hi --max-tokens 1 --window 536870912",
        "run --prompt Hi --max-tokens 1 --sinks 536870912 --window 536870912",
        "run --prompt Hi --max-tokens 1 --memory full --context 536870912",
        "run --prompt Hi --max-tokens 1 --memory full --context 2147483647",
        "run --prompt Hi --max-tokens 2147483647 --stop e",
        "run --prompt Hi --max-tokens 2 --top-k 2147483647 --temperature 1 --seed 18446744073709551615",
        "run --prompt Hi --max-tokens 2 --repeat-penalty 100 --repeat-last-n 2147483647",
        "run --prompt Hi --max-tokens 1 --threads 2147483647",
        "run --prompt Hi --max-tokens 1 --gpu-layers 2147483647 --device cuda",
        "inspect MODEL --window 536870912 --sinks 536870912 --context 536870912 --kv f32",
        "fit MODEL --free 9223372036854775807GB",
        "fit MODEL --free 1B",
        "demo --tokens 2147483647",
        "demo --tokens 1",
        "perplexity -f TEXT --tokens 2147483647 --every 2147483647",
        "perplexity -f TEXT --against-window 536870912 --window 536870912",
        "recall -f TEXT --length 2147483647",
        "recall -f TEXT --length 1 --samples 2147483647",
        "bench --run 2147483648",
        "read TEXT -o OUT --checkpoint 536870912",
        "chat --keep 2147483647");

    [Theory]
    [MemberData(nameof(Extremes))]
    public async Task The_largest_numbers_compute_or_are_sentences(string line)
    {
        using TemporaryFolder folder = new();
        string text = folder.PathOf("a.txt");
        System.IO.File.WriteAllText(text, DemoText.Prose(20));
        string[] arguments = [.. line.Split(' ').Select(
            word => word switch { "MODEL" => DemoText.ModelPath, "TEXT" => text, "OUT" => folder.PathOf("a.ahn"), _ => word })];
        AhnProcess run = await AhnProcess.RunAsync(arguments, "");
        Assert.True(run.ExitCode is 0 or 1 or 2, run.Errors);
        Assert.DoesNotContain("a fault of ahn itself", run.Errors, StringComparison.Ordinal);
        if (run.ExitCode != 0) Assert.Contains("ahn: ", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Behind_two_hyphens_everything_is_a_word()
    {
        using TemporaryFolder folder = new();
        string text = folder.PathOf("a.txt"), session = folder.PathOf("a.ahn"), dash = folder.PathOf("-b.txt");
        System.IO.File.WriteAllText(text, DemoText.Prose(4));
        Assert.Equal(0, (await AhnProcess.RunAsync(["read", "-o", session, "--", text])).ExitCode);
        AhnProcess ask = await AhnProcess.RunAsync(["ask", session, "--max-tokens", "2", "--", "-5 degrees: is that cold?", "--max"]);
        Assert.True(ask.ExitCode == 0, ask.Errors);
        Assert.Contains("-5 degrees", ask.Errors, StringComparison.Ordinal);
        (await AhnProcess.RunAsync(["ask", session, "-5 degrees", "--", "--max"])).AssertFailed(2, "no option '-5 degrees'");
        (await AhnProcess.RunAsync(["read", "-o", folder.PathOf("c.ahn"), "--", dash])).AssertFailed(1, "-b.txt");
        Assert.Equal(1 << 29, Choice.MaxTokens);
    }
}
