using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Documents.Reading;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using Xunit;

namespace AhnSharp.Documents.Tests;

public sealed class DocumentReadingTests(DemoText demo) : IClassFixture<DemoText>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(MemoryMode.Ahn)]
    [InlineData(MemoryMode.Window)]
    [InlineData(MemoryMode.Full)]
    public async Task A_reading_that_was_interrupted_and_resumed_ends_in_the_same_bytes(MemoryMode mode)
    {
        DocumentPrompt prompt = Prompt(Book(8_000));
        string whole = _folder.PathOf("whole.ahn"), resumed = _folder.PathOf("resumed.ahn");
        SessionOptions session = new() { Mode = mode };
        await ReadAsync(prompt, new DocumentReadingOptions { Output = whole, Session = session, CheckpointTokens = 0 });

        // Twice stopped: within the second piece, and later again.
        foreach (int stop in new[] { 700, 1300 })
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => ReadAsync(prompt, new DocumentReadingOptions
                {
                    Output = resumed,
                    Session = session,
                    CheckpointTokens = 500,
                    Resume = true,
                }, stop));
            Assert.False(File.Exists(resumed));
            DocumentsSection checkpoint = Section(DocumentReading.CheckpointPath(resumed));
            Assert.False(checkpoint.IsWhole);
            Assert.InRange(checkpoint.TokensRead, 512, stop);
        }
        DocumentReading last = await ReadAsync(
            prompt, new DocumentReadingOptions { Output = resumed, Session = session, CheckpointTokens = 500, Resume = true });
        Assert.Equal(1024, last.TokensResumed);
        Assert.Equal(await File.ReadAllBytesAsync(whole), await File.ReadAllBytesAsync(resumed));
        Assert.True(Section(resumed).IsWhole);
        Assert.Equal(
            ["resumed.ahn", "whole.ahn"], Directory.GetFiles(_folder.PathOf("")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_was_read_since_the_last_checkpoint_can_be_kept()
    {
        DocumentPrompt prompt = Prompt(Book(8_000));
        string whole = _folder.PathOf("whole.ahn"), kept = _folder.PathOf("kept.ahn"), checkpoint = DocumentReading.CheckpointPath(kept);
        await ReadAsync(prompt, new DocumentReadingOptions { Output = whole });
        DocumentReadingOptions options = new() { Output = kept, CheckpointTokens = 100_000 };
        using CancellationTokenSource stop = new();
        using (DocumentReading reading = DocumentReading.Begin(demo.Model, prompt, options))
        {
            await reading.KeepAsync();
            Assert.False(File.Exists(checkpoint));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => reading.RunAsync(new Told(value =>
                {
                    if (value.TokensRead >= 700) stop.Cancel();
                }), stop.Token));
            Assert.False(File.Exists(checkpoint));
            await reading.KeepAsync();
            Assert.Equal(reading.Session.State.Position, Section(checkpoint).TokensRead);
            Assert.InRange(Section(checkpoint).TokensRead, 512, 1024);
        }
        DocumentReading last = await ReadAsync(prompt, options with { Resume = true });
        Assert.True(last.TokensResumed >= 512);
        Assert.Equal(await File.ReadAllBytesAsync(whole), await File.ReadAllBytesAsync(kept));
    }

    [Fact]
    public async Task Documents_that_grow_are_read_on_from_where_they_ended()
    {
        string longer = Book(4_500), file = _folder.PathOf("log.ahn"), anew = _folder.PathOf("anew.ahn");
        await ReadAsync(Prompt(longer[..3_000]), new DocumentReadingOptions { Output = file });
        long before = Section(file).TokensRead;
        DocumentReading grown = await ReadAsync(Prompt(longer), new DocumentReadingOptions { Output = file, Resume = true });
        await ReadAsync(Prompt(longer), new DocumentReadingOptions { Output = anew });
        Assert.Equal((before, file), (grown.TokensResumed, grown.ResumedFrom));
        using LanguageSession one = demo.Model.Model.LoadSession(file), other = demo.Model.Model.LoadSession(anew);
        Assert.True(one.Tokens.SequenceEqual(other.Tokens));
        AssertNear(other.LastLogits, one.LastLogits);

        // Grown while half read: the checkpoint stands on the grid, so the bytes are those of one reading.
        string half = _folder.PathOf("half.ahn");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => ReadAsync(Prompt(longer[..3_000]), new DocumentReadingOptions { Output = half, CheckpointTokens = 256 }, 600));
        await ReadAsync(Prompt(longer), new DocumentReadingOptions { Output = half, Resume = true });
        Assert.Equal(await File.ReadAllBytesAsync(anew), await File.ReadAllBytesAsync(half));
    }

    [Fact]
    public async Task A_whole_reading_is_not_read_again()
    {
        string file = _folder.PathOf("a.ahn");
        DocumentPrompt prompt = Prompt(Book(2_000));
        await ReadAsync(prompt, new DocumentReadingOptions { Output = file });
        byte[] bytes = await File.ReadAllBytesAsync(file);
        DocumentReading again = await ReadAsync(prompt, new DocumentReadingOptions { Output = file, Resume = true });
        Assert.Equal(again.TokensTotal, again.TokensResumed);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(file));
    }

    [Fact]
    public async Task What_is_not_the_beginning_of_the_documents_is_never_gone_on_from()
    {
        string file = _folder.PathOf("a.ahn"), text = Book(4_000);
        await ReadAsync(Prompt(text), new DocumentReadingOptions { Output = file });
        byte[] bytes = await File.ReadAllBytesAsync(file);
        DocumentReadingOptions options = new() { Output = file, Resume = true };

        string changed = (await Assert.ThrowsAsync<DocumentException>(() => ReadAsync(Prompt("Completely. " + text), options))).Message;
        Assert.Contains("book.txt", changed, StringComparison.Ordinal);
        Assert.Contains("--overwrite", changed, StringComparison.Ordinal);
        await Assert.ThrowsAsync<DocumentException>(() => ReadAsync(Prompt(text[..2_000]), options));
        await Assert.ThrowsAsync<DocumentException>(() => ReadAsync(Prompt(text), options with { System = "Another." }));
        string geometry = (await Assert.ThrowsAsync<SnapshotException>(
            () => ReadAsync(Prompt(text), options with { Session = new SessionOptions { Window = 64 } }))).Message;
        Assert.Contains("64", geometry, StringComparison.Ordinal);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(file));

        // A conversation stands behind the documents.
        using TextSession session = demo.Model.LoadSession(file);
        await session.AnswerAsync("Who?", new GenerationOptions { MaxTokens = 2 });
        session.Save(file,
            new SnapshotOptions { Sections = new Dictionary<string, byte[]> { [DocumentsSection.SectionName] = Section(file).ToBytes() } });
        Assert.Contains("conversation", (await Assert.ThrowsAsync<DocumentException>(() => ReadAsync(Prompt(text), options))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Outputs_are_replaced_only_where_somebody_says_so()
    {
        string file = _folder.PathOf("a.ahn");
        DocumentReadingOptions options = new() { Output = file, CheckpointTokens = 256 };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ReadAsync(Prompt(Book(3_000)), options, 300));
        Assert.Contains(
            "--resume", Assert.Throws<DocumentException>(() => DocumentReading.CheckOutput(options)).Message, StringComparison.Ordinal);
        DocumentReading.CheckOutput(options with { Resume = true });
        await ReadAsync(Prompt(Book(1_000)), options with { Overwrite = true });
        Assert.Equal(["a.ahn"], Directory.GetFiles(_folder.PathOf("")).Select(Path.GetFileName));
        Assert.Contains(
            "--overwrite", Assert.Throws<DocumentException>(() => DocumentReading.CheckOutput(options)).Message, StringComparison.Ordinal);
        Assert.ThrowsAny<IOException>(() => DocumentReading.CheckOutput(options with { Output = _folder.PathOf("none/a.ahn") }));
    }

    [Fact]
    public async Task Questions_read_the_question_alone_and_each_is_answered_from_the_documents_alone()
    {
        string file = _folder.PathOf("a.ahn");
        await ReadAsync(Prompt(DemoText.BookWithCode), new DocumentReadingOptions { Output = file, System = DemoText.System });
        using TextSession book = demo.Model.LoadSession(file);
        long read = book.State.Position;
        string[] questions = [DemoText.Question, "Who is the Count?", DemoText.Question, "What did you answer?", DemoText.Question];
        Dictionary<string, string> first = [];
        foreach (string question in questions)
        {
            using TextSession session = book.Fork();
            string answer = await session.AnswerAsync(question, new GenerationOptions { MaxTokens = 16 });
            if (question == DemoText.Question) Assert.Equal(DemoText.Answer, answer);
            Assert.Equal(first.TryAdd(question, answer) ? answer : first[question], answer);

            // The question, the frame around it (11 tokens: a blank line, the end of the turn, the start of the answer) and the last word
            // of the text, not settled before.
            long fed = session.Statistics!.PromptTokens;
            Assert.InRange(fed, 1, demo.Tokenizer.Encode(question).Length + 16);
            Assert.Equal(read + fed, session.State.Position - (session.Statistics.GeneratedTokens - Unread(session)));
            Assert.Equal(read, book.State.Position);
        }
    }

    [Fact]
    public async Task Progress_counts_tokens_of_everything_and_knows_the_page()
    {
        Document pages = new()
        {
            Name = "a.pdf",
            Kind = DocumentKind.Pdf,
            Pages = 3,
            Parts = [.. Enumerable.Range(1, 3).Select(page => new DocumentPart(Book(1_500), page))],
        };
        List<DocumentProgress> seen = [];
        DocumentReading reading = await ReadAsync(
            new DocumentPrompt([pages]), new DocumentReadingOptions { Output = _folder.PathOf("a.ahn"), CheckpointTokens = 256 },
            told: seen.Add);
        Assert.Equal([1, 2, 3], seen.Select(value => value.Page!.Value).Distinct());
        Assert.Equal(seen.Select(value => value.TokensRead).Order(), seen.Select(value => value.TokensRead));
        Assert.All(seen, value => Assert.Equal(reading.TokensTotal, value.TokensTotal));
        Assert.Equal(reading.TokensTotal, seen[^1].TokensRead);
        Assert.Equal((reading.TokensTotal - 1) / 256, seen.Count(value => value.IsCheckpoint));
    }

    private static DocumentPrompt Prompt(string text) => new([Files.Read("book.txt", text)]);

    private static string Book(int characters) =>
        File.ReadAllText(Path.Combine(Fixture.Repository, "gguf", "dracula.txt"))[2_000..(2_000 + characters)];

    private static DocumentsSection Section(string path)
    {
        using SnapshotFile file = SnapshotFile.Open(path);
        file.Verify();
        return DocumentsSection.Parse(path, file.ReadSection(DocumentsSection.SectionName)!);
    }

    // The last token of an answer is fed with what follows it.
    private static int Unread(TextSession session) =>
        session.UnreadTokens + (session.Statistics!.StopReason == StopReason.EndToken ? 1 : 0);

    private static void AssertNear(ReadOnlySpan<float> expected, ReadOnlySpan<float> found)
    {
        double scale = 0, worst = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            scale = Math.Max(scale, Math.Abs(expected[i]));
            worst = Math.Max(worst, Math.Abs(expected[i] - found[i]));
        }
        // Q8_0 activations are rounded a chunk at a time, so another grid gives other roundings.
        Assert.InRange(worst / scale, 0, 0.03);
    }

    private async Task<DocumentReading> ReadAsync(
        DocumentPrompt prompt, DocumentReadingOptions options, int? stopAt = null, Action<DocumentProgress>? told = null)
    {
        using DocumentReading reading = DocumentReading.Begin(demo.Model, prompt, options);
        using CancellationTokenSource stop = new();
        await reading.RunAsync(new Told(value =>
        {
            told?.Invoke(value);
            if (value.TokensRead >= stopAt) stop.Cancel();
        }), stop.Token);
        return reading;
    }

    private sealed class Told(Action<DocumentProgress> tell) : IProgress<DocumentProgress>
    {
        public void Report(DocumentProgress value) => tell(value);
    }
}
