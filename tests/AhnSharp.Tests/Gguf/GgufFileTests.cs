using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using AhnSharp.Gguf;
using AhnSharp.Quants;
using Xunit;
using Xunit.Abstractions;

namespace AhnSharp.Tests.Gguf;

public sealed class GgufFileTests(ITestOutputHelper output)
{
    [SharedFact("data/qwen/ggml-vocab-qwen2.gguf")]
    public void The_Qwen_vocabulary_opens_fast()
    {
        string path = Fixture.Shared("data/qwen/ggml-vocab-qwen2.gguf");
        GgufFile.Open(path).Dispose();
        Stopwatch watch = Stopwatch.StartNew();
        using GgufFile file = GgufFile.Open(path);
        output.WriteLine($"{watch.Elapsed.TotalMilliseconds:F1} ms");
        Assert.Equal("qwen2", file.Metadata.GetString("general.architecture"));
        Assert.Equal(151936, file.Metadata.GetStringArray("tokenizer.ggml.tokens").Length);
        Assert.Equal(151387, file.Metadata.GetStringArray("tokenizer.ggml.merges").Length);
        Assert.Equal(151936, file.Metadata.GetInt32Array("tokenizer.ggml.token_type").Length);
        Assert.Empty(file.Tensors);
        // 27 ms on an idle Zen 4; this only guards against a loader that is slow in kind, also on a busy machine.
        Assert.True(watch.ElapsedMilliseconds < 5000);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_written_is_read(bool memoryMap)
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("model.gguf");
        byte[] q8 = new byte[GgmlType.Q8_0.RowBytes(64) * 3];
        Quantization.FillRandom(GgmlType.Q8_0, new Random(1), q8, 0.02f);
        GgufWriter writer = new();
        writer.Add("general.architecture", "qwen2");
        writer.Add("tokens", ["a", "", "ζ"]);
        writer.Add("numbers", [1, -2, 3]);
        writer.Add("eps", 1e-6f);
        writer.Add("flag", true);
        writer.AddTensor("w", GgmlType.Q8_0, [64, 3], stream => stream.Write(q8));
        writer.AddTensor("norm", GgmlType.F32, [5], stream => stream.Write(new byte[20]));
        writer.Write(path);
        Assert.Equal([path], Directory.GetFiles(folder.Path));

        using GgufFile file = GgufFile.Open(path, memoryMap);
        Assert.Equal(3, file.Version);
        Assert.Equal(["general.architecture", "tokens", "numbers", "eps", "flag"], file.Metadata.Keys);
        Assert.Equal(["a", "", "ζ"], file.Metadata.GetStringArray("tokens"));
        Assert.Equal([1, -2, 3], file.Metadata.GetInt32Array("numbers"));
        Assert.Equal(1e-6f, file.Metadata.GetSingle("eps"));
        Assert.True(file.Metadata.GetBool("flag", false));
        GgufTensor tensor = file.GetTensor("w");
        Assert.Equal([64L, 3L], tensor.Shape.ToArray());
        Assert.Equal("Q8_0 [64, 3]", tensor.TypeAndShape);
        Assert.Equal((64L, 3L, 192L, 204L), (tensor.RowLength, tensor.RowCount, tensor.ElementCount, tensor.ByteLength));
        byte[] read = new byte[68];
        file.Read(tensor, 34, read);
        Assert.Equal(q8[34..102], read);
        Array.Clear(read);
        file.ReadUnmapped(tensor, 34, read);
        Assert.Equal(q8[34..102], read);
        Assert.Equal(["w", "norm"], file.Tensors.Select(t => t.Name));
    }

    [Fact]
    public void Version_2_is_read()
    {
        using TemporaryFolder folder = new();
        byte[] bytes = RawGguf.Header(1, 1, version: 2).Key("a", 4).U32(7).Tensor("w", 0, 0, 2).Data(32).Bytes;
        File.WriteAllBytes(folder.PathOf("m.gguf"), bytes);
        using GgufFile file = GgufFile.Open(folder.PathOf("m.gguf"));
        Assert.Equal(2, file.Version);
        Assert.Equal(7u, file.Metadata.GetUInt32("a"));
        Assert.Equal("F32 [2]", file.GetTensor("w").TypeAndShape);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Tensors_over_2_GiB_are_read(bool memoryMap)
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("m.gguf");
        byte[] header = RawGguf.Header(2, 0).Tensor("big", 0, 0, 1 << 20, 700).Tensor("next", 0, 700UL << 22, 8).Data(0).Bytes;
        long last = header.Length + (700L << 22) + 28;
        using (FileStream stream = File.Create(path))
        {
            // Holes take no room on the disk.
            stream.Write(header);
            stream.Position = last - 32;
            stream.Write([1, 2, 3, 4]);
            stream.Position = last;
            stream.Write([5, 6, 7, 8]);
        }
        using GgufFile file = GgufFile.Open(path, memoryMap);
        GgufTensor big = file.GetTensor("big");
        Assert.Equal((700L << 22, 700L << 20, 700L), (big.ByteLength, big.ElementCount, big.RowCount));
        byte[] read = new byte[4];
        file.Read(big, big.ByteLength - 4, read);
        Assert.Equal([1, 2, 3, 4], read);
        file.ReadUnmapped(file.GetTensor("next"), 28, read);
        Assert.Equal([5, 6, 7, 8], read);
    }

    [Fact]
    public void Reading_stays_inside_the_tensor()
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder.PathOf("m.gguf"), RawGguf.Header(1, 0).Tensor("w", 0, 0, 8).Data(64).Bytes);
        using GgufFile file = GgufFile.Open(folder.PathOf("m.gguf"));
        GgufTensor tensor = file.GetTensor("w");
        file.Read(tensor, 32, []);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read(tensor, 1, new byte[32]));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read(tensor, -1, new byte[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.ReadUnmapped(tensor, long.MaxValue, new byte[1]));
        Assert.False(file.TryGetTensor("v", out _));
        Assert.Equal($"{file.Path}: expected the tensor 'v', found none of that name among 1.",
            Assert.Throws<InvalidModelException>(() => file.GetTensor("v")).Message);
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.Read(tensor, 0, new byte[1]));
        Assert.Throws<ObjectDisposedException>(() => file.ReadUnmapped(tensor, 0, new byte[1]));
    }
}
