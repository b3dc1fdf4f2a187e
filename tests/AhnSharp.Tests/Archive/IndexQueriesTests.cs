using System;
using System.Linq;
using AhnSharp.Archive;
using AhnSharp.Kernels;
using Xunit;

namespace AhnSharp.Tests.Archive;

public sealed class IndexQueriesTests
{
    // Both roundings together, beside the length of query times that of key.
    [Theory]
    [InlineData(64, 32, 2)]
    [InlineData(128, 32, 7)]
    [InlineData(96, 40, 3)]
    [InlineData(16, 8, 4)]
    public void Estimates_are_near_the_scores_that_they_stand_for(int d, int b, int group)
    {
        var random = new Random(3);
        using ArchiveStore store = Filled(random, d, b, blocks: 4, ArchiveType.EightBits);
        var queries = new IndexQueries(store.Shape, KernelTable.Index, group, 1);
        float[] u = Gaussian(random, group * d, 1), found = new float[group], keys = new float[d * b], centre = store.Centre(0).ToArray();
        float[] none = [.. Enumerable.Repeat(1f, d / 2), .. Enumerable.Repeat(0f, d / 2)];
        queries.Set(0, u, 0.5f);
        queries.Turn(0, none, centre);
        double difference = 0, size = 0;
        for (int block = 0; block < 4; block++)
        {
            queries.Score(store.Index(block, 0), found);
            ArchiveCodes.ReadKeys(store.Shape, store.Head(block, 0), keys);
            for (int g = 0; g < group; g++)
            {
                double best = Enumerable.Range(0, b).Max(j => Enumerable.Range(0, d).Sum(i => 0.5 * u[g * d + i] * keys[i * b + j]));
                difference += Math.Pow(best - found[g], 2);
                size += Enumerable.Range(0, d).Sum(i => Math.Pow(0.5 * u[g * d + i], 2)) * keys.Sum(k => (double)k * k) / b;
            }
        }
        Assert.InRange(Math.Sqrt(difference / size), 1e-5, 0.008);
    }

    [Theory]
    [InlineData(64, 2)]
    [InlineData(128, 7)]
    [InlineData(192, 1)]
    public void Vectors_give_the_bits_of_the_definition(int d, int group)
    {
        var random = new Random(d + group);
        using ArchiveStore store = Filled(random, d, 32, blocks: 4, ArchiveType.EightBits);
        var queries = new IndexQueries(store.Shape, KernelTable.Index, group, 2);
        var rope = new Rope(d, 10_000);
        float[] turn = new float[d], fast = new float[2 * group], slow = new float[2 * group];
        queries.Set(0, Gaussian(random, group * d, 2), 0.125f);
        queries.Set(1, Gaussian(random, group * d, 20), 0.125f);
        for (int block = 0; block < 4; block++)
        {
            rope.Turn(7001 * block, turn.AsSpan(0, d / 2), turn.AsSpan(d / 2));
            queries.Turn(0, turn, store.Centre(0));
            queries.Turn(1, turn, store.Centre(0));
            queries.Score(store.Index(block, 0), fast);
            for (int query = 0; query < 2 * group; query++) queries.TurnScalar(query, turn, store.Centre(0));
            queries.Score(store.Index(block, 0), slow);
            Assert.Equal(slow.Select(BitConverter.SingleToInt32Bits), fast.Select(BitConverter.SingleToInt32Bits));
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
        float[] keys = new float[B * D], scratch = new float[B * D], none = new float[D];
        Array.Fill(none, 1, 0, D / 2);
        for (int j = 0; j < B; j++) Array.Fill(keys, j % 2 == 0 ? 1 : -1, j * D, D);
        store.Seal(0, 0, keys, keys, scratch);
        var queries = new IndexQueries(shape, KernelTable.Index, 1, 1);
        float[] u = new float[D], best = new float[1];
        foreach (float sign in (float[])[1, -1])
        {
            Array.Fill(u, sign * 100);
            queries.Set(0, u, 1);
            queries.Turn(0, none, store.Centre(0));
            queries.Score(store.Index(0, 0), best);
            Assert.Equal(6400, best[0], 40f); // √2 of the codes' range is left to turns
        }
    }

    [Fact]
    public void Several_tokens_are_estimated_as_each_alone_is()
    {
        const int D = 64, B = 32, Group = 3, Tokens = 5, Blocks = 9;
        var random = new Random(5);
        using ArchiveStore store = Filled(random, D, B, Blocks, ArchiveType.EightBits);
        var rope = new Rope(D, 10_000);
        for (int block = 0; block < Blocks; block++) store.WriteTurn(rope, block);
        var scan = new IndexScan(store.Shape, KernelTable.Index, Group, rope);
        float[] queries = Gaussian(random, Tokens * Group * D, 2), logSums = Gaussian(random, Tokens * Group, 1),
            far = Gaussian(random, Tokens * D, 0.5), together = new float[Tokens * Blocks], alone = new float[Blocks];
        for (int t = 0; t < Tokens; t++) Add(t);
        scan.Run(0, Blocks, together, Blocks);
        for (int t = 0; t < Tokens; t++)
        {
            scan.Clear();
            Add(t);
            // In two pieces, of which the second begins beyond reach or within it.
            scan.Run(0, 4, alone, Blocks);
            scan.Clear();
            Add(t);
            scan.Run(4, Blocks - 4, alone.AsSpan(4), Blocks);
            Assert.Equal(
                alone.Select(BitConverter.SingleToInt32Bits),
                together.Skip(t * Blocks).Take(Blocks).Select(BitConverter.SingleToInt32Bits));
            Assert.Equal(Blocks, alone.Distinct().Count());
        }

        void Add(int t) => scan.Add(new ArchiveQuery
        {
            Store = store,
            Slot = 0,
            Position = 400 + 32 * t,
            Blocks = Blocks,
            Reach = 300,
            Queries = queries.AsSpan(t * Group * D, Group * D),
            FarTurn = far.AsSpan(t * D, D),
            LogSums = logSums.AsSpan(t * Group, Group),
        });
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
