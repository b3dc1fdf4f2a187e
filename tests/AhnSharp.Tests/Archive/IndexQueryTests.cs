using System;
using System.Linq;
using AhnSharp.Archive;
using Xunit;

namespace AhnSharp.Tests.Archive;

public sealed class IndexQueryTests
{
    [Theory]
    [InlineData(1, 64, 32)]
    [InlineData(7, 64, 32)]
    [InlineData(4, 128, 32)]
    [InlineData(2, 32, 64)]
    [InlineData(3, 64, 128)]
    public void Vectors_give_the_bits_of_the_definition(int heads, int d, int b)
    {
        var random = new Random(heads * 1000 + d + b);
        using ArchiveStore store = Filled(random, d, b, blocks: 4, ArchiveType.EightBits);
        var query = new IndexQuery(store.Shape, heads);
        float[] queries = Gaussian(random, heads * d, 2), fast = new float[heads], slow = new float[heads];
        query.Set(queries, store.Centre(0));
        for (int block = 0; block < 4; block++)
        {
            query.Score(store.Index(block, 0), fast);
            query.ScoreScalar(store.Index(block, 0), slow);
            Assert.Equal(slow.Select(BitConverter.SingleToInt32Bits), fast.Select(BitConverter.SingleToInt32Bits));
        }
    }

    // Both roundings together: an estimate is off by a few hundredths of the longest score.
    [Fact]
    public void Estimates_are_near_the_scores_that_they_stand_for()
    {
        const int D = 64, B = 32, Heads = 2;
        var random = new Random(3);
        using ArchiveStore store = Filled(random, D, B, blocks: 4, ArchiveType.EightBits);
        var query = new IndexQuery(store.Shape, Heads);
        float[] queries = Gaussian(random, Heads * D, 1), found = new float[Heads], keys = new float[D * B];
        query.Set(queries, store.Centre(0));
        for (int block = 0; block < 4; block++)
        {
            query.Score(store.Index(block, 0), found);
            ArchiveCodes.ReadKeys(store.Shape, store.Head(block, 0), keys);
            for (int head = 0; head < Heads; head++)
            {
                double best = Enumerable.Range(0, B).Max(
                    j => Enumerable.Range(0, D).Sum(i => (double)queries[head * D + i] * keys[i * B + j]));
                Assert.Equal(best, found[head], 4.0);
                Assert.NotEqual(0, found[head]);
            }
        }
    }

    // The centre takes part: queries of the largest codes against keys of the largest codes end at the ends of 16 bits and not beyond.
    [Fact]
    public void Sums_of_the_largest_codes_do_not_overflow()
    {
        const int D = 64, B = 32;
        ArchiveShape shape = Shape(D, B, 1, ArchiveType.EightBits);
        using var store = new ArchiveStore(shape);
        store.Reserve(0, 1);
        float[] keys = new float[B * D], scratch = new float[B * D];
        for (int j = 0; j < B; j++) Array.Fill(keys, j % 2 == 0 ? 1 : -1, j * D, D);
        store.Seal(0, 0, keys, keys, scratch);
        var query = new IndexQuery(shape, 1);
        float[] queries = new float[D], best = new float[1];
        foreach (float sign in (float[])[1, -1])
        {
            Array.Fill(queries, sign * 100);
            query.Set(queries, store.Centre(0));
            query.Score(store.Index(0, 0), best);
            Assert.Equal(6400, best[0], 1f);
        }
    }

    internal static ArchiveShape Shape(int d, int b, int centre, ArchiveType type) => new(
        new ArchiveOptions { BlockTokens = b, CentreBlocks = centre, Type = type }, 1, 1, d, _ => true, 4, 48);

    internal static ArchiveStore Filled(Random random, int d, int b, int blocks, ArchiveType type)
    {
        var store = new ArchiveStore(Shape(d, b, 2, type));
        float[] keys = new float[b * d], scratch = new float[b * d], away = Gaussian(random, d, 5);
        for (int block = 0; block < blocks; block++)
        {
            store.Reserve(block, block + 1);
            for (int i = 0; i < keys.Length; i++) keys[i] = away[i % d] + Gaussian(random, 1, 1)[0];
            store.Seal(block, 0, keys, Gaussian(random, b * d, 1), scratch);
            store.Keep();
        }
        return store;
    }

    internal static float[] Gaussian(Random random, int count, double size)
    {
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = (float)(size * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return values;
    }
}
