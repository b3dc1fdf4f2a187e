using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Cli.Tests;

/// <summary>Readers that leave, streams that are closed, signals: every run ends at once, with the code that scripts expect.</summary>
public sealed class PipeTests : IDisposable
{
    private const string Long = "run --raw --prompt 'It was' --max-tokens 1000000 --temperature 1 --seed 3";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [UnixFact]
    public async Task When_the_reader_leaves_the_run_ends()
    {
        (int exitCode, string output, TimeSpan took) = await ShellAsync(
            $"{{ ahn {Long} 2>{_folder.PathOf("errors")}; echo $? >{_folder.PathOf("code")}; }} | head -c 30");
        Assert.Equal((0, 30), (exitCode, output.Length));
        Assert.Equal("141", (await File.ReadAllTextAsync(_folder.PathOf("code"))).Trim());
        string errors = await File.ReadAllTextAsync(_folder.PathOf("errors"));
        Assert.DoesNotContain("ahn: ", errors, StringComparison.Ordinal);
        Assert.True(took < TimeSpan.FromSeconds(60), $"took {took}");
    }

    [UnixFact]
    public async Task A_closed_input_is_the_end_of_the_input()
    {
        string book = _folder.PathOf("b.ahn");
        // The end at once is a file without a text, and no reason to wait.
        (int exitCode, string output, _) = await ShellAsync("ahn run -f - --prompt x --max-tokens 2 <&- 2>&1");
        Assert.Equal(1, exitCode);
        Assert.Contains("standard input: expected a text, found an empty file", output, StringComparison.Ordinal);
        Assert.Equal(0, (await ShellAsync("ahn chat <&-")).ExitCode);
        Assert.Equal(1, (await ShellAsync($"ahn read - -o {book} <&-")).ExitCode);
        Assert.False(File.Exists(book));
    }

    [UnixFact]
    public async Task A_closed_output_is_a_sentence()
    {
        string model = DemoText.ModelPath, errors = _folder.PathOf("errors");
        Assert.Equal(1, (await ShellAsync($"ahn inspect {model} >&- 2>{errors}")).ExitCode);
        Assert.StartsWith("ahn: standard output is closed", await File.ReadAllTextAsync(errors), StringComparison.Ordinal);
        Assert.Equal(1, (await ShellAsync($"ahn inspect {model} >&- 2>&-")).ExitCode);
        Assert.Equal(0, (await ShellAsync($"ahn inspect {model} 2>&- | grep -q layers")).ExitCode);
        if (File.Exists("/dev/full")) Assert.Equal(1, (await ShellAsync($"ahn inspect {model} >/dev/full 2>{errors}")).ExitCode);
    }

    [UnixFact]
    public async Task Output_and_errors_in_one_file_stay_in_their_order()
    {
        string file = _folder.PathOf("all");
        Assert.Equal(0, (await ShellAsync(
            $"echo before >{file}; ahn run --raw --verbose --prompt 'It was' --max-tokens 4 >>{file} 2>&1")).ExitCode);
        string all = await File.ReadAllTextAsync(file);
        Assert.StartsWith("before\n", all, StringComparison.Ordinal);
        Assert.Contains("first token after", all[all.LastIndexOf('\n', all.Length - 2)..], StringComparison.Ordinal);
    }

    // What shows that the command is at work: bytes in a file with such a name. One that waits for a pipe shows nothing.
    public static TheoryData<string, string, string, int> Signals => new()
    {
        { "TERM", Long, "output", 143 },
        { "INT", Long, "output", 130 },
        { "TERM", "chat", "errors", 143 },
        { "TERM", "run -f PIPE --prompt x", "", 143 },
        { "INT", "run -f PIPE --prompt x", "", 130 },
        { "TERM", "read BOOK -o OUT", "errors", 143 },
        { "TERM", "synth 1.5B q8_0 -o OUT", "*.partial", 143 },
        { "TERM", "perplexity -f BOOK", "errors", 143 },
    };

