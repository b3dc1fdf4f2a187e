using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Docs.Tests;

/// <summary>
/// What the pages show of the command is what it prints: their blocks that begin with <c>$ ahn</c> are run in the root of the clone, with
/// the demo model.
/// </summary>
public sealed class TranscriptTests
{
    private const int LimitSeconds = 300;

    // Not run, by the beginning of the command: why.
    private static readonly Dictionary<string, string> s_dear = new()
    {
        ["ahn read dracula.txt"] = "reads 222,886 tokens: a minute on two cores; ReadAskCommandTests reads and asks shorter texts",
        ["ahn ask dracula.ahn"] = "needs what that command wrote; the words of its answers differ by the tier of kernels",
    };

    private static IEnumerable<Transcript> All => Page.All().SelectMany(page => page.Blocks()).SelectMany(Transcript.Of);

    public static TheoryData<string> Cheap() => [.. All.Where(transcript => !IsDear(transcript)).Select(transcript => transcript.Command)];

    [Theory]
    [Trait("Category", "Slow")]
    [MemberData(nameof(Cheap))]
    public async Task The_command_prints_what_the_page_shows(string command)
    {
        Transcript transcript = Assert.Single(All, transcript => transcript.Command == command);
        (int code, string output, string errors) = await RunAsync(transcript.Arguments);
        Assert.True(code == 0, $"{transcript.Place}: {command} ended with {code}: {errors}");
        if (transcript.Breach(output) is { } breach) Assert.Fail(breach);
    }

    [Fact]
    public void Every_dear_command_is_still_on_a_page() =>
        Assert.All(s_dear.Keys, dear => Assert.Contains(All, transcript => transcript.Command.StartsWith(dear, StringComparison.Ordinal)));

    [Fact]
    public void A_block_is_cut_into_its_commands()
    {
        const string Text = "$ ahn ask a.ahn \"Who is it?\" -n 2\n> Who is it?\n\n$ ahn list\nnothing";
        Transcript[] found = [.. Transcript.Of(new Block("A.md", 5, "", Text))];
        Assert.Equal(["A.md:6", "A.md:9"], found.Select(transcript => transcript.Place));
        Assert.Equal(["ask", "a.ahn", "Who is it?", "-n", "2"], found[0].Arguments);
        Assert.Equal(["> Who is it?"], found[0].Expected);
    }

    [Theory]
    [InlineData("  time          55.8 s, 3,991 tokens/s", "time 4.1 s, 17 tokens/s", true)]
    [InlineData("read 16 at 87/s · first token after 0.20 s", "read 16 at 446/s · first token after 1.3 s", true)]
    [InlineData("read 16 at 87/s", "read 17 at 87/s", false)]
    [InlineData("mean 0.0380 ± 0.00230", "mean 0.0381 ± 0.00231", true)]
    [InlineData("mean 0.0380 ± 0.00230", "mean 0.0480 ± 0.00231", false)]
    [InlineData("state 4.1 MB", "state 4.1 kB", false)]
    [InlineData("222,886 tokens", "222,887 tokens", false)]
    [InlineData("ratio 1.0300 ± 0.0048", "ratio 1.0296 ± 0.0049", true)]
    [InlineData("a b", "a b c", false)]
    [InlineData("a b …", "a b c", true)]
    [InlineData("a b …", "a c", false)]
    public void Numbers_of_time_may_differ_and_others_may_not(string expected, string found, bool same) =>
        Assert.Equal(same, Transcript.IsSame(expected, found));

    [Theory]
    [InlineData("a\nb\nc\n", true)]
    [InlineData("a\nx\ny\nc\n", true)]
    [InlineData("a\nb\n", false)]
    [InlineData("b\nc\n", false)]
    [InlineData("a\nc\nd\n", false)]
    public void An_elision_stands_for_any_lines_and_nothing_else_does(string output, bool same) =>
        Assert.Equal(same, new Transcript("A.md:1", "ahn list", ["a", "…", "c"]).Breach(output) is null);

    private static bool IsDear(Transcript transcript) =>
        s_dear.Keys.Any(beginning => transcript.Command.StartsWith(beginning, StringComparison.Ordinal));

    private static async Task<(int Code, string Output, string Errors)> RunAsync(string[] arguments)
    {
        ProcessStartInfo start = new("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Page.Repository,
        };
        start.Environment["AHN_CONFIG"] = Path.Combine(AppContext.BaseDirectory, "no-settings");
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "ahn.dll"));
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        using CancellationTokenSource timeout = new(TimeSpan.FromSeconds(LimitSeconds));
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"ahn {string.Join(' ', arguments)} did not end in {LimitSeconds} s.");
        }
        return (process.ExitCode, await output, await errors);
    }
}
