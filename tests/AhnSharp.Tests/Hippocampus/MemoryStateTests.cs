using System;
using AhnSharp.Hippocampus;
using AhnSharp.Kernels;
using Xunit;

namespace AhnSharp.Tests.Hippocampus;

public sealed class MemoryStateTests
{
    [Fact]
    public void States_are_zero_apart_from_each_other_and_cleared()
    {
        using var state = new MemoryState(2, 8);
        Assert.Equal(2 * 64 * 4, state.ByteLength);
        for (int head = 0; head < 2; head++)
        {
            Assert.Equal(new float[64], state.Of(head).ToArray());
            state.Of(head).Fill(head + 1);
        }
        for (int head = 0; head < 2; head++) Assert.All(state.Of(head).ToArray(), x => Assert.Equal(head + 1, x));
        state.Clear();
        Assert.All(state.Of(1).ToArray(), x => Assert.Equal(0, x));
    }

    [Fact]
    public void A_memory_is_put_back_as_it_was()
    {
        using var state = new MemoryState(3, 4);
        using var undo = new NativeBuffer(8 + state.ByteLength);
        for (int head = 0; head < 3; head++) state.Of(head).Fill(head);
        state.CopyTo(undo, 8);
        for (int head = 0; head < 3; head++) state.Of(head).Fill(-1);
        state.CopyFrom(undo, 8);
        for (int head = 0; head < 3; head++) Assert.All(state.Of(head).ToArray(), x => Assert.Equal(head, x));
        Assert.Throws<ArgumentOutOfRangeException>(() => state.CopyTo(undo, 9));
    }

    [Fact]
    public void A_fork_shares_its_states_until_one_of_the_two_writes()
    {
        using var state = new MemoryState(2, 4);
        state.Of(1).Fill(3);
        using MemoryState fork = state.Fork();
        Assert.Same(state.States, fork.States);
        Assert.Equal(fork.ByteLength, fork.Unshare());
        fork.Of(1).Fill(4);
        Assert.Equal(3, state.Of(1)[0]);
        Assert.Equal(0, state.Unshare());
        using MemoryState third = state.Fork();
        third.Clear();
        Assert.Equal((3f, 0f), (state.Of(1)[0], third.Of(1)[0]));
    }

    [Fact]
    public void Heads_out_of_range_and_a_disposed_memory_are_refused()
    {
        var state = new MemoryState(3, 4);
        Assert.Throws<ArgumentOutOfRangeException>(() => state.Of(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => state.Of(-1));
        state.Dispose();
        Assert.Throws<ObjectDisposedException>(() => state.Of(0));
    }

    // 7B: 28 layers, 28 heads, D = 128.
    [Fact]
    public void The_state_of_7B_takes_51_MB() => Assert.Equal(51_380_224, MemoryState.Bytes(28, 28, 128));
}