    [UnixTheory]
    [MemberData(nameof(Signals))]
    public async Task A_signal_ends_everything_within_a_second(string signal, string command, string shown, int code)
    {
        string pipe = _folder.PathOf("pipe"), output = _folder.PathOf("out.ahn"), errors = _folder.PathOf("errors");
        using (Process make = Process.Start("mkfifo", [pipe])) await make.WaitForExitAsync();
        string line = command.Replace("PIPE", pipe, StringComparison.Ordinal)
            .Replace("BOOK", Path.Combine(AppContext.BaseDirectory, "gguf", "dracula.txt"), StringComparison.Ordinal)
            .Replace("OUT", output, StringComparison.Ordinal);
        using Process process = Shell($"exec ahn {line} >{_folder.PathOf("output")} 2>{errors}");
        if (shown.Length == 0) await Task.Delay(3000);
        for (int i = 0; shown.Length > 0 && i < 600 && !process.HasExited && !Shows(shown); i++) await Task.Delay(50);
        // Into the work.
        await Task.Delay(200);
        Assert.False(process.HasExited, await File.ReadAllTextAsync(errors));
        Assert.True(shown.Length == 0 || Shows(shown), $"{command} showed nothing in half a minute");
        using (Process kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"])) await kill.WaitForExitAsync();
        long sent = Stopwatch.GetTimestamp();
        using CancellationTokenSource timeout = new(TimeSpan.FromSeconds(30));
        await process.WaitForExitAsync(timeout.Token);
        TimeSpan took = Stopwatch.GetElapsedTime(sent);
        Assert.Equal(code, process.ExitCode);
        // A second, and the slowness of a machine that runs other tests and compiles images beside; what goes on to its end takes minutes.
        Assert.True(took < TimeSpan.FromSeconds(5), $"took {took}");
        Assert.DoesNotContain("Exception", await File.ReadAllTextAsync(errors), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(output)!, "*.partial"));
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(output)!, "*.lock"));
    }

    [UnixFact]
    public async Task Pipes_in_folders_of_others_are_not_waited_for()
    {
        string folder = _folder.PathOf("model"), code = _folder.PathOf("code");
        Directory.CreateDirectory(folder);
        Directory.CreateDirectory(code);
        foreach (string name in new[] { Path.Combine(folder, "config.json"), Path.Combine(code, ".gitignore") })
        {
            using Process make = Process.Start("mkfifo", [name]);
            await make.WaitForExitAsync();
        }
        await File.WriteAllTextAsync(Path.Combine(code, "a.txt"), "Some words to read.");
        (await AhnProcess.RunAsync(["convert", folder, "-o", _folder.PathOf("x.gguf")])).AssertFailed(1, "config.json", "a pipe");
        AhnProcess read = await AhnProcess.RunAsync(["read", code, "-o", _folder.PathOf("x.ahn")]);
        Assert.True(read.ExitCode == 0, read.Errors);
    }

    private bool Shows(string name) => new DirectoryInfo(_folder.PathOf("")).EnumerateFiles(name).Any(file => file.Length > 0);

    private static async Task<(int ExitCode, string Output, TimeSpan Took)> ShellAsync(string script)
    {
        long started = Stopwatch.GetTimestamp();
        using Process process = Shell(script);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        using CancellationTokenSource timeout = new(TimeSpan.FromSeconds(100));
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{script} did not end.");
        }
        return (process.ExitCode, await output, Stopwatch.GetElapsedTime(started));
    }

    // A script of the background ignores Ctrl-C, and its children with it: bash puts the signal back where it is asked to first.
    private static Process Shell(string script)
    {
        string ahn = $"dotnet exec '{Path.Combine(AppContext.BaseDirectory, "ahn.dll")}'";
        string reset = OperatingSystem.IsLinux() ? "env --default-signal=INT,PIPE " : "";
        ProcessStartInfo start = new("/bin/sh", ["-c", System.Text.RegularExpressions.Regex.Replace(
            script, @"(?<![\w/.-])ahn ", $"{reset}{ahn} ")])
        { RedirectStandardOutput = true, RedirectStandardInput = true };
        return Process.Start(start)!;
    }
}
