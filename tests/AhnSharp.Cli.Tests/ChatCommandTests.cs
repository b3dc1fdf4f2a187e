using System;
using System.Diagnostics;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Cli.Tests;

public sealed class ChatCommandTests
{
    [Fact]
    public async Task A_piped_conversation_answers_line_by_line_and_keeps_its_commands()
    {
        using TemporaryFolder folder = new();
        string book = folder.PathOf("book.txt");
        await System.IO.File.WriteAllTextAsync(book, DemoText.BookWithCode);
        AhnProcess chat = await AhnProcess.RunAsync(
            ["chat", "-f", book, "--system", DemoText.System, "--max-tokens", "16", "--verbose"],
            $"/help\n{DemoText.Question}\n/stats\n/frobnicate\n/reset\n/stats\nHello.\n/exit\nnever read\n");
        Assert.Equal(0, chat.ExitCode);
        Assert.StartsWith(DemoText.Answer, chat.Output, StringComparison.Ordinal);
        Assert.Contains("/reset", chat.Errors, StringComparison.Ordinal);
        Assert.Contains("/frobnicate", chat.Errors, StringComparison.Ordinal);
        Assert.Contains("0 tokens seen; nothing was asked yet", chat.Errors, StringComparison.Ordinal);
        // The lines on what was taken: two answers, one /stats with an answer behind it.
        Assert.Equal(3, chat.Errors.Split("first token after").Length - 1);
    }

    [Fact]
    public async Task Turns_can_be_taken_back_and_asked_again()
    {
        AhnProcess chat = await AhnProcess.RunAsync(
            ["chat", "--max-tokens", "8", "--temperature", "1", "--seed", "4", "--verbose"],
            "/undo\nOne.\nTwo.\n/retry\n/undo\n/stats\n/undo\n/undo\n/reset\n/retry\n");
        Assert.Equal(0, chat.ExitCode);
        string[] lines = chat.Errors.Split('\n', System.StringSplitOptions.RemoveEmptyEntries);
        lines = lines[(System.Array.FindIndex(lines, line => line.Contains("ahn-demo-q8_0.gguf:", System.StringComparison.Ordinal)) + 1)..];
        Assert.Equal("Nothing was said yet.", lines[0]);
        string afterOne = Seen(lines[1]), afterTwo = Seen(lines[2]);
        Assert.NotEqual(afterOne, afterTwo);
        Assert.Contains("seed 5", lines[2], System.StringComparison.Ordinal);
        // Asked again: the same place, other draws.
        Assert.Contains("seed 6", lines[3], System.StringComparison.Ordinal);
        Assert.Equal($"Undone: \"Two.\" · {afterOne} tokens seen", lines[4]);
        Assert.StartsWith($"{afterOne} tokens seen", lines[5], System.StringComparison.Ordinal);
        Assert.Equal("Undone: \"One.\" · 0 tokens seen", lines[6]);
        Assert.Equal("Nothing was said yet.", lines[7]);
        Assert.Equal("Nothing was said yet.", lines[^1]);

        string Seen(string line) => line[..line.IndexOf(' ', System.StringComparison.Ordinal)];
    }

    [Fact]
    public async Task A_saved_chat_goes_on_where_it_was()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("chat.ahn");
        string[] few = ["--max-tokens", "6"];
        AhnProcess saved = await AhnProcess.RunAsync(
            ["chat", .. few], $"One.\n/save\n/save {folder.PathOf("no/where.ahn")}\n/save {path}\nTwo.\n");
        Assert.Equal(0, saved.ExitCode);
        Assert.Contains("/save FILE", saved.Errors, System.StringComparison.Ordinal);
        Assert.Contains("where.ahn", saved.Errors, System.StringComparison.Ordinal);
        Assert.Contains($"Saved to {path}", saved.Errors, System.StringComparison.Ordinal);
        AhnProcess later = await AhnProcess.RunAsync(["chat", "--session", path, .. few], "Two.\n");
        Assert.Equal(saved.Output.Split('\n')[1], later.Output.TrimEnd('\n'));
        Assert.Contains("--kv has no effect", (await AhnProcess.RunAsync(["chat", "--session", path, "--kv", "f32"], "")).Errors,
            System.StringComparison.Ordinal);
        (await AhnProcess.RunAsync(["chat", "--session", path, "--system", "x"], "")).AssertFailed(2, "--system");
    }

    [Fact]
    public async Task The_words_that_people_type_are_understood()
    {
        using TemporaryFolder folder = new();
        string book = folder.PathOf("book.txt");
        await System.IO.File.WriteAllTextAsync(book, DemoText.BookWithCode);
        AhnProcess chat = await AhnProcess.RunAsync(["chat", "--max-tokens", "16", "--no-archive"],
            $"/?\n/system {DemoText.System}\n/file {book}\n{DemoText.Question}\n/set max-tokens 1\n/set tempature 1\n/set top_p 3\n"
                + $"/sources\n/sorces\n/file {folder.PathOf("none.txt")}\n\"\"\"\nTwo\nlines\n\"\"\"\n/undo\n/retry\n/bye\nnever read\n");
        Assert.Equal(0, chat.ExitCode);
        Assert.Equal([$"{DemoText.Answer}"], chat.Output.Split('\n')[..1]);
        foreach (string part in new[]
        {
            "/bye", "with this system turn", "book.txt is read", "max-tokens 1 ", "did you mean 'temperature'", "from 0 to 1",
            "no archive", "did you mean '/sources'", "none.txt", "Undone: \"Two\\u{A}lines\"",
        }) Assert.Contains(part, chat.Errors, System.StringComparison.Ordinal);
    }

    [Fact]
    public async Task States_over_the_budget_are_let_go_and_it_is_said()
    {
        AhnProcess chat = await AhnProcess.RunAsync(["chat", "--max-tokens", "2", "--keep", "0"], "One.\n/undo\n");
        Assert.Contains("--keep 0", chat.Errors, System.StringComparison.Ordinal);
        (await AhnProcess.RunAsync(["chat", "--keep", "-1"], "")).AssertFailed(2, "--keep", "at least 0");
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
        using Process process = AhnProcess.Start(
            ["run", "--prompt", DemoText.Prose(3), "--max-tokens", "1000000", "--temperature", "3", "--seed", "1"]);
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
