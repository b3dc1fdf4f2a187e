using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using AhnSharp.Tokenizer;
using CsCheck;
using Xunit;

namespace AhnSharp.Tests.Tokenizer;

public sealed class Utf8StreamTests
{
    // Of a, é, € and 🦙.
    private static readonly byte[] Parts = [0x61, 0xC3, 0xA9, 0xE2, 0x82, 0xAC, 0xF0, 0x9F, 0xA6, 0x99];

    [Fact]
    public void Half_a_character_waits()
    {
        Utf8Stream stream = new();
        Assert.Equal("a", stream.Push([0x61, 0xF0]));
        Assert.Equal("", stream.Push([0x9F]));
        Assert.Equal("", stream.Push([]));
        Assert.Equal("", stream.Push([0xA6]));
        Assert.Equal("🦙é", stream.Push([0x99, 0xC3, 0xA9, 0xE2]));
        Assert.Equal("\uFFFD", stream.Flush());
        Assert.Equal("", stream.Flush());
        Assert.Equal("b", stream.Push([0x62]));
    }

    [Fact]
    public void What_cannot_be_a_character_is_replaced_at_once()
    {
        Utf8Stream stream = new();
        Assert.Equal("\uFFFD", stream.Push([0xFF]));
        Assert.Equal("", stream.Push([0xE2, 0x82]));
        Assert.Equal("\uFFFDa", stream.Push([0x61]));
        Assert.Equal("\uFFFD\uFFFD\uFFFD", stream.Push([0xED, 0xA0, 0x80])); // half of a surrogate pair, in UTF-8's manner
    }

    [Fact]
    public void However_the_bytes_are_cut_the_text_is_the_same() =>
        Gen.Select(
            Gen.OneOf(Gen.Byte.Array[0, 40], QwenTokenizerTests.Texts.Select(Encoding.UTF8.GetBytes), Gen.Int[0,
                Parts.Length - 1].Select(i => Parts[i]).Array[0, 30]),
            Gen.Int[1, 5].Array[1, 8]).Sample((bytes, cuts) =>
        {
            Utf8Stream stream = new();
            List<string> pieces = [];
            for (int start = 0, cut = 0; start < bytes.Length; cut++)
            {
                int end = Math.Min(bytes.Length, start + cuts[cut % cuts.Length]);
                pieces.Add(stream.Push(bytes.AsSpan(start..end)));
                start = end;
            }
            pieces.Add(stream.Flush());
            Assert.Equal(Encoding.UTF8.GetString(bytes), string.Concat(pieces));
            Assert.DoesNotContain(pieces, piece => piece.Length > 0 && (char.IsHighSurrogate(piece[^1]) || char.IsLowSurrogate(piece[0])));
        }, iter: 20_000);
}
