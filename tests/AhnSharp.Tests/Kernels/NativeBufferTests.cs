using System;
using AhnSharp.Kernels;
using AhnSharp.Machine;
using Xunit;

namespace AhnSharp.Tests.Kernels;

public sealed class NativeBufferTests
{
    // Below, at and above the length from which large pages are asked for, and one that is no multiple of a page.
    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(2 * LargePages.Length)]
    [InlineData((5 * LargePages.Length) + 77)]
    public unsafe void Memory_for_weights_is_zero_aligned_and_as_long_as_asked(int byteLength)
    {
        using NativeBuffer buffer = NativeBuffer.ForWeights(byteLength);
        Assert.Equal(byteLength, buffer.ByteLength);
        Assert.Equal(-1, buffer.Span<byte>(0, byteLength).IndexOfAnyExcept((byte)0));
        buffer.Span<byte>(0, byteLength).Fill(0xA5);
        Assert.Equal(-1, buffer.Span<byte>(0, byteLength).IndexOfAnyExcept((byte)0xA5));
        fixed (byte* start = buffer.Span<byte>(0, byteLength))
            Assert.Equal(0, (long)start % (byteLength < 2 * LargePages.Length ? 64 : LargePages.Length));
    }
}
