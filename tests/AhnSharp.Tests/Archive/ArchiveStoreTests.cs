using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Archive;
using AhnSharp.Kernels;
using Xunit;

namespace AhnSharp.Tests.Archive;

public sealed class ArchiveStoreTests
{
    [Theory]
    [InlineData(ArchiveType.EightBits, 1.0 / 254)]
    [InlineData(ArchiveType.FourBits, 1.0 / 14)]
    [InlineData(ArchiveType.F32, 0)]
    public void Keys_and_values_come_back_within_half_a_step(ArchiveType type, double step)
    {
        const int D = 64, B = 32;
        var random = new Random(5);
        using var store = new ArchiveStore(IndexQueriesTests.Shape(D, B, 2, type));
        store.Reserve(0, 1);
        float[] keys = IndexQueriesTests.Gaussian(random, B * D, 3), values = IndexQueriesTests.Gaussian(random, B * D, 1),
            readKeys = new float[B * D], readValues = new float[B * D];
        keys.AsSpan(7 * D, D).Clear();
        store.Seal(0, 0, keys, values, new float[B * D]);
        ArchiveCodes.ReadKeys(store.Shape, store.Head(0, 0), readKeys);
        ArchiveCodes.ReadValues(store.Shape, store.Head(0, 0), readValues);
        for (int j = 0; j < B; j++)
        {
            double mostKey = keys.Skip(j * D).Take(D).Max(Math.Abs), mostValue = values.Skip(j * D).Take(D).Max(Math.Abs);
            for (int i = 0; i < D; i++)
            {
                Assert.InRange(Math.Abs(keys[j * D + i] - readKeys[i * B + j]), 0, 1.001 * step * mostKey);
                Assert.InRange(Math.Abs(values[j * D + i] - readValues[j * D + i]), 0, 1.001 * step * mostValue);
            }
        }
    }

    [Theory]
    [InlineData(ArchiveType.EightBits)]
    [InlineData(ArchiveType.FourBits)]
    public void An_index_that_is_rebuilt_from_the_stored_codes_has_the_same_bits(ArchiveType type)
    {
        using ArchiveStore store = IndexQueriesTests.Filled(new Random(8), 64, 32, blocks: 11, type);
        using var rebuilt = new ArchiveStore(store.Shape);
        rebuilt.Reserve(0, 11);
        for (int block = 0; block < 11; block++) store.Block(block).CopyTo(rebuilt.Sealing(block));
        for (int block = 0; block < 11; block++) rebuilt.MakeIndex(block, 0, new float[64 * 32]);
        for (int block = 0; block < 11; block++) Assert.Equal(store.Index(block, 0).ToArray(), rebuilt.Index(block, 0).ToArray());
        Assert.Contains(store.Index(0, 0).ToArray(), code => code != 0);
    }

    [Fact]
    public void A_fork_shares_what_both_have_and_copies_one_segment_when_it_goes_on()
    {
        using ArchiveStore store = IndexQueriesTests.Filled(new Random(9), 64, 32, blocks: 10, ArchiveType.EightBits);
        byte[] before = store.Block(9).ToArray();
        using ArchiveStore fork = store.Fork();
        // What is being sealed is each one's own, and there is none yet.
        Assert.Equal(
            store.Parts.Select(part => part.Part).Where(part => part is SharedBuffer), fork.Parts.Select(part => part.Part),
            ReferenceEqualityComparer.Instance);
        Assert.Equal(ArchiveStore.SegmentBlocks * store.Shape.IndexBytes, fork.Reserve(10, 11));
        fork.Seal(10, 0, new float[64 * 32], new float[64 * 32], new float[64 * 32]);
        Assert.Equal(2 * store.Shape.BlockBytes, fork.Keep());
        Assert.Equal(before, store.Block(9).ToArray());
        Assert.Equal(before, fork.Block(9).ToArray());
        Assert.Equal(store.Head(0, 0).ToArray(), fork.Head(0, 0).ToArray());
        Assert.Equal(0, fork.Reserve(11, 12));
    }

    [Fact]
    public void Of_equal_scores_the_newer_block_is_kept()
    {
        var top = new TopBlocks(3);
        top.Clear(3);
        foreach ((float score, int block) in new[] { (1f, 4), (2f, 1), (1f, 9), (1f, 2), (2f, 7) }) top.Offer(score, block);
        Assert.Equal([7, 1, 9], top.Blocks.ToArray());
    }
}
