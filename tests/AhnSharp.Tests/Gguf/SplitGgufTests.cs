using System;
using System.IO;
using System.Linq;
using AhnSharp.Gguf;
using Xunit;

namespace AhnSharp.Tests.Gguf;

/// <summary>A model split by llama.cpp: all keys in the first part, tensors in each, and keys split.* in all.</summary>
public sealed class SplitGgufTests
{
    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void Any_part_opens_all(int opened, bool memoryMap)
    {
        using TemporaryFolder folder = new();
        for (int i = 0; i < 3; i++) WritePart(folder, i);
        using GgufFile file = GgufFile.Open(Name(folder, opened), memoryMap);
        Assert.Equal(3, file.PartCount);
        Assert.Equal("qwen2", file.Metadata.GetString("general.architecture"));
        Assert.Equal(Directory.GetFiles(folder.Path).Sum(f => new FileInfo(f).Length), file.ByteLength);
        Assert.Equal(["w0", "v0", "w1", "v1", "w2", "v2"], file.Tensors.Select(t => t.Name));
        byte[] read = new byte[4];
        for (int i = 0; i < 3; i++)
        {
            GgufTensor tensor = file.GetTensor($"v{i}");
            Assert.Equal(i, tensor.FileIndex);
            file.Read(tensor, 28, read);
            Assert.Equal([(byte)(i + 1), (byte)(i + 1), (byte)(i + 1), (byte)(i + 1)], read);
            file.ReadUnmapped(tensor, 0, read);
            Assert.Equal((byte)(i + 1), read[0]);
        }
    }

    [Fact]
    public void A_missing_part_is_named()
    {
        using TemporaryFolder folder = new();
        WritePart(folder, 0);
        WritePart(folder, 2);
        Fails(folder, 1,
            $"{Name(folder, 1)}: expected all 3 parts of this split model, found no {Name(folder, 2)}; put it beside the others.");
        Fails(folder, 3,
            $"{Name(folder, 3)}: expected all 3 parts of this split model, found no {Name(folder, 2)}; put it beside the others.");
    }

    [Fact]
    public void A_renamed_part_is_refused()
    {
        using TemporaryFolder folder = new();
        WritePart(folder, 1);
        File.Move(Name(folder, 2), folder.PathOf("model.gguf"));
        string message = Assert.Throws<InvalidModelException>(() => GgufFile.Open(folder.PathOf("model.gguf"))).Message;
        Assert.Equal($"{folder.PathOf("model.gguf")}: expected the name of part 2 of 3 to end as NAME-00002-of-00003.gguf does, "
            + $"because the other parts are found by it; "
            + "give the file its name back.", message);
    }

    [Fact]
    public void Parts_of_different_models_are_refused()
    {
        using TemporaryFolder folder = new();
        for (int i = 0; i < 3; i++) WritePart(folder, i);
        WritePart(folder, 1, no: 2);
        Fails(folder, 1, $"{Name(folder, 2)}: key 'split.no': expected 1, found 2.");
        WritePart(folder, 1, no: 3);
        Fails(folder, 1, $"{Name(folder, 2)}: key 'split.no': expected less than 3, found 3.");
        WritePart(folder, 1, count: 4);
        Fails(folder, 1, $"{Name(folder, 2)}: key 'split.count': expected 3 as in the other parts, found 4.");
        WritePart(folder, 1, tensor: "w0");
        Fails(folder, 1, $"{Name(folder, 2)}: tensor 'w0': expected each name once, found it twice.");
        WritePart(folder, 1);
        WritePart(folder, 0, total: 7);
        Fails(folder, 2, $"{Name(folder, 2)}: key 'split.tensors.count': expected 7 tensors in the 3 parts, found 6.");
        File.WriteAllBytes(Name(folder, 2), [1, 2, 3]);
        Fails(folder, 1, $"{Name(folder, 2)}: the start of the file: expected 4 more bytes at offset 0, found the end of the file at 3; "
            + $"the file is incomplete, fetch it again.");
    }

    [Fact]
    public void A_name_alone_makes_no_split_model()
    {
        using TemporaryFolder folder = new();
        GgufWriter writer = new();
        writer.Add("general.architecture", "qwen2");
        writer.Write(Name(folder, 2));
        using GgufFile file = GgufFile.Open(Name(folder, 2));
        Assert.Equal(1, file.PartCount);
    }

    private static string Name(TemporaryFolder folder, int number) => folder.PathOf($"model-{number:D5}-of-00003.gguf");

    private static void Fails(TemporaryFolder folder, int opened, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<InvalidModelException>(() => GgufFile.Open(Name(folder, opened))).Message);

    private static void WritePart(TemporaryFolder folder, int index, int? no = null, int count = 3, string? tensor = null, int total = 6)
    {
        GgufWriter writer = new();
        writer.AddValue("split.no", (ushort)(no ?? index));
        writer.AddValue("split.count", (ushort)count);
        writer.AddValue("split.tensors.count", total);
        if (index == 0) writer.Add("general.architecture", "qwen2");
        byte[] bytes = Enumerable.Repeat((byte)(index + 1), 32).ToArray();
        writer.AddTensor(tensor ?? $"w{index}", GgmlType.F16, [3], stream => stream.Write(bytes.AsSpan()[..6]));
        writer.AddTensor($"v{index}", GgmlType.F32, [8], stream => stream.Write(bytes));
        writer.Write(Name(folder, index + 1));
    }
}
