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

/// <summary>What <c>ahn read</c> keeps beside its file, and how it is asked.</summary>
public sealed class ReadArchiveTests : IDisposable
{
    private const string Archive = @"a\.ahn\.[0-9a-f]{8}\.archive";

    // The code leaves the window long before the end.
    private static readonly string s_book = $"{DemoText.Prose(30)}\n\nThe code of Oliver is 4827.\n\n{DemoText.Prose(150)}";

    private readonly TemporaryFolder _folder = new();

    private string File1 => _folder.PathOf("a.ahn");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_book_is_archived_without_being_asked_to_and_answers_the_same_in_another_folder()
    {
        string book = Write("book.txt", s_book);
        AhnProcess read = await AhnProcess.RunAsync(["read", book, "-o", File1, "--system", DemoText.System]);
        Assert.True(read.ExitCode == 0, read.Errors);
        Assert.Matches(@"archive: 2\.2 kB per token, [0-9.]+ MB for [0-9,]+ tokens, of [0-9.]+ [A-Z]B free in .*index takes", read.Errors);
        Assert.Matches(@"archived +[0-9,]+, [0-9.]+ MB beside the file\n", read.Output);
        Assert.Matches($"^a\\.ahn {Archive} book\\.txt$", string.Join(' ', Names()));

        string[] question = [DemoText.Question, "--max-tokens", "16", "--sources"];
        AhnProcess here = await AhnProcess.RunAsync(["ask", File1, .. question]);
        Assert.StartsWith($"{DemoText.Answer}\n", here.Output, StringComparison.Ordinal);
        Assert.Contains("The code of Oliver is 4827", here.Output[DemoText.Answer.Length..], StringComparison.Ordinal);
        AhnProcess counted = await AhnProcess.RunAsync(["ask", File1, DemoText.Question, "--max-tokens", "16", "--json"]);
        using (JsonDocument json = JsonDocument.Parse(counted.Output))
        {
            JsonElement answer = json.RootElement.GetProperty("answers")[0];
            long tokens = answer.GetProperty("prompt_tokens").GetInt64() + answer.GetProperty("generated_tokens").GetInt64();
            // Per token 16 heads read the keys of at most 32 blocks and the values of at most 16, 2,176 bytes each.
            Assert.InRange(answer.GetProperty("archive_bytes_read").GetInt64(), tokens * 16 * 32 * 2176 / 2, tokens * 16 * 48 * 2176);
            // Whole blocks of 32 tokens, of those that there are; the one with the code among them.
            long retrieved = answer.GetProperty("tokens_retrieved").GetInt64();
            Assert.Equal(0, retrieved % 32);
            Assert.InRange(retrieved, 32, answer.GetProperty("tokens_archived").GetInt64());
        }
        string elsewhere = _folder.PathOf("elsewhere");
        Directory.CreateDirectory(elsewhere);
        foreach (string name in Names().Where(name => name.StartsWith("a.ahn", StringComparison.Ordinal)))
            File.Copy(_folder.PathOf(name), Path.Combine(elsewhere, name));
        AhnProcess there = await AhnProcess.RunAsync(["ask", Path.Combine(elsewhere, "a.ahn"), .. question]);
        Assert.Equal(here.Output, there.Output);

        AhnProcess inspect = await AhnProcess.RunAsync(["inspect", "--session", File1]);
        Assert.Matches($"archive +int8, [0-9.]+ MB in {Archive}\n", inspect.Output);
        Assert.Matches(@"asked +read ahn, read-out gated, reach [0-9,]+\n", inspect.Output);
        // Asked otherwise than it says; what it says stays.
        string[] mina = ["ask", File1, "Who is Mina?", "--max-tokens", "24"];
        AhnProcess off = await AhnProcess.RunAsync([.. mina, "--readout", "off", "--reach", "off"]),
            gated = await AhnProcess.RunAsync(mina);
        Assert.Equal((0, 0), (off.ExitCode, gated.ExitCode));
        Assert.NotEqual(gated.Output, off.Output);
        (await AhnProcess.RunAsync(["ask", File1, "x", "--reach", "100"])).AssertFailed(2, "--reach", "512");
    }

