using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using AhnSharp.Gguf;
using Xunit;

namespace AhnSharp.Tests.Gguf;

public sealed class GgufWriterTests
{
    [Theory]
    [InlineData(31, "w: expected 32 bytes to be written, found 31.")]
    [InlineData(33, "w: expected 32 bytes to be written, found at least 33.")]
    public void Other_than_the_declared_bytes_is_an_error_and_leaves_nothing(int bytes, string sentence)
    {
        using TemporaryFolder folder = new();
        GgufWriter writer = new();
        writer.AddTensor("w", GgmlType.F32, [8], stream => stream.Write(new byte[bytes]));
        Assert.Equal(sentence, Assert.Throws<InvalidOperationException>(() => writer.Write(folder.PathOf("m.gguf"))).Message);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Cancelling_leaves_the_old_file()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder.PathOf("m.gguf"), "old");
        using CancellationTokenSource source = new();
        GgufWriter writer = new();
        writer.AddTensor("w", GgmlType.F32, [16], stream =>
        {
            stream.Write(new byte[32]);
            source.Cancel();
            stream.Write(new byte[32]);
        });
        Assert.Throws<OperationCanceledException>(() => writer.Write(folder.PathOf("m.gguf"), null, source.Token));
        Assert.Equal("old", File.ReadAllText(folder.PathOf("m.gguf")));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Progress_ends_at_the_total()
    {
        GgufWriter writer = new();
        writer.AddTensor("w", GgmlType.F32, [3 << 18], stream =>
        {
            for (int i = 0; i < 3 << 10; i++) stream.Write(new byte[1024]);
        });
        writer.AddTensor("v", GgmlType.F16, [5], stream => stream.Write(new byte[10]));
        Reports reports = new();
        writer.Write(Stream.Null, reports);
        Assert.Equal([(1 << 20, (3 << 20) + 10), (2 << 20, (3 << 20) + 10), (3 << 20, (3 << 20) + 10), ((3 << 20) + 10, (3 << 20) + 10)],
            reports.Seen);
    }

    [Fact]
    public void Another_alignment_is_written_and_read()
    {
        using TemporaryFolder folder = new();
        GgufWriter writer = new(alignment: 4096);
        writer.AddTensor("w", GgmlType.F32, [1], stream => stream.Write([1, 2, 3, 4]));
        writer.AddTensor("v", GgmlType.F32, [1, 1, 1, 1], stream => stream.Write([5, 6, 7, 8]));
        writer.Write(folder.PathOf("m.gguf"));
        using GgufFile file = GgufFile.Open(folder.PathOf("m.gguf"));
        Assert.Equal((4096, 8192), (file.GetTensor("w").ByteOffset, file.GetTensor("v").ByteOffset));
        byte[] read = new byte[4];
        file.Read(file.GetTensor("v"), 0, read);
        Assert.Equal([5, 6, 7, 8], read);
    }

    [Fact]
    public void Wrong_declarations_are_refused()
    {
        GgufWriter writer = new();
        writer.Add("a", 1u);
        writer.AddTensor("w", GgmlType.F32, [8], _ => { });
        Assert.Throws<ArgumentException>(() => writer.Add("a", 2u));
        Assert.Throws<ArgumentException>(() => writer.Add("", 2u));
        Assert.Throws<ArgumentException>(() => writer.Add(new string('k', 70000), 2u));
        Assert.Throws<ArgumentException>(() => writer.AddValue("b", new object()));
        Assert.Throws<ArgumentException>(() => writer.AddTensor("w", GgmlType.F32, [8], _ => { }));
        Assert.Throws<ArgumentException>(() => writer.AddTensor("v", GgmlType.F32, [], _ => { }));
        Assert.Throws<ArgumentException>(() => writer.AddTensor("v", GgmlType.F32, [1, 1, 1, 1, 1], _ => { }));
        Assert.Throws<ArgumentException>(() => writer.AddTensor("v", GgmlType.F32, [8, 0], _ => { }));
        Assert.Throws<ArgumentException>(() => writer.AddTensor("v", GgmlType.F32, [1L << 40, 1L << 40], _ => { }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GgufWriter(alignment: 24));
        ArgumentException error = Assert.Throws<ArgumentException>(() => writer.AddTensor("v", GgmlType.Q8_0, [33, 2], _ => { }));
        Assert.StartsWith("v: expected 1 to 4 sizes of at least 1, the first a multiple of 32 for Q8_0, found [33, 2].", error.Message);
        Assert.Throws<DirectoryNotFoundException>(() => writer.Write(Path.Combine(Path.GetTempPath(), "no-such-folder", "m.gguf")));
        writer.Add("half a pair", "\ud800");
        Assert.Throws<System.Text.EncoderFallbackException>(() => writer.Write(Stream.Null));
    }

    private sealed class Reports : IProgress<(long Done, long Total)>
    {
        public List<(long, long)> Seen { get; } = [];

        public void Report((long Done, long Total) value) => Seen.Add(value);
    }
}
