using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Documents.Processes;
using AhnSharp.Fuzz;
using Xunit;
using Xunit.Abstractions;

namespace AhnSharp.Documents.Tests;

/// <summary>A process that reads a document and ends badly: one sentence, in bounded time and memory, and nothing stays behind.</summary>
public sealed class ReaderProcessTests(ITestOutputHelper output)
{
    private static readonly DocumentLimits s_small =
        new() { ReaderMemoryBytes = 200_000_000, ReaderTime = TimeSpan.FromSeconds(3), ReaderStandstill = TimeSpan.FromSeconds(4) };

    [UnixTheory]
    [InlineData("stack", "ended the reader (stack overflow): the file is damaged or made to harm")]
    [InlineData("memory", "took more than 200 MB of memory")]
    [InlineData("native-memory", "took more than 200 MB of memory")]
    [InlineData("spin", "took more than 3 s of processor time")]
    [InlineData("sleep", "stood still for 4 s")]
    [InlineData("fault", "InvalidOperationException: Sequence contains ]0;no elements")]
    [InlineData("kill", "killed by the system")]
    [InlineData("exit", "exit code 7")]
    [InlineData("early", "ended before it was ready (No such [31m runtime)")]
    [InlineData("no-frame", "answered with what is no document")]
    [InlineData("wrong-fields", "answered with what is no document")]
    [InlineData("claims-much", "of text in it, found more")]
    [InlineData("flood", "at most 536.9 MB of text in it, found more")]
    [InlineData("many-parts", "of text in it, found more")]
    [InlineData("half", "exit code 0")]
    [InlineData("refused", "a.pdf: another-name.pdf: expected a sentence.")]
    public void Every_bad_end_is_one_sentence(string way, string expected)
    {
        string marker = Marker();
        long started = Stopwatch.GetTimestamp();
        using PeakMemory peak = new(marker);
        DocumentException failure = Assert.Throws<DocumentException>(
            () => ReaderProcess.Read(BadHost.Command(way, marker), "a.pdf", [1, 2, 3], s_small, default));
        TimeSpan took = Stopwatch.GetElapsedTime(started);
        output.WriteLine($"{took.TotalMilliseconds:F0} ms, at most {peak.Bytes / 1e6:F0} MB: {failure.Message}");
        Assert.StartsWith("a.pdf: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(failure.Message, char.IsControl);
        Assert.DoesNotContain('\u202E', failure.Message);
        // Limits are 200 MB and 3 s; the machine may be busy with other tests.
        Assert.InRange(peak.Bytes, 0, 700_000_000);
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(60));
        Assert.Empty(Find(marker));
    }

    [UnixFact]
    public void What_a_reader_writes_to_its_errors_does_not_stop_it() =>
        Assert.Equal(
            "read", Assert.Single(ReaderProcess.Read(BadHost.Command("errors", Marker()), "a.pdf", [1], s_small, default).Parts).Text);

    [UnixTheory]
    [InlineData("spin")]
    [InlineData("sleep")]
    public async Task Cancelling_ends_it_at_once(string way)
    {
        string marker = Marker();
        using CancellationTokenSource cancel = new();
        Task reading = Task.Run(() => ReaderProcess.Read(BadHost.Command(way, marker), "a.pdf", [1], new DocumentLimits(), cancel.Token));
        await Until(() => Find(marker).Count == 1);
        await Task.Delay(500);
        long started = Stopwatch.GetTimestamp();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        TimeSpan took = Stopwatch.GetElapsedTime(started);
        output.WriteLine($"{took.TotalMilliseconds:F1} ms");
        // Some 20 ms on an idle machine.
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.Empty(Find(marker));
    }