    [Fact]
    public async Task Without_an_archive_there_is_one_file_and_nothing_to_ask_of_it()
    {
        string book = Write("book.txt", s_book);
        AhnProcess read = await AhnProcess.RunAsync(["read", book, "-o", File1, "--no-archive", "--system", DemoText.System]);
        Assert.True(read.ExitCode == 0, read.Errors);
        Assert.DoesNotContain("archive", read.Errors + read.Output, StringComparison.Ordinal);
        Assert.Equal(["a.ahn", "book.txt"], Names());
        (await AhnProcess.RunAsync(["ask", File1, "x", "--readout", "off"])).AssertFailed(2, "--readout", "without one");
        await RefusesAsync("without one", "ask", File1, "x", "--sources");
        await RefusesAsync("--archive: ", "read", book, "-o", File1, "--resume", "--archive");
        await RefusesAsync("contradict", "read", book, "-o", File1, "--archive", "--no-archive", "--overwrite");
        // What fits the window has nothing to archive.
        Assert.Equal(0, (await AhnProcess.RunAsync(["read", Write("short.txt", "A tower."), "-o", _folder.PathOf("b.ahn")])).ExitCode);
        Assert.Equal(["a.ahn", "b.ahn", "book.txt", "short.txt"], Names());
    }

    [Fact]
    public async Task A_limit_bounds_the_file_and_is_said_everywhere()
    {
        string book = Write("book.txt", s_book + DemoText.Prose(300));
        await RefusesAsync("--archive-limit: expected at least", "read", book, "-o", File1, "--archive-limit", "1MB");
        AhnProcess read = await AhnProcess.RunAsync(["read", book, "-o", File1, "--archive-limit", "4MB", "--checkpoint", "512"]);
        Assert.True(read.ExitCode == 0, read.Errors);
        Assert.Matches("archived +[0-9,]+, [0-9.]+ MB beside the file; the [0-9,]+ before them were dropped", read.Output);
        Assert.InRange(new FileInfo(Directory.GetFiles(_folder.PathOf(""), "*.archive").Single()).Length, 2_000_000, 4_020_000);
        AhnProcess inspect = await AhnProcess.RunAsync(["inspect", "--session", File1, "--json"]);
        using JsonDocument json = JsonDocument.Parse(inspect.Output);
        JsonElement archive = json.RootElement.GetProperty("archive");
        Assert.Equal(4_000_000, archive.GetProperty("limit_bytes").GetInt64());
        Assert.True(archive.GetProperty("tokens_dropped").GetInt64() > 500);
        Assert.Equal(
            json.RootElement.GetProperty("tokens_seen").GetInt64(),
            json.RootElement.GetProperty("tokens_exactly_readable").GetInt64() + archive.GetProperty("tokens_dropped").GetInt64());
        Assert.Equal(0, (await AhnProcess.RunAsync(["ask", File1, "Who is Mina?", "--max-tokens", "4"])).ExitCode);
    }

    [Fact]
    public async Task A_long_document_of_run_and_chat_is_archived_for_as_long_as_they_run()
    {
        string book = Write("book.txt", s_book);
        string[] question = ["-p", DemoText.Question, "--system", DemoText.System, "--max-tokens", "16"];
        AhnProcess run = await AhnProcess.RunAsync(["run", "-f", book, .. question, "--verbose"]);
        Assert.Equal((0, $"{DemoText.Answer}\n"), (run.ExitCode, run.Output));
        Assert.Matches(@"archived [0-9,]{3,} · retrieved [0-9,]{2,} · ", run.Errors);
        AhnProcess without = await AhnProcess.RunAsync(["run", "-f", book, "--no-archive", .. question]);
        Assert.DoesNotContain("archived", without.Errors, StringComparison.Ordinal);
        AhnProcess shortOne = await AhnProcess.RunAsync(["run", "-f", Write("short.txt", "A tower."), "--readout", "off", .. question]);
        Assert.DoesNotContain("archived", shortOne.Errors, StringComparison.Ordinal);
        Assert.Contains("--readout has no effect", shortOne.Errors, StringComparison.Ordinal);
        AhnProcess chat = await AhnProcess.RunAsync(["chat", "-f", book, .. question], "");
        Assert.StartsWith($"{DemoText.Answer}\n", chat.Output, StringComparison.Ordinal);
        Assert.Equal(["book.txt", "short.txt"], Names());
    }

