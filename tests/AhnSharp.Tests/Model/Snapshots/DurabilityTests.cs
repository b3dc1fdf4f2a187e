using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using AhnSharp.Checks;
using AhnSharp.Cpu;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using Xunit;
using Xunit.Abstractions;

namespace AhnSharp.Tests.Model.Snapshots;

/// <summary>Whatever ends a save in the middle, the file under its name is whole.</summary>
public sealed class DurabilityTests(ITestOutputHelper output)
{
    // 50 kills in the long form (LongForm).
    [UnixFact]
    public void A_killed_process_leaves_a_whole_file()
    {
        using TemporaryFolder folder = new();
        using CpuModel model = GoldenModel.Load("gated_deltanet", 1);
        string path = folder.PathOf("book.ahn");
        Random random = new(5);
        int leftovers = 0, kills = LongForm.Or(8, 50);
        for (int i = 0; i < kills; i++)
        {
            using Process victim = Start("dotnet", "exec", Dll, "--save-loop", path);
            Assert.StartsWith("saved", victim.StandardOutput.ReadLine(), StringComparison.Ordinal);
            // Every other time as soon as the next file is being written, else wherever it happens to be.
            for (int wait = 0; i % 2 == 0 && wait < 2000 && Partial(folder).Length == 0; wait++) Thread.Sleep(1);
            Thread.Sleep(random.Next(i % 2 == 0 ? 5 : 60));
            victim.Kill();
            victim.WaitForExit();
            using (LanguageSession loaded = model.LoadSession(path)) Assert.Equal(GoldenModel.Ids.AsSpan(0, 200), loaded.Tokens[..200]);
            string[] partial = Partial(folder);
            // What the victim of the round before left was removed by this one's first save.
            Assert.InRange(partial.Length, 0, 1);
            leftovers += partial.Length;
        }
        output.WriteLine($"{kills} kills, {leftovers} in the middle of a save");
        Assert.True(leftovers > 0, "no kill hit the middle of a save");
        using LanguageSession last = model.LoadSession(path);
        last.Save(path);
        Assert.Empty(Partial(folder));
    }

    [UnixFact]
    public void A_full_disk_leaves_the_old_file_and_nothing_else()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("book.ahn");
        using (Process first = Start("dotnet", "exec", Dll, "--save-loop", path, "1")) first.WaitForExit();
        byte[] before = File.ReadAllBytes(path);
        Assert.True(before.Length > SnapshotLoop.FillerBytes);
        // No file of this process may grow past 1 MiB: write fails with EFBIG there, as it does with ENOSPC on a full disk.
        using Process limited = Start(
            "bash", "-c", $"trap '' XFSZ; ulimit -f 1024; DOTNET_EnableWriteXorExecute=0 exec dotnet exec '{Dll}' --save-loop '{path}' 1");
        string said = limited.StandardOutput.ReadToEnd();
        limited.WaitForExit();
        Assert.StartsWith("failed: ", said, StringComparison.Ordinal);
        Assert.Equal(3, limited.ExitCode);
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Empty(Partial(folder));
    }

    [Fact]
    public void A_stream_that_fails_at_any_byte_leaves_the_old_file_and_nothing_else()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("book.ahn");
        using CpuModel model = GoldenModel.Load("mamba2", 1);
        using LanguageSession session = model.CreateSession(new SessionOptions { Window = 48, Sinks = 8 });
        model.Forward(session, GoldenModel.Ids.AsSpan(0, 100));
        session.Save(path);
        byte[] before = File.ReadAllBytes(path);
        model.Forward(session, GoldenModel.Ids.AsSpan(100, 1));
        for (int room = 0; room < before.Length; room += before.Length / 9)
        {
            using var full = new FullStream(room);
            Assert.Equal("full", Assert.Throws<IOException>(() => session.Save(full)).Message);
        }
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        Assert.Throws<OperationCanceledException>(() => session.Save(path, null, cancellation.Token));
        // An argument that is refused after the partial file was opened.
        var wrong = new SnapshotOptions { Sections = new Dictionary<string, byte[]> { [""] = [] } };
        Assert.Throws<ArgumentException>(() => session.Save(path, wrong));
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
        Assert.Throws<DirectoryNotFoundException>(() => session.Save(Path.Combine(folder.Path, "missing", "book.ahn")));
        Assert.Throws<IOException>(() => session.Save(folder.Path));
    }

    private static string Dll => Path.Combine(AppContext.BaseDirectory, "AhnSharp.Checks.dll");

    private static string[] Partial(TemporaryFolder folder) =>
        [.. Directory.GetFiles(folder.Path).Where(file => file.EndsWith(".partial", StringComparison.Ordinal))];

    private static Process Start(string command, params string[] arguments)
    {
        var start = new ProcessStartInfo(command) { RedirectStandardOutput = true };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    private sealed class FullStream(int room) : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (Length + buffer.Length > room) throw new IOException("full");
            base.Write(buffer);
        }
    }
}
