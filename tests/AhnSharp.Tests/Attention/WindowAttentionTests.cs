using System;
using AhnSharp.Attention;
using AhnSharp.Kernels;
using Xunit;

namespace AhnSharp.Tests.Attention;

public class WindowAttentionTests
{
    private const int Heads = 6, KvHeads = 2, D = 64, Tokens = 700;

    public static TheoryData<int, int, int, KvType, double> Shapes()
    {
        var data = new TheoryData<int, int, int, KvType, double>();
        foreach ((int window, int sinks, int chunk) in new[]
        {
            (1, 0, 1), (1, 3, 64), (37, 0, 50), (48, 8, 33), (100, 17, 256), (300, 32, 256), (0, 0, 256),
        })
        {
            data.Add(window, sinks, chunk, KvType.F32, 2e-6);
            data.Add(window, sinks, chunk, KvType.F16, 2e-3);
            data.Add(window, sinks, chunk, KvType.Q8_0, 3e-2);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Equals_softmax_over_sinks_and_window(int window, int sinks, int chunk, KvType type, double tolerance)
    {
        var random = new Random(5);
        float[] q = Gaussian(random, Tokens * Heads * D), k = Gaussian(random, Tokens * KvHeads * D),
            v = Gaussian(random, Tokens * KvHeads * D);
        using var ring = new KvRing(new KvGeometry(KvHeads, D, type, 0, sinks, window, chunk));
        var attention = new WindowAttention(KernelTable.Gemm, Heads, KvHeads, D);
        var scratch = new AttentionScratch(Heads / KvHeads, D);
        float[] output = new float[Tokens * Heads * D];
        for (int start = 0; start < Tokens;)
        {
            int count = Math.Min(Tokens - start, random.Next(1, chunk + 1));
            ring.Reserve(start, start + count);
            for (int t = start; t < start + count; t++)
            {
                for (int h = 0; h < KvHeads; h++) ring.Write(h, t, k.AsSpan((t * KvHeads + h) * D, D), v.AsSpan((t * KvHeads + h) * D, D));
            }
            for (int t = start; t < start + count; t += AttentionScratch.QueryBlock)
            {
                int queries = Math.Min(AttentionScratch.QueryBlock, start + count - t);
                for (int h = 0; h < KvHeads; h++)
                {
                    attention.Attend(ring, new AttentionSight(ring.Geometry), h, t, queries, q.AsSpan(t * Heads * D, queries * Heads * D),
                        [], output.AsSpan(t * Heads * D, queries * Heads * D), [], scratch);
                }
            }
            start += count;
        }
        for (int t = 0; t < Tokens; t += 1 + t / 50)
        {
            for (int h = 0; h < Heads; h++)
            {
                double[] expected = Reference(q, k, v, t, h, window, sinks);
                for (int d = 0; d < D; d++) Assert.Equal(expected[d], output[(t * Heads + h) * D + d], tolerance);
            }
        }
    }

    // Windows of 1,500 begin and end anywhere between the cuts at multiples of 1,024; one of 1,025 is the shortest that is cut.
    [Theory]
    [InlineData(5, 1500, 17, KvType.F16)]
    [InlineData(6, 1500, 0, KvType.F32)]
    [InlineData(7, 1025, 8, KvType.Q8_0)]
    [InlineData(8, 0, 0, KvType.F16)]
    [InlineData(1, 1500, 1200, KvType.F16)]
    public void Spans_together_are_the_whole(int group, int window, int sinks, KvType type)
    {
        const int Length = 3100;
        var random = new Random(11);
        float[] k = Gaussian(random, D), v = Gaussian(random, D), q = Gaussian(random, 8 * group * D);
        using var ring = new KvRing(new KvGeometry(1, D, type, 0, sinks, window, 8));
        var attention = new WindowAttention(KernelTable.Gemm, group, 1, D);
        var scratch = new AttentionScratch(group, D);
        float[] whole = new float[q.Length], joined = new float[q.Length];
        int cut = 0;
        for (int t = 0; t < Length; t += 8)
        {
            ring.Reserve(t, t + 8);
            for (int i = t; i < t + 8; i++)
            {
                for (int d = 0; d < D; d++)
                    (k[d], v[d]) = ((0.9f * k[d]) + (0.4f * v[(d + 7) % D]), ((0.9f * v[d]) - (0.4f * k[(d + 3) % D])));
                ring.Write(0, i, k, v);
            }
            int count = 1 + (t / 8 % 8);
            AttentionSpans spans = AttentionSpans.Of(new AttentionSight(ring.Geometry), t, count);
            if (!spans.IsLong) continue;
            cut++;
            Assert.InRange(spans.Count, 2, 4);
            float[] partials = new float[spans.Count * attention.PartialFloats(count)];
            for (int s = spans.Count - 1; s >= 0; s--)
            {
                attention.AttendSpan(ring, new AttentionSight(ring.Geometry), 0, t, count, q, [], spans, s,
                    partials.AsSpan(s * attention.PartialFloats(count), attention.PartialFloats(count)), scratch);
            }
            attention.Join(0, count, partials, joined, [], scratch);
            attention.Attend(ring, new AttentionSight(ring.Geometry), 0, t, count, q, [], whole, [], scratch);
            for (int i = 0; i < count * group * D; i++) Assert.Equal(whole[i], joined[i], 1e-5f);
        }
        Assert.True(cut > 100);
    }

    [Fact]
    public void Reads_back_what_was_written()
    {
        var random = new Random(9);
        foreach ((KvType type, float tolerance) in new[] { (KvType.F32, 0f), (KvType.F16, 2e-3f), (KvType.Q8_0, 2e-2f) })
        {
            using var ring = new KvRing(new KvGeometry(KvHeads, D, type, 4, 5, 20, 7));
            float[] key = Gaussian(random, D), value = Gaussian(random, D), readKey = new float[D], readValue = new float[D];
            foreach (long position in new long[] { 0, 4, 5, 31, 32, 1_000_003 })
            {
                ring.Reserve(position, position + 1);
                ring.Write(1, position, key, value);
                ring.Gates(position).Fill(position);
                ring.Read(1, position, readKey, readValue);
                Assert.Equal(position, ring.Gates(position)[3]);
                for (int d = 0; d < D; d++)
                {
                    Assert.Equal(key[d], readKey[d], tolerance);
                    Assert.Equal(value[d], readValue[d], tolerance);
                }
            }
        }
    }

    [Fact]
    public void Zero_keys_and_tiny_values_stay_finite()
    {
        using var ring = new KvRing(new KvGeometry(KvHeads, D, KvType.Q8_0, 0, 0, 4, 4));
        float[] tiny = new float[D], readKey = new float[D], readValue = new float[D];
        Array.Fill(tiny, 1e-9f);
        ring.Reserve(0, 1);
        ring.Write(0, 0, new float[D], tiny);
        ring.Read(0, 0, readKey, readValue);
        Assert.All(readKey, x => Assert.Equal(0, x));
        Assert.All(readValue, x => Assert.Equal(0, x, 1e-8f));
    }

    private static double[] Reference(float[] q, float[] k, float[] v, int t, int head, int window, int sinks)
    {
        int kvHead = head / (Heads / KvHeads);
        double[] output = new double[D];
        double sum = 0;
        for (int j = 0; j <= t; j++)
        {
            if (window > 0 && t - j >= window && j >= sinks) continue;
            double score = 0;
            for (int d = 0; d < D; d++) score += (double)q[(t * Heads + head) * D + d] * k[(j * KvHeads + kvHead) * D + d];
            double weight = Math.Exp(score / Math.Sqrt(D));
            sum += weight;
            for (int d = 0; d < D; d++) output[d] += weight * v[(j * KvHeads + kvHead) * D + d];
        }
        for (int d = 0; d < D; d++) output[d] /= sum;
        return output;
    }

    private static float[] Gaussian(Random random, int count)
    {
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return values;
    }
}