    [UnixFact]
    public async Task Killed_at_any_moment_every_file_under_its_name_answers_from_its_archive()
    {
        int kills = LongForm.Or(inShort: 3, inLong: 50);
        int unfinished = 0, answered = 0;
        string book = Write("book.txt", s_book + DemoText.Prose(150)), checkpoint = DocumentReading.CheckpointPath(File1),
            whole = _folder.PathOf("whole.ahn");
        string[] command = ["read", book, "-o", File1, "--checkpoint", "256", "--resume", "--system", DemoText.System],
            question = [DemoText.Question, "--max-tokens", "16", "--sources"];
        Stopwatch watch = Stopwatch.StartNew();
        AhnProcess first = await AhnProcess.RunAloneAsync(["read", book, "-o", whole, "--checkpoint", "256", "--system", DemoText.System]);
        Assert.Equal(0, first.ExitCode);
        double typical = watch.Elapsed.TotalMilliseconds;
        string expected = (await AhnProcess.RunAsync(["ask", whole, .. question])).Output;
        Assert.StartsWith(DemoText.Answer, expected, StringComparison.Ordinal);

        Random random = new(17);
        for (int i = 0; i < kills; i++)
        {
            using Process process = AhnProcess.Start(command);
            process.StandardInput.Close();
            _ = process.StandardOutput.ReadToEndAsync();
            _ = process.StandardError.ReadToEndAsync();
            // Every other kill comes while a file is being written, the others at any moment, or soon after a checkpoint.
            int delay = (int)(typical * (0.2 + (0.8 * random.NextDouble())));
            if (i % 4 == 0)
            {
                while (!process.HasExited && !File.Exists(checkpoint)) await Task.Delay(5);
                await Task.Delay(delay % 100);
            }
            else if (i % 4 == 2) await Task.WhenAny(process.WaitForExitAsync(), Task.Delay(delay));
            else while (!process.HasExited && !IsWriting()) Thread.Sleep(1);
            process.Kill();
            await process.WaitForExitAsync();
            if (File.Exists(checkpoint))
            {
                unfinished++;
                // Loads with its archive, and says that it is not the whole.
                using DemoText demo = new();
                using Sessions.LanguageSession session = demo.Model.Model.LoadSession(checkpoint);
                Assert.Equal(session.Plan.ArchiveBytes(session.Position), session.ArchiveBytes);
            }
            if (!File.Exists(File1)) continue;
            Assert.Equal(expected, (await AhnProcess.RunAsync(["ask", File1, .. question])).Output);
            answered++;
            SessionSnapshots.Delete(File1);
            SessionSnapshots.Delete(checkpoint);
        }
        AhnProcess last = await AhnProcess.RunAsync(command);
        Assert.True(last.ExitCode == 0, last.Errors);
        Assert.Equal(expected, (await AhnProcess.RunAsync(["ask", File1, .. question])).Output);
        Assert.True(unfinished > 0, "no kill came between two checkpoints");
        // The next reading of that name begins without what the killed ones left.
        Assert.Equal(0, (await AhnProcess.RunAsync([.. command[..^3], "--overwrite"])).ExitCode);
        Assert.Matches($"^a\\.ahn {Archive} book\\.txt whole\\.ahn whole\\S+$", string.Join(' ', Names()));
        if (kills >= 50) Assert.True(answered > 0, "no reading came to its end");
    }

    // Said after the lines about documents and model.
    private static async Task RefusesAsync(string sentence, params string[] command)
    {
        AhnProcess process = await AhnProcess.RunAsync(command);
        Assert.Equal((2, ""), (process.ExitCode, process.Output));
        Assert.Contains(sentence, process.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1], StringComparison.Ordinal);
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

    private string Write(string name, string text)
    {
        string path = _folder.PathOf(name);
        File.WriteAllText(path, text);
        return path;
    }

    private string[] Names() =>
        [.. Directory.GetFiles(_folder.PathOf("")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
