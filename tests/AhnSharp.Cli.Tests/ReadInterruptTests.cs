using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Text.Json;
using System.Threading.Tasks;
using AhnSharp.Documents.Reading;
using AhnSharp.Snapshots;
using Xunit;

namespace AhnSharp.Cli.Tests;

/// <summary>What Ctrl-C leaves of a reading whose checkpoints lie far apart.</summary>
public sealed class ReadInterruptTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [UnixFact]
    public async Task Ctrl_C_keeps_what_was_read_since_the_last_checkpoint()
    {
        string book = _folder.PathOf("book.txt"), file = _folder.PathOf("a.ahn");
        await File.WriteAllTextAsync(book, DemoText.Prose(4_000));
        using Process process = AhnProcess.Start(["read", book, "-o", file, "--checkpoint", "1000000", "--no-archive", "--jsonl"]);
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        long read = 0;
        while (read < 512)
        {
            string line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"It ended: {await errors}");
            using JsonDocument told = JsonDocument.Parse(line);
            if (told.RootElement.GetProperty("event").GetString() == "reading")
                read = told.RootElement.GetProperty("tokens_read").GetInt64();
        }
        using (Process kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)])) kill.WaitForExit();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(130, process.ExitCode);
        string checkpoint = DocumentReading.CheckpointPath(file), said = await errors;
        Assert.Contains("goes on from there", said, StringComparison.Ordinal);
        using SnapshotFile kept = SnapshotFile.Open(checkpoint);
        Assert.True(kept.Position >= read, $"expected at least {read} tokens kept, found {kept.Position}");
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"holds {kept.Position:N0} of them"), said, StringComparison.Ordinal);
    }
}
