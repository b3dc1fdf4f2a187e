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
        using var state = new MemoryState(3, 2, 8);
        Assert.Equal(3 * 2 * 64 * 4, state.ByteLength);
        for (int layer = 0; layer < 3; layer++)
        {
            for (int head = 0; head < 2; head++)
            {
                Assert.Equal(new float[64], state.Of(layer, head).ToArray());
                state.Of(layer, head).Fill(10 * layer + head + 1);
            }
        }
        for (int layer = 0; layer < 3; layer++)
        {
            for (int head = 0; head < 2; head++) Assert.All(state.Of(layer, head).ToArray(), x => Assert.Equal(10 * layer + head + 1, x));
        }
        state.Clear();
        Assert.All(state.Of(2, 1).ToArray(), x => Assert.Equal(0, x));
    }

    [Fact]
    public void A_layer_is_put_back_as_it_was()
    {
        using var state = new MemoryState(2, 3, 4);
        using var undo = new NativeBuffer(8 + state.LayerByteLength);
        for (int head = 0; head < 3; head++) state.Of(1, head).Fill(head);
        state.Of(0, 0).Fill(7);
        state.CopyLayerTo(1, undo, 8);
        for (int head = 0; head < 3; head++) state.Of(1, head).Fill(-1);
        state.CopyLayerFrom(1, undo, 8);
        for (int head = 0; head < 3; head++) Assert.All(state.Of(1, head).ToArray(), x => Assert.Equal(head, x));
        Assert.All(state.Of(0, 0).ToArray(), x => Assert.Equal(7, x));
        Assert.Throws<ArgumentOutOfRangeException>(() => state.CopyLayerTo(1, undo, 9));
    }

    [Fact]
    public void Layers_and_heads_out_of_range_are_refused()
    {
        using var state = new MemoryState(2, 3, 4);
        Assert.Throws<ArgumentOutOfRangeException>(() => state.Of(2, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => state.Of(0, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => state.Of(-1, 0));
    }

    // 7B: 28 layers, 28 heads, D = 128.
    [Fact]
    public void The_state_of_7B_takes_51_MB() => Assert.Equal(51_380_224, MemoryState.Bytes(28, 28, 128));
}
