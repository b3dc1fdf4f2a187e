using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Text;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Testing;

/// <summary>One run of the built command, <c>dotnet exec ahn.dll</c> beside the tests.</summary>
internal sealed record AhnProcess(int ExitCode, string Output, string Errors)
{
    // A script that runs in the background ignores Ctrl-C, and so do all its children, this one too: put the signal back first.
    private static readonly string[] s_signalReset = SignalReset("env", "--default-signal=INT");

    /// <summary>
    /// Runs a line in a process that runs others before and after (<see cref="WarmAhn"/>), where its variables allow that.
    /// </summary>
    public static async Task<AhnProcess> RunAsync(
        string[] arguments, string? input = null, int timeoutSeconds = 120, IReadOnlyDictionary<string, string?>? environment = null)
    {
        if (!WarmAhn.Fits(environment)) return await RunAloneAsync(arguments, input, timeoutSeconds, environment);
        WarmAhn warm = WarmAhn.Take();
        AhnProcess run = await warm.RunAsync(arguments, input, timeoutSeconds, environment);
        WarmAhn.GiveBack(warm);
        return run;
    }

    /// <summary>Runs a line in a process of its own, as a person would start it.</summary>
    public static async Task<AhnProcess> RunAloneAsync(
        string[] arguments, string? input = null, int timeoutSeconds = 120, IReadOnlyDictionary<string, string?>? environment = null)
    {
        using Process process = Start(arguments, environment);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        if (input is not null) await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        using System.Threading.CancellationTokenSource timeout = new(TimeSpan.FromSeconds(timeoutSeconds));
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"ahn {string.Join(' ', arguments)} did not end in {timeoutSeconds} s.");
        }
        return new AhnProcess(process.ExitCode, await output, await errors);
    }

    /// <param name="arguments">What stands behind <c>ahn</c>.</param>
    /// <param name="environment">Variables that the process gets besides ours; null takes one away.</param>
    public static Process Start(string[] arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        string dll = Path.Combine(AppContext.BaseDirectory, "ahn.dll");
        Assert.True(File.Exists(dll), $"The built command was not found at {dll}.");
        ProcessStartInfo start = new(s_signalReset.Length > 0 ? s_signalReset[0] : "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = new UTF8Encoding(false),
            StandardErrorEncoding = new UTF8Encoding(false),
            StandardInputEncoding = new UTF8Encoding(false),
        };
        if (s_signalReset.Length > 0)
        {
            start.ArgumentList.Add(s_signalReset[1]);
            start.ArgumentList.Add("dotnet");
        }
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(dll);
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        // As in tests/Directory.Build.props: the profile is never earned back.
        start.Environment["DOTNET_TieredPGO"] = "0";
        // What the person at this machine has set is none of the tests' business.
        start.Environment["AHN_CONFIG"] = Path.Combine(AppContext.BaseDirectory, "no-settings");
        start.Environment["XDG_CACHE_HOME"] = Path.Combine(AppContext.BaseDirectory, "no-cache");
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>()) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>
    /// It failed as people should see failures: the code, one sentence on one line, no stack trace, nothing on standard output.
    /// </summary>
    public void AssertFailed(int exitCode, params string[] mentions) =>
        AssertFailed(exitCode, Assert.Single(Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), mentions);

    /// <summary>The same of a failure that shows when the model is loaded already: a line about it may come first.</summary>
    public void AssertFailedAfterLoading(int exitCode, params string[] mentions)
    {
        string[] lines = Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length is 1 or 2, Errors);
        AssertFailed(exitCode, lines[^1], mentions);
    }

    private void AssertFailed(int exitCode, string line, string[] mentions)
    {
        Assert.True(exitCode == ExitCode, $"expected exit code {exitCode}, found {ExitCode}: {Errors}");
        Assert.StartsWith("ahn: ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", Errors, StringComparison.Ordinal);
        Assert.Empty(Output);
        foreach (string mention in mentions) Assert.Contains(mention, Errors, StringComparison.OrdinalIgnoreCase);
    }

    private static string[] SignalReset(params string[] command)
    {
        if (!OperatingSystem.IsLinux()) return [];
        using Process probe = Process.Start(command[0], [command[1], "true"]);
        probe.WaitForExit();
        return probe.ExitCode == 0 ? command : [];
    }
}
