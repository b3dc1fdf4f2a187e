using System;
using System.IO;
using AhnSharp.Gguf;
using Xunit;

namespace AhnSharp.Tests.Gguf;

/// <summary>Names for people may be in the coding of the publisher's computer; keys, tokens and what the network depends on may
/// not.</summary>
public sealed class Latin1MetadataTests
{
    private const uint String = 8, Array = 9;

    [Fact]
    public void A_name_for_people_is_taken_for_Latin_1_and_noted()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("name.gguf");
        File.WriteAllBytes(path, RawGguf.Header(0, 2).Key("general.name", String).U64(4).Raw(0x63, 0x61, 0x66, 0xE9)
            .Key("general.tags", Array).U32(String).U64(1).U64(1).Raw(0xFC).Bytes);
        using GgufFile file = GgufFile.Open(path);
        Assert.Equal("café", file.Metadata.GetString("general.name"));
        Assert.Equal(["ü"], file.Metadata.GetStringArray("general.tags"));
        Assert.Equal(2, file.Metadata.Notes.Count);
        Assert.Contains("general.name", file.Metadata.Notes[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("general.architecture")]
    [InlineData("tokenizer.chat_template")]
    [InlineData("x.name")]
    public void Other_text_must_be_UTF_8(string key)
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("name.gguf");
        File.WriteAllBytes(path, RawGguf.Header(0, 1).Key(key, String).U64(1).Raw(0xE9).Bytes);
        Assert.Contains(key, Assert.Throws<InvalidModelException>(() => GgufFile.Open(path)).Message, StringComparison.Ordinal);
    }
}
