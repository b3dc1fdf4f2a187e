using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using AhnSharp.Gguf;
using Xunit;

namespace AhnSharp.Tests.Gguf;

/// <summary>
/// Each way in which a file can be wrong is one sentence that names the key or tensor, what was expected and what was found.
/// </summary>
public sealed class HostileGgufTests
{
    private const uint U8 = 0, U32 = 4, Bool = 7, String = 8, Array = 9;

    private static readonly Dictionary<string, (byte[] Bytes, string Sentence)> Cases = new()
    {
        ["empty"] = ([], "expected a GGUF file, found an empty one."),
        ["two bytes"] = ("GG"u8.ToArray(), "the start of the file: expected 4 more bytes at offset 0, found the end of the file at 2; "
            + "the file is incomplete, fetch it again."),
        ["another format"] = ("PK\u0003\u0004 and so on"u8.ToArray(),
            "the start of the file: expected the letters GGUF, found the bytes 504B0304; this is not a GGUF file."),
        ["version 1"] = (RawGguf.Header(0, 0, version: 1).Bytes,
            "the start of the file: expected GGUF version 2 or 3, found version 1; convert the model again."),
        ["version 4"] = (RawGguf.Header(0, 0, version: 4).Bytes, "the start of the file: expected GGUF version 2 or 3, found version 4."),
        ["big-endian"] = (RawGguf.Header(0, 0, version: 3u << 24).Bytes,
            "the start of the file: expected a little-endian GGUF file, found a big-endian one."),
        ["no counts"] = (new RawGguf().Raw("GGUF"u8.ToArray()).U32(3).Bytes,
            "the header: expected 8 more bytes at offset 8, found the end of the file at 8; the file is incomplete, fetch it again."),
        ["more keys than bytes"] = (RawGguf.Header(0, 60000).Data(280).Bytes,
            "the header: expected at most 20 keys in the 288 bytes that follow, found a count of 60000."),
        ["absurd keys"] =
            (RawGguf.Header(0, ulong.MaxValue).Bytes, "the header: expected at most 65536 keys, found a count of 18446744073709551615."),
        ["absurd tensors"] =
            (RawGguf.Header(1UL << 63, 0).Bytes, "the header: expected at most 65536 tensors, found a count of 9223372036854775808."),
        ["key without a name"] = (RawGguf.Header(0, 1).Key("", U8).Data(40).Bytes, "key 1: expected a name, found an empty string."),
        ["key of no length"] = (RawGguf.Header(0, 1)
            .U64(1UL << 40).Data(40).Bytes, "key 1: expected a string of at most 40 bytes, found a length of 1099511627776."),
        ["key that is not UTF-8"] =
            (RawGguf.Header(0, 1).U64(2).Raw(0xC3, 0x28).U32(U8).U8(1).Bytes, "key 1: expected UTF-8 text, found 2 bytes that are not."),
        ["key that would forge the sentence"] = (RawGguf.Header(0, 1).Key("a\n\u001b[2J\u202eb", Bool).U8(2).Data(40).Bytes,
            @"key 'a\u000a\u001b[2J\u202eb': expected a bool of 0 or 1, found 2."),
        ["key of 100 letters"] = (RawGguf.Header(0, 1).Key(new string('k', 100), Bool).U8(2).Data(40).Bytes,
            $"key '{new string('k', 80)}…': expected a bool of 0 or 1, found 2."),
        ["key twice"] =
            (RawGguf.Header(0, 2).Key("a", U8).U8(1).Key("a", U8).U8(1).Data(0).Bytes, "key 'a': expected each key once, found it twice."),
        ["value of no type"] =
            (RawGguf.Header(0, 1).Key("a", 13).U64(0).Data(0).Bytes, "key 'a': expected a value type from 0 to 12, found 13."),
        ["value cut short"] = (RawGguf.Header(0, 1).Key("a", U32).Raw(1, 2).Bytes,
            "key 'a': expected 4 more bytes at offset 37, found the end of the file at 39; the file is incomplete, fetch it again."),
        ["text that is not UTF-8"] =
            (RawGguf.Header(0, 1).Key("a", String).U64(1).Raw(0xFF).Bytes, "key 'a': expected UTF-8 text, found 1 bytes that are not."),
        ["text longer than the file"] = (RawGguf.Header(0, 1).Key("a", String).U64(9).Raw(new byte[8]).Bytes,
            "key 'a': expected a string of at most 8 bytes, found a length of 9."),
        ["array longer than the file"] = (RawGguf.Header(0, 1).Key("a", Array).U32(6).U64(1UL << 62).Raw(new byte[8]).Bytes,
            "key 'a': expected at most 2 values of type f32 in the 8 bytes that follow, found a count of 4611686018427387904."),
        ["array of no type"] =
            (RawGguf.Header(0, 1).Key("a", Array).U32(99).U64(0).Bytes, "key 'a': expected a value type from 0 to 12, found 99."),
        ["bool array of twos"] =
            (RawGguf.Header(0, 1).Key("a", Array).U32(Bool).U64(1).U8(2).Bytes, "key 'a': expected a bool of 0 or 1, found 2."),
        ["arrays too deep"] =
            (Enumerable.Range(0, 5).Aggregate(RawGguf.Header(0, 1).Key("a", Array), (raw, _) => raw.U32(Array).U64(1)).Data(0).Bytes,
                "key 'a': expected arrays at most 4 deep, found deeper ones."),
        ["alignment of 24"] = (RawGguf.Header(0, 1)
            .Key("general.alignment", U32).U32(24).Bytes, "key 'general.alignment': expected a power of two, found 24."),
        ["alignment of 0"] =
            (RawGguf.Header(0, 1).Key("general.alignment", U32).U32(0).Bytes, "key 'general.alignment': expected a power of two, found 0."),
        ["alignment of text"] = (RawGguf.Header(0, 1)
            .Key("general.alignment", String).Text("32").Bytes, "key 'general.alignment': expected u32, found string."),
        ["tensor without a name"] =
            (RawGguf.Header(1, 0).Tensor("", 0, 0, 8).Data(32).Bytes, "tensor 1: expected a name, found an empty string."),
        ["tensor without sizes"] =
            (RawGguf.Header(1, 0).Tensor("w", 0, 0).Data(32).Bytes, "tensor 'w': expected 1 to 4 dimensions, found 0."),
        ["tensor of five sizes"] =
            (RawGguf.Header(1, 0).Tensor("w", 0, 0, 1, 1, 1, 1, 1).Data(32).Bytes, "tensor 'w': expected 1 to 4 dimensions, found 5."),
        ["tensor of size 0"] = (RawGguf.Header(1, 0)
            .Tensor("w", 0, 0, 8, 0).Data(32).Bytes, "tensor 'w': expected a size of 1 or more in dimension 1, found 0."),
        ["tensor of negative size"] = (RawGguf.Header(1, 0).Tensor("w", 0, 0, ulong.MaxValue).Data(32).Bytes,
            "tensor 'w': expected a size of 1 or more in dimension 0, found 18446744073709551615."),
        ["tensor that overflows"] = (RawGguf.Header(1, 0).Tensor("w", 0, 0, 1UL << 32, 1UL << 32).Data(32).Bytes,
            "tensor 'w': expected fewer than 2^63 bytes, found the shape [4294967296, 4294967296]."),
        ["tensor of half a block"] = (RawGguf.Header(1, 0).Tensor("w", 12, 0, 128, 2).Data(144).Bytes,
            "tensor 'w': expected rows of a multiple of 256 for Q4_K, found the shape [128, 2]."),
        ["tensor of a type that is refused"] = (RawGguf.Header(1, 0).Tensor("w", 16, 0, 256).Data(66).Bytes,
            $"tensor 'w': expected one of the types {GgmlTypes.Known}, found IQ2_XXS, which this engine does not read."),
        ["tensor of a type nobody knows"] = (RawGguf.Header(1, 0).Tensor("w", 777, 0, 256).Data(66).Bytes,
            $"tensor 'w': expected one of the types {GgmlTypes.Known}, found number 777, which this engine does not read."),
        ["tensor at an odd offset"] =
            (RawGguf.Header(1, 0).Tensor("w", 0, 4, 4).Data(32).Bytes, "tensor 'w': expected an offset that is a multiple of 32, found 4."),
        ["tensor beyond the file"] = (RawGguf.Header(1, 0).Tensor("w", 0, 0, 9).Data(32).Bytes,
            "tensor 'w': expected 36 bytes of data at offset 64, found the end of the file at 96; the file is incomplete, fetch it again."),
        ["tensor at the end of the numbers"] = (RawGguf.Header(1, 0).Tensor("w", 0, ulong.MaxValue - 31, 8).Data(32).Bytes,
            "tensor 'w': expected 32 bytes of data at offset 18446744073709551648, found the end of the file at 96; "
                + "the file is incomplete, fetch it again."),
        ["tensor without data"] = (RawGguf.Header(1, 0).Tensor("w", 0, 0, 8).Bytes,
            "tensor 'w': expected 32 bytes of data at offset 64, found the end of the file at 57; the file is incomplete, fetch it again."),
        ["tensors on each other"] = (RawGguf.Header(2, 0).Tensor("w", 0, 0, 16).Tensor("v", 0, 32, 8).Data(64).Bytes,
            "tensor 'v': expected data of its own, found it at offset 128 inside tensor 'w', which ends at 160."),
        ["tensor twice"] = (RawGguf.Header(2, 0)
            .Tensor("w", 0, 0, 8).Tensor("w", 0, 32, 8).Data(64).Bytes, "tensor 'w': expected each name once, found it twice."),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Is_one_sentence(string name)
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("model.gguf");
        File.WriteAllBytes(path, Cases[name].Bytes);
        foreach (bool memoryMap in new[] { true, false })
        {
            string message = Assert.Throws<InvalidModelException>(() => GgufFile.Open(path, memoryMap)).Message;
            Assert.Equal($"{path}: {Cases[name].Sentence}", message);
        }
    }

