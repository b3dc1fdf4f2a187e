using System;
using System.IO;
using AhnSharp.Evaluation;
using Xunit;

namespace AhnSharp.Tests.Evaluation;

public sealed class TokenIdsTests
{
    [Fact]
    public void White_space_of_any_kind_separates_ids() =>
        Assert.Equal([1, 22, 0, 151935], TokenIds.Read(new StringReader(" 1\n22\t0\r\n  151935"), "ids.txt"));

    [Fact]
    public void An_empty_file_has_no_ids() => Assert.Empty(TokenIds.Read(new StringReader(" \n"), "ids.txt"));

    [Theory]
    [InlineData("1 2 three", "\"three\" as number 2")]
    [InlineData("-1", "\"-1\" as number 0")]
    [InlineData("1,2", "\"1,2\" as number 0")]
    [InlineData("5 99999999999", "\"99999999999\" as number 1")]
    [InlineData("1 1234567890123456789012345", "as number 1")]
    public void What_is_no_id_is_named(string text, string named)
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => TokenIds.Read(new StringReader(text), "ids.txt"));
        Assert.Contains("ids.txt", error.Message, StringComparison.Ordinal);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_id_outside_the_vocabulary_is_named()
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => TokenIds.ThrowUnlessIn([3, 6144], 6144, "ids.txt"));
        Assert.Contains("found 6144 at place 1", error.Message, StringComparison.Ordinal);
        TokenIds.ThrowUnlessIn([0, 6143], 6144, "ids.txt");
    }
}
