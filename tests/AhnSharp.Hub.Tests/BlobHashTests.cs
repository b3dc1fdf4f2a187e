using System;
using Xunit;

namespace AhnSharp.Hub.Tests;

public sealed class BlobHashTests
{
    [Fact]
    public void Equals_the_platforms_for_every_length_and_cut()
    {
        Random random = new(6);
        for (int length = 0; length <= 200; length++)
        {
            byte[] bytes = FakeHub.Noise(length, length);
            int cut = random.Next(length + 1);
            foreach (bool byPlatform in new[] { true, false })
            {
                using BlobHash large = BlobHash.Sha256(byPlatform);
                large.Append(bytes.AsSpan(0, cut));
                large.Append(bytes.AsSpan(cut));
                Assert.Equal(FakeHub.Sha256Of(bytes), large.Finish());
            }
            using BlobHash small = BlobHash.For(new string('0', BlobHash.GitDigits), length);
            small.Append(bytes.AsSpan(0, cut));
            small.Append(bytes.AsSpan(cut));
            Assert.Equal(FakeHub.GitHashOf(bytes), small.Finish());
        }
    }

    // git hash-object of an empty file, and of "hello\n".
    [Theory]
    [InlineData("", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")]
    [InlineData("hello\n", "ce013625030ba8dba906f756967f9e9ca394464a")]
    public void Is_gits_own(string text, string expected)
    {
        using BlobHash hash = BlobHash.For(expected, text.Length);
        hash.Append(System.Text.Encoding.ASCII.GetBytes(text));
        Assert.Equal(expected, hash.Finish());
    }

    [Theory]
    [InlineData("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", true)]
    [InlineData("E69de29bb2d1d6434b8b29ae775ad8c2e48c5391", false)]
    [InlineData("../../../../../../../../../../../../etc/", false)]
    [InlineData("", false)]
    public void An_id_is_a_whole_hash_in_lower_case(string text, bool isId) => Assert.Equal(isId, BlobHash.IsId(text));
}