    [Fact]
    public void A_folder_or_nothing_is_one_sentence()
    {
        using TemporaryFolder folder = new();
        Assert.Equal($"{folder.Path}: expected a GGUF file, found a folder.",
            Assert.Throws<InvalidModelException>(() => GgufFile.Open(folder.Path)).Message);
        string cut = new('x', 5000);
        Assert.Throws<FileNotFoundException>(() => GgufFile.Open(cut));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_that_is_not_there_is_said_with_what_to_do_and_without_an_inner_exception(bool relative)
    {
        using TemporaryFolder folder = new();
        string full = folder.PathOf("none.gguf");
        string path = relative ? Path.GetRelativePath(Environment.CurrentDirectory, full) : full;
        string where = relative ? $" in {folder.Path}" : "";
        FileNotFoundException found = Assert.Throws<FileNotFoundException>(() => TextModel.Load(path));
        Assert.Equal(
            $"{path}: expected a GGUF file, found no file of that name{where}; "
                + "give the path of a model on this machine ('ahn pull' and the package AhnSharp.Hub fetch them).",
            found.Message);
        Assert.Equal((full, null), (found.FileName, found.InnerException));
        Assert.DoesNotContain("assembly", found.ToString().Split('\n')[0], StringComparison.Ordinal);
    }

    [Fact]
    public void An_endless_device_is_not_read()
    {
        if (!OperatingSystem.IsWindows()) Assert.Throws<InvalidModelException>(() => GgufFile.Open("/dev/zero"));
    }

    [Fact]
    public void A_file_that_becomes_shorter_is_one_sentence()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("model.gguf");
        File.WriteAllBytes(path, RawGguf.Header(1, 0).Tensor("w", 0, 0, 8).Data(32).Bytes);
        using GgufFile file = GgufFile.Open(path, memoryMap: false);
        using (FileStream shorter = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) shorter.SetLength(80);
        string message = Assert.Throws<InvalidModelException>(() => file.Read(file.GetTensor("w"), 0, new byte[32])).Message;
        Assert.Equal(
            $"{path}: expected 16 bytes at offset 80, found the end of the file; it was 96 bytes long when it was opened.", message);
    }
}
