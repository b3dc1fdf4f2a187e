using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Archive;
using AhnSharp.Documents.Reading;
using AhnSharp.Generation;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using AhnSharp.Tokenizer;
using Xunit;

namespace AhnSharp.Documents.Tests;

/// <summary>Documents that are read while an engine answers.</summary>
public sealed class DocumentReadingBesideTests(DemoText demo) : IClassFixture<DemoText>, IDisposable
{
    private static readonly CompletionOptions Short = new() { Generation = new() { MaxTokens = 24 } };
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(MemoryMode.Ahn, 32)]
    [InlineData(MemoryMode.Full, 32)]
    [InlineData(MemoryMode.Window, null)]
    public async Task A_reading_beside_answers_ends_in_the_same_bytes_and_leaves_theirs(MemoryMode mode, int? piece)
    {
        // 8 chunks and a rest of 103 or so: its last piece is the one that any other way of cutting shows in first.
        DocumentPrompt prompt = Prompt(8_000);
        string alone = _folder.PathOf("alone.ahn"), beside = _folder.PathOf("beside.ahn");
        DocumentReadingOptions options = new() { Output = alone, Session = new SessionOptions { Mode = mode }, CheckpointTokens = 512 };
        using (DocumentReading reading = DocumentReading.Begin(demo.Model, prompt, options)) await reading.RunAsync();

        await using TextEngine engine = new(demo.Model, new TextEngineOptions { PieceTokens = piece, MaxAnswers = 1, CacheBytes = 0 });
        using DocumentReading second = DocumentReading.Begin(engine, prompt, options with { Output = beside });
        using ManualResetEventSlim begun = new();
        Task read = second.RunAsync(new Told(_ => begun.Set()));
        begun.Wait(TimeSpan.FromMinutes(1));
        List<string> answers = [];
        int whileReading = 0;
        for (int i = 0; i < 2 || !read.IsCompleted; i++)
        {
            answers.Add(await engine.Complete([new ChatMessage("user", Question(i))], Short).TextAsync());
            if (!read.IsCompleted) whileReading++;
        }
        await read;
        Assert.True(whileReading > 0, "no answer ended while the document was read");
        Assert.Equal(0, engine.Load.Active);
        for (int i = 0; i < 2; i++)
            Assert.Equal(await demo.Model.Complete([new ChatMessage("user", Question(i))], null, Short).TextAsync(), answers[i]);
        Assert.Equal(await File.ReadAllBytesAsync(alone), await File.ReadAllBytesAsync(beside));
        Assert.Equal(["alone.ahn", "beside.ahn"],
            Directory.GetFiles(_folder.PathOf("")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task With_an_archive_too_and_after_a_stop_in_the_middle()
    {
        DocumentPrompt prompt = Prompt(6_000);
        DocumentReadingOptions options = new()
        {
            Output = _folder.PathOf("alone.ahn"),
            Session = new SessionOptions { Archive = new ArchiveOptions(), Reach = 4096, ArchiveFolder = _folder.PathOf("") },
            CheckpointTokens = 512,
            Resume = true,
        };
        using (DocumentReading reading = DocumentReading.Begin(demo.Model, prompt, options)) await reading.RunAsync();
        DocumentReadingOptions second = options with { Output = _folder.PathOf("beside.ahn") };
        await using TextEngine engine = new(demo.Model, new TextEngineOptions { PieceTokens = 96 });
        using (CancellationTokenSource stop = new())
        using (DocumentReading reading = DocumentReading.Begin(engine, prompt, second))
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.RunAsync(new Told(value =>
            {
                if (value.TokensRead >= 700) stop.Cancel();
            }), stop.Token));
        }
        using (DocumentReading reading = DocumentReading.Begin(engine, prompt, second))
        {
            Assert.Equal(512, reading.TokensResumed);
            await reading.RunAsync();
        }
        Assert.Equal(Contents("alone.ahn"), Contents("beside.ahn"));
    }

    [Fact]
    public async Task An_engine_that_ends_ends_the_reading_and_its_checkpoint_stays()
    {
        DocumentReadingOptions options = new() { Output = _folder.PathOf("a.ahn"), CheckpointTokens = 256 };
        TextEngine engine = new(demo.Model);
        using DocumentReading reading = DocumentReading.Begin(engine, Prompt(8_000), options);
        Task? end = null;
        await Assert.ThrowsAsync<ObjectDisposedException>(() => reading.RunAsync(new Told(value =>
        {
            if (value.IsCheckpoint) end ??= Task.Run(async () => await engine.DisposeAsync());
        })));
        await end!;
        Assert.Equal([DocumentReading.CheckpointPath("a.ahn")], Directory.GetFiles(_folder.PathOf("")).Select(Path.GetFileName));
    }

    private static string Question(int i) => i % 2 == 0 ? "Who was Count Dracula?" : "What is the code of number 7?";

    private static DocumentPrompt Prompt(int characters) => new([Files.Read("book.txt",
        File.ReadAllText(Path.Combine(Fixture.Repository, "gguf", "dracula.txt"))[2_000..(2_000 + characters)])]);

    // Checksums of a snapshot's sections, and the blocks of its archive: all but the id that an archive has by chance.
    private List<string> Contents(string name)
    {
        using SnapshotFile file = SnapshotFile.Open(_folder.PathOf(name));
        file.Verify();
        byte[] snapshot = File.ReadAllBytes(_folder.PathOf(name)), archive = File.ReadAllBytes(_folder.PathOf(file.ArchiveName!));
        return [.. file.Sections.Select(section => $"{section.Title} {Hash(snapshot, section.ByteOffset, section.ByteLength)}"),
            Hash(archive, 4096, archive.Length - 4096)];

        static string Hash(byte[] bytes, long offset, long count) =>
            Convert.ToHexString(SHA256.HashData(bytes.AsSpan((int)offset, (int)count)));
    }

    private sealed class Told(Action<DocumentProgress> tell) : IProgress<DocumentProgress>
    {
        public void Report(DocumentProgress value) => tell(value);
    }
}
