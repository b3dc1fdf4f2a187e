using System;
using System.Security.Cryptography;
using AhnSharp.Gguf;
using Xunit;

namespace AhnSharp.Tests.Gguf;

public class Sha256Tests
{
    [Fact]
    public void Equals_the_platforms_for_every_length_and_cut()
    {
        var random = new Random(6);
        byte[] bytes = new byte[300];
        random.NextBytes(bytes);
        for (int length = 0; length <= bytes.Length; length++)
        {
            var hash = new Sha256();
            int cut = random.Next(length + 1);
            hash.Append(bytes.AsSpan(0, cut));
            hash.Append(bytes.AsSpan(cut, length - cut));
            Assert.Equal(SHA256.HashData(bytes.AsSpan(0, length)), hash.Finish());
        }
    }
}
