using System;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Cli.Tests;

/// <summary>The scripts of 'ahn completion' in the shells that are here.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [UnixTheory]
    [InlineData("ahn reca", "recall")]
    [InlineData("ahn inspect --repo", "--report")]
    public async Task Bash_completes_commands_and_options(string line, string expected)
    {
        string script = $$"""
            source <(ahn completion bash)
            COMP_LINE='{{line}}' COMP_POINT={{line.Length}}
            read -ra COMP_WORDS <<<"$COMP_LINE"
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _ahn_complete
            echo "${COMPREPLY[*]}"
            """;
        Assert.Equal(expected, await RunAsync("bash", script));
    }

    [ShellFact("fish")]
    public async Task Fish_completes_commands_and_options()
    {
        const string Script = "ahn completion fish | source; complete -C 'ahn reca'; complete -C 'ahn inspect --repo'";
        Assert.Equal("recall\n--report", await RunAsync("fish", Script));
    }

    [ShellFact("zsh")]
    public async Task Zsh_takes_the_script_by_source_and_from_a_folder()
    {
        const string Script = """
            autoload -Uz compinit; compinit -u -D
            ahn completion zsh > _ahn
            source ./_ahn; print "$_comps[ahn] $functions[_ahn]" | head -c 4
            unfunction _ahn; unset '_comps[ahn]'
            fpath=($PWD $fpath); compinit -u -D; print $_comps[ahn]
            """;
        Assert.Equal("_ahn_ahn", await RunAsync("zsh", Script));
    }

    // 'ahn' is a program of a folder in PATH, as it is where it was installed.
    private async Task<string> RunAsync(string shell, string script)
    {
        string ahn = _folder.PathOf("ahn");
        await File.WriteAllTextAsync(ahn, $"#!/bin/sh\nexec dotnet exec '{Path.Combine(AppContext.BaseDirectory, "ahn.dll")}' \"$@\"\n");
        // Where the tests are skipped, the mode is not there either.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(ahn, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        ProcessStartInfo start = new(shell)
        {
            ArgumentList = { "-c", script },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.Path,
        };
        start.Environment["PATH"] = $"{_folder.Path}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["HOME"] = _folder.Path;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        using System.Threading.CancellationTokenSource timeout = new(TimeSpan.FromSeconds(60));
        await process.WaitForExitAsync(timeout.Token);
        Assert.True(process.ExitCode == 0, await errors);
        return (await output).TrimEnd();
    }
}
