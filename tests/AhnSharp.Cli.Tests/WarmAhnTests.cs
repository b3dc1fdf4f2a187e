using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Cli.Tests;

/// <summary>Most tests of the command run their lines in processes that are warm: that changes nothing of what a line says.</summary>
public sealed partial class WarmAhnTests : IDisposable
{
    private static readonly string s_text = DemoText.Prose(12);

    // Dear ones, and those that need what others made, are started by their own tests.
    private static readonly Dictionary<string, string> s_elsewhere = new()
    {
        ["demo"] = nameof(EvaluationCommandTests),
        ["recall"] = nameof(EvaluationCommandTests),
        ["bench"] = nameof(BenchCommandTests),
        ["calibrate"] = nameof(CalibrateCommandTests),
        ["eval"] = nameof(EvalCommandTests),
        ["train"] = nameof(TrainCommandTests),
        ["ask"] = nameof(ReadAskCommandTests),
        ["serve"] = nameof(ServeCommandTests),
        ["pull"] = nameof(HubCommandTests),
        ["remove"] = nameof(HubCommandTests),
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // A line of each command, its input, and what stands for files: BOOK a text, MODEL and MEMORY folders of Hugging Face, OUT nothing yet.
    public static TheoryData<string, string> Lines => new()
    {
        { "run --raw --prompt - --max-tokens 4 --temperature 0 --json", "" },
        { "run -f - --prompt x --max-tokens 2 --temperature 0", s_text },
        { "chat --max-tokens 2 --temperature 0", "Who is it?\nAnd then?\n" },
        { "read BOOK --no-archive -o OUT.ahn --json --quiet", "" },
        { "text BOOK", "" },
        { "convert MODEL --ahn MEMORY --type bf16 -o OUT.gguf", "" },
        { "quantize demo OUT.gguf q4_0 --dry-run", "" },
        { "inspect demo --json", "" },
        { "tokens --ids -", "It was a dark night." },
        { "fit --free 6GB", "" },
        { "devices --json", "" },
        { "doctor --no-measure", "" },
        { "perplexity -f BOOK --tokens 64 --json", "" },
        { "synth 4B q8_0 -o OUT", "" },
        { "list --json", "" },
        { "use --none", "" },
        { "config --json", "" },
        { "help run", "" },
        { "version", "" },
        { "completion bash", "" },
        { "man run", "" },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task A_command_says_the_same_in_a_process_of_its_own(string line, string input)
    {
        AhnProcess[] runs = new AhnProcess[2];
        for (int i = 0; i < runs.Length; i++)
        {
            string folder = _folder.PathOf($"{i}");
            Directory.CreateDirectory(folder);
            string[] arguments = Prepared(line, folder);
            Dictionary<string, string?> environment = new()
            {
                ["AHN_CONFIG"] = Path.Combine(folder, "settings"),
                ["HF_HUB_CACHE"] = Path.Combine(folder, "hub"),
            };
            AhnProcess run = i == 0 ? await AhnProcess.RunAloneAsync(arguments, input, environment: environment)
                : await AhnProcess.RunAsync(arguments, input, environment: environment);
            runs[i] = new AhnProcess(run.ExitCode, Said(run.Output, folder), Said(run.Errors, folder));
        }
        Assert.Equal(runs[0], runs[1]);
        Assert.NotEmpty(runs[0].Output + runs[0].Errors);
    }

    [Fact]
    public void Every_command_is_run_in_a_process_of_its_own() => Assert.Empty(AhnCommand.Create().Subcommands
        .Select(command => command.Name).Except(Lines.Select(row => ((string)row[0]).Split(' ')[0]))
        .Except(s_elsewhere.Keys));

    [Fact]
    public void What_changes_while_a_command_runs_is_put_back_or_said_to_stay() => Assert.Empty(CommandStatics.Strays());

    [UnixFact]
    public async Task Lines_of_one_process_know_nothing_of_each_other()
    {
        string settings = _folder.PathOf("settings");
        await File.WriteAllTextAsync(settings, "threads = 3\nverbosity = quiet\n");
        Dictionary<string, string?> said = new() { ["AHN_CONFIG"] = settings, ["AHN_MAX_TOKENS"] = "3" }, none = [];
        string[] config = ["config"], run = ["run", "-f", "-", "--prompt", "x", "--max-tokens", "2", "--temperature", "0"];
        WarmAhn one = WarmAhn.Take();
        int id = one.Id;
        AhnProcess settingsBefore = await one.RunAsync(config, null, 60, none), before = await one.RunAsync(run, s_text, 60, none);
        AhnProcess between = await one.RunAsync(config, null, 60, said), quiet = await one.RunAsync(run, s_text, 60, said);
        AhnProcess failed = await one.RunAsync(run, null, 60, none);
        AhnProcess settingsAfter = await one.RunAsync(config, null, 60, none), after = await one.RunAsync(run, s_text, 60, none);
        Assert.Equal(id, one.Id);
        WarmAhn.GiveBack(one);

        Assert.Matches(@"(?m)^threads +3 +file", between.Output);
        Assert.Matches(@"(?m)^max-tokens +3 +environment", between.Output);
        Assert.Equal((0, ""), (quiet.ExitCode, quiet.Errors));
        failed.AssertFailedAfterLoading(1, "standard input", "empty");
        Assert.DoesNotMatch(@"(?m)^\S+ +\S+ +(file|environment) ", settingsBefore.Output);
        Assert.Equal(settingsBefore.Output, settingsAfter.Output);
        Assert.StartsWith("demo model", before.Errors, StringComparison.Ordinal);
        Assert.Equal((before.ExitCode, before.Output), (after.ExitCode, after.Output));
        Assert.Equal(Masked(before.Errors), Masked(after.Errors));
    }

    [Fact]
    public async Task What_a_process_reads_once_is_a_reason_for_one_of_its_own()
    {
        Assert.False(WarmAhn.Fits(new Dictionary<string, string?> { ["http_proxy"] = "http://127.0.0.1:1" }));
        Assert.Equal(!OperatingSystem.IsWindows(), WarmAhn.Fits(new Dictionary<string, string?> { ["AHN_THREADS"] = "1" }));
        Dictionary<string, string?> scalar = new() { ["AHN_ISA"] = "scalar" };
        Assert.Contains("scalar (forced", (await AhnProcess.RunAsync(["version"], environment: scalar)).Output, StringComparison.Ordinal);
    }

    private string[] Prepared(string line, string folder)
    {
        string book = Path.Combine(folder, "book.txt");
        File.WriteAllText(book, s_text);
        return [.. line.Split(' ').Select(word => word switch
        {
            "BOOK" => book,
            "MODEL" => TinyFolder.Base(_folder).Write().Path,
            "MEMORY" => TinyFolder.Ahn(_folder, "gated_deltanet").Write().Path,
            _ when word.StartsWith("OUT", StringComparison.Ordinal) => Path.Combine(folder, word),
            _ => word,
        })];
    }

    // Times, speeds and what is free at the moment are any number, and so is the name of the folder.
    private static string Said(string text, string folder) => Masked(text.Replace(folder, "FOLDER", StringComparison.Ordinal));

    private static string Masked(string text) => Measured().Replace(text, "#");

    [GeneratedRegex(@" *\d[\d,]*(\.\d+)?([eE][-+]?\d+)?( ?(µs|ms|s|B|kB|MB|GB|TB)\b)?")]
    private static partial Regex Measured();
}