    [UnixFact]
    public async Task It_ends_with_the_process_that_asked()
    {
        string marker = Marker();
        using Process parent = Process.Start(
            "dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "AhnSharp.Fuzz.dll"), "parent", "spin", marker]);
        await Until(() => Find(marker).Count == 2);
        parent.Kill();
        await Until(() => Find(marker).Count == 0);
    }

    [SandboxFact]
    public void On_Linux_it_can_neither_write_nor_connect_nor_start_a_program()
    {
        Document found = ReaderProcess.Read(BadHost.Command("try", Marker()), "a.pdf", [1], s_small, default);
        string expected = new DocumentSandbox(NoWriting: true, NoNetwork: true, NoPrograms: true, LandlockVersion: 0).ToString();
        Assert.StartsWith(
            expected[..expected.IndexOf("Landlock", StringComparison.Ordinal)], found.Parts[0].Text, StringComparison.Ordinal);
    }

    [UnixFact]
    public void It_is_not_given_what_the_environment_holds()
    {
        Environment.SetEnvironmentVariable("AHN_TEST_TOKEN", "secret");
        try
        {
            Document found = ReaderProcess.Read(BadHost.Command("environment", Marker()), "a.pdf", [1], s_small, default);
            Assert.DoesNotContain("AHN_TEST_TOKEN", found.Parts[0].Text, StringComparison.Ordinal);
            Assert.Contains("DOTNET_GCHeapHardLimit", found.Parts[0].Text, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable("AHN_TEST_TOKEN", null);
        }
    }

    [Fact]
    public void A_program_that_is_not_there_is_a_sentence()
    {
        string message = Assert.Throws<DocumentException>(
            () => ReaderProcess.Read(new ReaderCommand("no-such-program", []), "a.pdf", [1], s_small, default)).Message;
        Assert.StartsWith(
            "a.pdf: the program that reads documents, no-such-program, could not be started (", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_document_is_the_same_out_of_both_processes()
    {
        byte[] pdf = Files.Pdf([(50, 700, "The first page."), (50, 600, "Its second paragraph.")], [], [(50, 700, "The third.")]);
        byte[] epub = Files.Epub("A title", "An author", ("a b.html", "<h1>One</h1><nav>left out</nav>"), ("c.html", "<p>Two ½ 𝄞</p>"));
        byte[] html = Encoding.UTF8.GetBytes("<!doctype html><title>T</title><p>One<p>Two");
        foreach ((string name, byte[] bytes) in new[] { ("a.pdf", pdf), ("b.epub", epub), ("c.html", html) })
        {
            Document here = Files.Read(name, bytes);
            long started = Stopwatch.GetTimestamp();
            Document apart = DocumentReader.Read(name, new MemoryStream(bytes));
            output.WriteLine($"{name}: {Stopwatch.GetElapsedTime(started).TotalMilliseconds:F0} ms");
            Assert.Equal(here.Parts, apart.Parts);
            Assert.Equal(here.Notes, apart.Notes);
            Assert.Equal(here with { Parts = [], Notes = [] }, apart with { Parts = [], Notes = [] });
        }
    }

    [Fact]
    public void What_the_parser_refuses_is_the_same_sentence_out_of_both_processes()
    {
        byte[] zip = Files.Zip(("word/document.xml", "<x/>x"), ("y", "z"));
        string here = Assert.Throws<DocumentException>(() => Files.Read("a.epub", zip)).Message;
        Assert.Equal(here, Assert.Throws<DocumentException>(() => DocumentReader.Read("a.epub", new MemoryStream(zip))).Message);
    }

    [Fact]
    public void Plain_text_starts_no_process()
    {
        DocumentLimits none = new() { ReaderTime = TimeSpan.Zero };
        Assert.Equal("# Text", DocumentReader.Read("a.md", new MemoryStream("# Text\n"u8.ToArray()), none).Parts[0].Text);
        Assert.Throws<DocumentException>(() => DocumentReader.Read("a.html", new MemoryStream("<p>Text"u8.ToArray()), none));
    }

    private static string Marker() => $"marker-{Guid.NewGuid():N}";

    // The processes whose command line holds it.
    private static List<int> Find(string marker) => OperatingSystem.IsLinux()
        ? [.. Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)
            && Holds($"/proc/{name}/cmdline", marker)).Select(name => int.Parse(name!, CultureInfo.InvariantCulture))]
        : [];

    private static bool Holds(string path, string marker)
    {
        try
        {
            return File.ReadAllText(path).Contains(marker, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static async Task Until(Func<bool> condition)
    {
        for (int i = 0; i < 600 && !condition(); i++) await Task.Delay(50);
        Assert.True(condition());
    }

    // Of the processes with the marker, looked at all the time.
    private sealed class PeakMemory : IDisposable
    {
        private readonly Thread _thread;
        private volatile bool _ended;

        public PeakMemory(string marker)
        {
            _thread = new Thread(() =>
            {
                while (!_ended)
                {
                    foreach (int id in Find(marker))
                    {
                        try
                        {
                            Bytes = Math.Max(Bytes, long.Parse(File.ReadAllText($"/proc/{id}/statm").Split(' ')[1],
                                CultureInfo.InvariantCulture) * Environment.SystemPageSize);
                        }
                        catch (IOException)
                        {
                            // It has ended.
                        }
                    }
                    Thread.Sleep(30);
                }
            });
            _thread.Start();
        }

        public long Bytes { get; private set; }

        public void Dispose()
        {
            _ended = true;
            _thread.Join();
        }
    }
}
