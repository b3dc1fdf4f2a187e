using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Docs.Tests;

/// <summary>Every program under samples, run as its README says, with the demo model.</summary>
[Trait("Category", "Slow")]
public sealed class SampleTests : IDisposable
{
    private const string Code = "It was a dark night.\n\nThe code of Rome is 1893.\n";
    private const string Question = "What is the code of Rome?";
    private static readonly string s_model = Path.Combine(Page.Repository, "gguf", "ahn-demo-q8_0.gguf");
    private readonly string _folder = Directory.CreateTempSubdirectory("ahn-samples-").FullName;

    [Fact]
    public void Every_sample_is_run_here() =>
        Assert.Equal(
            ["Agent", "ChatClient", "McpTools", "MeasurePerplexity", "QuickStart", "ReadAndAsk", "SemanticKernel", "StreamingChat"],
            Directory.GetFiles(Path.Combine(Page.Repository, "samples"), "*.csproj", SearchOption.AllDirectories)
                .Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));

    [Fact]
    public async Task The_quick_start_answers()
    {
        string found = (await RunAsync("QuickStart", [s_model, Write("rome.txt", Code), Question])).Output;
        Assert.Contains("1893", found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_document_is_read_once_and_asked_twice()
    {
        string snapshot = Path.Combine(_folder, "rome.ahn");
        string[] arguments = [s_model, Write("rome.md", Code), snapshot, Question];
        string first = (await RunAsync("ReadAndAsk", arguments)).Output, second = (await RunAsync("ReadAndAsk", arguments)).Output;
        Assert.Contains("read rome.md: ", first, StringComparison.Ordinal);
        Assert.DoesNotContain("read rome.md: ", second, StringComparison.Ordinal);
        Assert.Contains("1893", first, StringComparison.Ordinal);
        Assert.Contains("1893", second, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chat_answers_every_line_and_cancels_what_takes_too_long()
    {
        string found = (await RunAsync("StreamingChat", [s_model], "The code of Rome is 1893.\nWhat is the code of Rome?\n")).Output;
        Assert.Contains("1893", found, StringComparison.Ordinal);
        Assert.DoesNotContain("(cancelled)", found, StringComparison.Ordinal);
        // No answer is whole in a ten thousandth of a second.
        found = (await RunAsync("StreamingChat", [s_model, "0.0001"], Question + "\n")).Output;
        Assert.Contains("(cancelled)", found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_perplexity_of_a_book_is_that_of_the_command()
    {
        // 1,025 tokens of the book and W + S = 512: 61.66 with the memory in the portable tier (tests/images/run), and full attention finds
        // less.
        string book = Path.Combine(Page.Repository, "gguf", "dracula.txt");
        string output = (await RunAsync("MeasurePerplexity", [s_model, book, "1025"])).Output;
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["Full", "Window", "Ahn"], lines.Select(line => line.Split(' ')[0]));
        Assert.InRange(PerplexityOf(lines[2]), 61.66 * 0.99, 61.66 * 1.01);
        Assert.True(PerplexityOf(lines[0]) < PerplexityOf(lines[2]), lines[0]);
    }

    [Theory]
    [InlineData("ChatClient", @"^weather\((Oslo|Rome), [1-7]\)\n(.*\n)+(Oslo|Rome), (Italy|Norway)\n$")]
    [InlineData("SemanticKernel", @"^shelf\((True|False)\)\n.+")]
    [InlineData("Agent", @"^Today\(\)\n.+\n.+\n$")]
    [InlineData("McpTools", @"^add\([0-9]{1,2}, [0-9]{1,2}\)\n.+")]
    public async Task A_model_calls_what_the_program_offers(string sample, string expected) =>
        Assert.Matches(expected, (await RunAsync(sample, [s_model, "How is the weather?"])).Output);

    [Fact]
    public async Task Wrong_arguments_are_answered_by_the_usage()
    {
        foreach (string sample in new[]
        {
            "Agent", "ChatClient", "McpTools", "MeasurePerplexity", "QuickStart", "ReadAndAsk", "SemanticKernel", "StreamingChat",
        })
        {
            (int code, _, string errors) = await StartAsync(sample, [], "");
            Assert.Equal(2, code);
            Assert.StartsWith($"usage: {sample} MODEL.gguf", errors, StringComparison.Ordinal);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static double PerplexityOf(string line) =>
        double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static async Task<(string Output, string Errors)> RunAsync(string sample, string[] arguments, string input = "")
    {
        (int code, string output, string errors) = await StartAsync(sample, arguments, input);
        Assert.True(code == 0, $"{sample} ended with {code}: {errors}");
        return (output, errors);
    }

    // Built by this project's references, beside it: …/artifacts/bin/NAME/CONFIGURATION.
    private static async Task<(int Code, string Output, string Errors)> StartAsync(string sample, string[] arguments, string input)
    {
        string here = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar), configuration = Path.GetFileName(here);
        string program = Path.GetFullPath(Path.Combine(here, "..", "..", sample, configuration, sample + ".dll"));
        Assert.True(File.Exists(program), $"The built sample was not found at {program}.");
        ProcessStartInfo start = new("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(program);
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        using CancellationTokenSource timeout = new(TimeSpan.FromSeconds(120));
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{sample} did not end in 120 s.");
        }
        return (process.ExitCode, await output, await errors);
    }
}
