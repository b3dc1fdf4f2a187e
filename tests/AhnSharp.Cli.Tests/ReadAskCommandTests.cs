using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Documents.Reading;
using AhnSharp.Snapshots;
using Xunit;

namespace AhnSharp.Cli.Tests;

/// <summary>The commands read and ask, as a person runs them.</summary>
public sealed class ReadAskCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_read_once_is_asked_many_times()
    {
        string book = Write("book.txt", DemoText.BookWithCode),
            page = Write("page.html", "<title>P</title><nav>home</nav><p>The tower is high.</p>"), file = _folder.PathOf("a.ahn");
        AhnProcess read = await AhnProcess.RunAsync(["read", book, page, "-o", file, "--system", DemoText.System, "--no-archive"]);
        Assert.True(read.ExitCode == 0, read.Errors);
        foreach (string part in new[] { "book.txt", "page.html", "compressed", "tokens/s", file })
            Assert.Contains(part, read.Output, StringComparison.Ordinal);
        Assert.Matches(@"kept exactly +512\n", read.Output);
        foreach (string part in new[] { "4 characters", "reading " }) Assert.Contains(part, read.Errors, StringComparison.Ordinal);
        Assert.Equal(["a.ahn", "book.txt", "page.html"], Names());
        byte[] before = await File.ReadAllBytesAsync(file);

        AhnProcess ask = await AhnProcess.RunAloneAsync(
            ["ask", file, DemoText.Question, "-", "--max-tokens", "16", "--verbose"], $"{DemoText.Question}\n");
        Assert.True(ask.ExitCode == 0, ask.Errors);
        Assert.Equal($"{DemoText.Answer}\n{DemoText.Answer}\n", ask.Output);
        foreach (string part in new[] { "kept exactly 512", "compressed", "first token after", "/s" })
            Assert.Contains(part, ask.Errors, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(file));

        AhnProcess json = await AhnProcess.RunAsync(["ask", file, DemoText.Question, "--json", "--max-tokens", "16"]);
        using JsonDocument answers = JsonDocument.Parse(json.Output);
        JsonElement answer = Assert.Single(answers.RootElement.GetProperty("answers").EnumerateArray());
        Assert.Equal(DemoText.Answer, answer.GetProperty("text").GetString());
        Assert.InRange(answer.GetProperty("prompt_tokens").GetInt64(), 1, 40);
    }

    [Fact]
    public async Task A_conversation_on_a_document_is_kept_where_asked_and_forgotten_otherwise()
    {
        string file = _folder.PathOf("a.ahn");
        Assert.Equal(0, (await AhnProcess.RunAsync(
            ["read", Write("book.txt", DemoText.BookWithCode), "-o", file, "--system", DemoText.System, "--no-archive"])).ExitCode);
        byte[] before = await File.ReadAllBytesAsync(file);
        string[] chat = ["ask", file, "--max-tokens", "16"];
        AhnProcess forgotten = await AhnProcess.RunAsync(chat, $"Hello.\n/reset\n{DemoText.Question}\n");
        Assert.True(forgotten.ExitCode == 0, forgotten.Errors);
        Assert.EndsWith($"{DemoText.Answer}\n", forgotten.Output, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(file));

        AhnProcess kept = await AhnProcess.RunAsync([.. chat, "--update"], $"{DemoText.Question}\n");
        Assert.Equal($"{DemoText.Answer}\n", kept.Output);
        long documents = Position(before), conversation = Position(await File.ReadAllBytesAsync(file));
        Assert.InRange(conversation, documents + 20, documents + 60);
        AhnProcess second = await AhnProcess.RunAsync([.. chat, DemoText.Question, "--update"]);
        Assert.Equal($"{DemoText.Answer}\n", second.Output);
        Assert.True(Position(await File.ReadAllBytesAsync(file)) > conversation + 20);
        Assert.Equal(["a.ahn", "book.txt"], Names());
    }

    [Fact]
    public async Task Wrong_options_are_exit_code_2()
    {
        string text = Write("a.txt", "text"), file = _folder.PathOf("a.ahn");
        (await AhnProcess.RunAsync(["read", text])).AssertFailed(2, "-o NAME.ahn");
        (await AhnProcess.RunAsync(["read", "-o", file])).AssertFailed(2, "read");
        (await AhnProcess.RunAsync(["read", text, "-o", file, "--resume", "--overwrite"])).AssertFailed(2, "--resume", "--overwrite");
        (await AhnProcess.RunAsync(["read", text, "-o", file, "--checkpoint", "-1"])).AssertFailed(2, "--checkpoint", "at least 0");
        (await AhnProcess.RunAsync(["read", "-", "-", "-o", file], "x")).AssertFailed(2, "standard input");
        (await AhnProcess.RunAsync(["ask"])).AssertFailed(2, "ask");
        Assert.Equal(2, (await AhnProcess.RunAsync(["ask", file, "--json"])).ExitCode);
        (await AhnProcess.RunAsync(["ask", file, " "])).AssertFailed(2, "question");
        (await AhnProcess.RunAsync(["ask", file, "x", "--window", "3"])).AssertFailed(2, "no option '--window'", "ahn ask --help");
        (await AhnProcess.RunAsync(["read", text, "-o", file, "--frobnicate"])).AssertFailed(2, "no option '--frobnicate'");
        Assert.Equal(["a.txt"], Names());
    }

    [Fact]
    public async Task Documents_that_cannot_be_read_and_outputs_that_cannot_be_written_are_exit_code_1()
    {
        string text = Write("a.txt", "text"), file = _folder.PathOf("a.ahn");
        (await AhnProcess.RunAsync(["read", _folder.PathOf("none.txt"), "-o", file])).AssertFailed(1, "none.txt");
        (await AhnProcess.RunAsync(["read", Write("empty.txt", ""), "-o", file])).AssertFailed(1, "empty.txt", "an empty file");
        (await AhnProcess.RunAsync(["read", text, "-o", _folder.PathOf("none/a.ahn")])).AssertFailed(1, "none");
        string broken = _folder.PathOf("broken.pdf");
        await File.WriteAllBytesAsync(broken, [.. "%PDF-1.4\n"u8, 0, 1, 2]);
        (await AhnProcess.RunAsync(["read", broken, "-o", file])).AssertFailed(1, "broken.pdf", "PDF");
        await File.WriteAllTextAsync(file, "somebody's");
        (await AhnProcess.RunAsync(["read", text, "-o", file])).AssertFailed(1, "a.ahn", "what is no saved session");
        Assert.Equal("somebody's", await File.ReadAllTextAsync(file));
        (await AhnProcess.RunAsync(["ask", file, "x"])).AssertFailed(1, "a.ahn");
        (await AhnProcess.RunAsync(["ask", _folder.PathOf("none.ahn"), "x"])).AssertFailed(1, "none.ahn");
    }

    [Fact]
    public async Task Snapshots_of_other_models_moved_models_and_cut_snapshots_are_sentences()
    {
        string model = _folder.PathOf("model.gguf"), other = _folder.PathOf("other.gguf"), file = _folder.PathOf("a.ahn");
        byte[] bytes = await File.ReadAllBytesAsync(DemoText.ModelPath);
        await File.WriteAllBytesAsync(model, bytes);
        // In the middle of the embedding, the first matrix of the file: the norms, by which an adapter knows its base, stay.
        Array.Clear(bytes, 1 << 20, 1 << 20);
        await File.WriteAllBytesAsync(other, bytes);
        Assert.Equal(0, (await AhnProcess.RunAsync(["read", Write("a.txt", DemoText.Prose(20)), "-o", file, "--model", model])).ExitCode);
        AhnProcess wrong = await AhnProcess.RunAsync(["ask", file, "x", "--model", other]);
        Assert.Equal((1, ""), (wrong.ExitCode, wrong.Output));
        Assert.Contains("a.ahn", wrong.Errors, StringComparison.Ordinal);
        Assert.Contains("model", wrong.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1], StringComparison.Ordinal);

        File.Move(model, _folder.PathOf("moved.gguf"));
        (await AhnProcess.RunAsync(["ask", file, "x"])).AssertFailed(1, "model.gguf", "--model");
        Assert.Equal(
            0, (await AhnProcess.RunAsync(["ask", file, "x", "--max-tokens", "1", "--model", _folder.PathOf("moved.gguf")])).ExitCode);

        byte[] snapshot = await File.ReadAllBytesAsync(file);
        string cut = _folder.PathOf("cut.ahn");
        foreach (int length in new[] { 0, 100, snapshot.Length / 2, snapshot.Length - 1 })
        {
            await File.WriteAllBytesAsync(cut, snapshot[..length]);
            (await AhnProcess.RunAsync(["ask", cut, "x"])).AssertFailed(1, "cut.ahn");
        }
    }

    [UnixFact]
    public async Task Ctrl_C_keeps_the_last_checkpoint_and_says_how_to_go_on()
    {
        string book = Write("book.txt", DemoText.Prose(4_000)), file = _folder.PathOf("a.ahn");
        string[] command = ["read", book, "-o", file, "--checkpoint", "256", "--no-archive"];
        using Process process = AhnProcess.Start(command);
        process.StandardInput.Close();
        while (!File.Exists(DocumentReading.CheckpointPath(file))) await Task.Delay(5);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        using (Process kill = Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            kill.WaitForExit();
        Stopwatch watch = Stopwatch.StartNew();
        await process.WaitForExitAsync();
        Assert.Equal(130, process.ExitCode);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}");
        Assert.Empty(await output);
        string last = (await errors).Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
        Assert.Contains("interrupted at", last, StringComparison.Ordinal);
        Assert.Contains("--resume", last, StringComparison.Ordinal);
        Assert.Equal(["a.ahn.reading", "book.txt"], Names());
        (await AhnProcess.RunAsync(["ask", DocumentReading.CheckpointPath(file), "x"])).AssertFailed(
            2, "tokens of its documents", "--resume");
        (await AhnProcess.RunAsync(command)).AssertFailed(1, "unfinished", "--resume");
    }

    [UnixFact]
    public async Task Killed_at_any_moment_every_file_under_its_name_loads_and_the_reading_can_go_on()
    {
        int kills = LongForm.Or(inShort: 4, inLong: 50);
        string book = Write("book.txt", DemoText.Prose(200)), whole = _folder.PathOf("whole.ahn"), file = _folder.PathOf("a.ahn"),
            checkpoint = DocumentReading.CheckpointPath(file);
        string[] command = ["read", book, "-o", file, "--checkpoint", "256", "--resume", "--no-archive"];
        Stopwatch watch = Stopwatch.StartNew();
        Assert.Equal(0, (await AhnProcess.RunAloneAsync(["read", book, "-o", whole, "--checkpoint", "256", "--no-archive"])).ExitCode);
        double typical = watch.Elapsed.TotalMilliseconds;
        byte[] expected = await File.ReadAllBytesAsync(whole);

        Random random = new(17);
        int unfinished = 0, leftovers = 0;
        // More of them where none hit: on a busy machine each may come before the first checkpoint, or after the last.
        for (int i = 0; i < kills || (unfinished == 0 && i < 10 * kills); i++)
        {
            using Process process = AhnProcess.Start(command);
            process.StandardInput.Close();
            _ = process.StandardOutput.ReadToEndAsync();
            _ = process.StandardError.ReadToEndAsync();
            // Every other kill comes while a file is being written, the others at any moment.
            int delay = (int)(typical * (0.2 + (0.8 * random.NextDouble())));
            if (i % 2 == 0) await Task.WhenAny(process.WaitForExitAsync(), Task.Delay(delay));
            else while (!process.HasExited && !IsWriting()) Thread.Sleep(1);
            process.Kill();
            await process.WaitForExitAsync();
            if (File.Exists(checkpoint))
            {
                unfinished++;
                Assert.False(Section(checkpoint).IsWhole);
            }
            leftovers += Names().Count(name => name.EndsWith(".partial", StringComparison.Ordinal));
            Assert.All(
                Names(), name => Assert.Matches(@"^(whole\.ahn|book\.txt|a\.ahn(\.lock|(\.reading)?(\.[0-9a-f]{32}\.partial)?))$", name));
            if (!File.Exists(file)) continue;
            Assert.Equal(expected, await File.ReadAllBytesAsync(file));
            File.Delete(file);
            File.Delete(checkpoint);
        }
        AhnProcess last = await AhnProcess.RunAsync(command);
        Assert.True(last.ExitCode == 0, last.Errors);
        Assert.Equal(expected, await File.ReadAllBytesAsync(file));
        Assert.Equal(["a.ahn", "book.txt", "whole.ahn"], Names());
        Assert.True(unfinished > 0, "no kill came between two checkpoints");
        if (kills >= 50) Assert.True(leftovers > 0, "no kill came while a file was written");
    }

    // A partial file with bytes in it: an empty one is the test whether the output can be written.
    private bool IsWriting()
    {
        try
        {
            return new DirectoryInfo(_folder.PathOf("")).EnumerateFiles("*.partial").Any(file => file.Length > 0);
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    private static DocumentsSection Section(string path)
    {
        using SnapshotFile file = SnapshotFile.Open(path);
        file.Verify();
        return DocumentsSection.Parse(path, file.ReadSection(DocumentsSection.SectionName)!);
    }

    private static long Position(byte[] snapshot)
    {
        using SnapshotFile file = SnapshotFile.Open(new MemoryStream(snapshot));
        return file.Position;
    }

    private string Write(string name, string text)
    {
        string path = _folder.PathOf(name);
        File.WriteAllText(path, text);
        return path;
    }

    private string[] Names() =>
        [.. Directory.GetFiles(_folder.PathOf("")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
