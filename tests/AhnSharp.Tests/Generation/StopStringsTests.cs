using System;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using AhnSharp.Generation;
using Xunit;

namespace AhnSharp.Tests.Generation;

public sealed class StopStringsTests
{
    [Theory]
    [InlineData("one two three", "two", "one ")]
    [InlineData("aaab", "aab", "a")]
    [InlineData("no stop here", "###", "no stop here")]
    [InlineData("ends with ##", "###", "ends with ##")]
    [InlineData("naïve 狗😀 end", "😀", "naïve 狗")]
    [InlineData("only 😁 its cousin", "😀", "only 😁 its cousin")]
    [InlineData("abc", "abcd|b", "a")]
    [InlineData("xx\n\nUser: hi", "User:|\n\nUser:", "xx")]
    [InlineData("stop", "stop", "")]
    public void The_text_ends_before_the_stop_string_however_it_is_cut(string text, string stops, string expected)
    {
        ImmutableArray<string> all = [.. stops.Split('|')];
        Rune[] runes = text.EnumerateRunes().ToArray();
        for (int cuts = 0; cuts < 1 << Math.Min(runes.Length - 1, 10); cuts++)
        {
            StopStrings stop = new(all);
            StringBuilder released = new(), piece = new();
            for (int i = 0; i < runes.Length; i++)
            {
                piece.Append(runes[i].ToString());
                if (i < runes.Length - 1 && (cuts >> i % 10 & 1) == 0) continue;
                released.Append(stop.Push(piece.ToString()));
                piece.Clear();
                Assert.StartsWith(released.ToString(), expected, StringComparison.Ordinal);
                // Half a character is never released.
                Assert.DoesNotContain(Rune.ReplacementChar, released.ToString().EnumerateRunes());
            }
            released.Append(stop.Flush());
            Assert.Equal(expected, released.ToString());
            Assert.Equal(expected != text, stop.Found is not null);
        }
    }

    [Fact]
    public void What_cannot_be_a_stop_string_is_released_at_once()
    {
        StopStrings stop = new(["###"]);
        Assert.Equal("text ", stop.Push("text #"));
        Assert.Equal("", stop.Push("#"));
        Assert.Equal("##!", stop.Push("!"));
        Assert.Equal("", stop.Push("##"));
        Assert.Equal("##", stop.Flush());
    }

    [Fact]
    public void Without_stop_strings_pieces_pass_unchanged()
    {
        StopStrings stop = new([]);
        Assert.Equal("piece", stop.Push("piece"));
        Assert.Equal("", stop.Flush());
    }
}
