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
    public void TheQwenVocabularyOpensFast()
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
        Assert.True(watch.ElapsedMilliseconds < 1000);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void WhatIsWrittenIsRead(bool memoryMap)
    {
        using TemporaryFolder folder = new();
        string path = folder.File("model.gguf");
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
}
