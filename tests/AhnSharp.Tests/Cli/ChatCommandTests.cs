using System;
using System.Diagnostics;
using System.Threading.Tasks;
using AhnSharp.Tests.Generation;
using Xunit;

namespace AhnSharp.Tests.Cli;

public sealed class ChatCommandTests
{
    [Fact]
    public async Task A_piped_conversation_answers_line_by_line_and_keeps_its_commands()
    {
        using TemporaryFolder folder = new();
        string book = folder.PathOf("book.txt");
        await System.IO.File.WriteAllTextAsync(book, DemoText.BookWithCode);
        AhnProcess chat = await AhnProcess.RunAsync(
            ["chat", "-f", book, "--system", DemoText.System, "--max-tokens", "16"], $"/help\n{DemoText.Question}\n/stats\n/frobnicate\n/reset\n/stats\nHello.\n/exit\nnever read\n");
        Assert.Equal(0, chat.ExitCode);
        Assert.StartsWith(DemoText.Answer, chat.Output, StringComparison.Ordinal);
        Assert.Contains("/reset", chat.Errors, StringComparison.Ordinal);
        Assert.Contains("/frobnicate", chat.Errors, StringComparison.Ordinal);
        Assert.Contains("0 tokens seen; nothing was asked yet", chat.Errors, StringComparison.Ordinal);
        // The lines on what was taken: two answers, one /stats with an answer behind it.
        Assert.Equal(3, chat.Errors.Split("first token after").Length - 1);
    }

    [Fact]
    public async Task The_end_of_the_input_leaves()
    {
        AhnProcess chat = await AhnProcess.RunAsync(["chat"], "");
        Assert.Equal(0, chat.ExitCode);
        Assert.Empty(chat.Output);
    }

    [Fact]
    public async Task Standard_input_cannot_be_both_the_document_and_the_turns() =>
        (await AhnProcess.RunAsync(["chat", "-f", "-"], "x")).AssertFailed(2, "-f");

    [UnixFact]
    public async Task Ctrl_C_stops_an_answer_and_twice_leaves()
    {
        using Process process = AhnProcess.Start(["chat", "--max-tokens", "1000000", "--temperature", "3", "--seed", "1"]);
        await process.StandardInput.WriteLineAsync(DemoText.Prose(3));
        char[] piece = new char[8];
        Assert.True(await process.StandardOutput.ReadAsync(piece) > 0);
        Task<string> rest = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        Interrupt(process);
        await Task.Delay(700);
        Assert.False(process.HasExited, "the first Ctrl-C stops the answer alone");
        Interrupt(process);
        using System.Threading.CancellationTokenSource timeout = new(TimeSpan.FromSeconds(20));
        await process.WaitForExitAsync(timeout.Token);
        Assert.Equal(130, process.ExitCode);
        Assert.Contains("Stopped", await errors, StringComparison.Ordinal);
        Assert.NotNull(await rest);
    }

    [UnixFact]
    public async Task Ctrl_C_ends_a_run_with_130()
    {
        using Process process = AhnProcess.Start(["run", "--prompt", DemoText.Prose(3), "--max-tokens", "1000000", "--temperature", "3", "--seed", "1"]);
        process.StandardInput.Close();
        char[] piece = new char[8];
        Assert.True(await process.StandardOutput.ReadAsync(piece) > 0);
        Task<string> rest = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        Interrupt(process);
        using System.Threading.CancellationTokenSource timeout = new(TimeSpan.FromSeconds(20));
        await process.WaitForExitAsync(timeout.Token);
        Assert.Equal(130, process.ExitCode);
        Assert.EndsWith("ahn: interrupted.\n", await errors, StringComparison.Ordinal);
        Assert.NotNull(await rest);
    }

    // A child of a test host inherits its signal mask; /bin/kill is on every Unix.
    private static void Interrupt(Process process)
    {
        using Process kill = Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
