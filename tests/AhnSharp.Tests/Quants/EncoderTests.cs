using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using AhnSharp.Gguf;
using AhnSharp.Quants;
using AhnSharp.Seeds;
using Xunit;

namespace AhnSharp.Tests.Quants;

/// <summary>The encoders against their scalar statement, and what holds for any finite weights.</summary>
public sealed class EncoderTests
{
    public static TheoryData<GgmlType> Written =>
        [.. Enum.GetValues<GgmlType>().Where(type => Quantization.IsWritable(type) && type.BlockLength() > 1)];

    [Fact]
    public void The_symmetric_search_equals_its_scalar_statement_bit_for_bit()
    {
        foreach (float[] w in Pieces(32))
        {
            foreach (int n in new[] { 8, 16, 32 })
            {
                Same(ScalarEncoder.SymmetricScale(w, n), SymmetricSearch.Scale(w, n));
                Same(ScalarEncoder.SymmetricScale(w.AsSpan(0, 16), n), SymmetricSearch.Scale(w.AsSpan(0, 16), n));
            }
        }
    }

    [Fact]
    public void The_affine_search_equals_its_scalar_statement_bit_for_bit()
    {
        foreach (float[] w in Pieces(32))
        {
            float[] importance = new float[32], expected = ScalarEncoder.Importance(w);
            AffineSearch.Weigh(w, importance);
            Assert.Equal(expected, importance);
            foreach ((int n, int first, bool belowZero) in new[] { (15, -10, true), (31, -5, true), (15, -10, false), (31, -5, false) })
            {
                (float scale, float offset) = AffineSearch.Line(w, importance, n, first, 10, belowZero);
                (float expectedScale, float expectedOffset) = ScalarEncoder.Line(w, expected, n, first, 10, belowZero);
                Same(expectedScale, scale);
                Same(expectedOffset, offset);
                Assert.True(scale >= 0 && (!belowZero || offset <= 0));
            }
        }
    }

    [Theory]
    [InlineData(GgmlType.Q4_K)]
    [InlineData(GgmlType.Q5_K)]
    public void Of_the_pairs_beside_it_no_super_block_has_missed_a_better_one(GgmlType type)
    {
        foreach (float[] w in Pieces(256).Take(60))
        {
            (Half d, Half dMin, Func<int, (int Scale, int Min)> pair, int n) = Parts(type, w);
            for (int s = 0; s < 8; s++)
            {
                float[] part = w[(32 * s)..(32 * s + 32)], importance = ScalarEncoder.Importance(part);
                (int scale, int min) = pair(s);
                float chosen = ScalarEncoder.Error(part, importance, (float)d * scale, (float)dMin * min, n);
                (float foundScale, float offset) = ScalarEncoder.Line(
                    part, importance, n, type == GgmlType.Q4_K ? -10 : -5, 10, belowZero: true);
                int rounded = d == Half.Zero ? 0 : Math.Min(63, (int)MathF.Round(foundScale / (float)d)),
                    roundedMin = dMin == Half.Zero ? 0 : Math.Min(63, (int)MathF.Round(-offset / (float)dMin));
                Assert.InRange(scale, rounded - 1, rounded + 1);
                Assert.InRange(min, roundedMin - 1, roundedMin + 1);
                for (int a = Math.Max(0, rounded - 1); a <= Math.Min(63, rounded + 1); a++)
                {
                    for (int b = Math.Max(0, roundedMin - 1); b <= Math.Min(63, roundedMin + 1); b++)
                        Assert.True(chosen <= ScalarEncoder.Error(part, importance, (float)d * a, (float)dMin * b, n));
                }
            }
        }
    }

    /// <summary>
    /// Blocks of everything a float can be: any exponent, any mixture of sizes, and the largest magnitudes that a format takes.
    /// </summary>
    [Theory]
    [MemberData(nameof(Written))]
    public void Any_finite_weights_come_back_finite_and_within_the_bound(GgmlType type)
    {
        (float bound, float floor) = Bound(type);
        foreach (float[] w in Wild(type))
        {
            byte[] blocks = new byte[type.RowBytes(w.Length)];
            float[] back = new float[w.Length];
            Quantization.Quantize(type, w, blocks);
            Quantization.Dequantize(type, blocks, back);
            float largest = w.Max(MathF.Abs);
            for (int i = 0; i < w.Length; i++)
            {
                Assert.True(MathF.Abs(w[i] - back[i]) <= bound * largest + floor,
                    $"{type}: {w[i]:R} came back as {back[i]:R} in a block up to {largest:R}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Written))]
    public void A_whole_row_is_its_blocks_one_by_one(GgmlType type)
    {
        float[] w = SeededTensor.All[1].Weights[..2048];
        byte[] whole = new byte[type.RowBytes(w.Length)], one = new byte[type.BlockBytes()];
        Quantization.Quantize(type, w, whole);
        for (int i = 0; i < w.Length / type.BlockLength(); i++)
        {
            Quantization.Quantize(type, w.AsSpan(i * type.BlockLength(), type.BlockLength()), one);
            Assert.Equal(one, whole[(i * one.Length)..((i + 1) * one.Length)]);
        }
    }

    /// <summary>
    /// Of all seeded tensors in this format. Equal with AVX-512, AVX2, SSE and no SIMD at all; a change of an encoder changes it knowingly.
    /// </summary>
    [Theory]
    [InlineData(GgmlType.Q4_0, "711a75e7e59f6f36")]
    [InlineData(GgmlType.Q4_1, "413d96d408f75524")]
    [InlineData(GgmlType.Q5_0, "0bbf56dcc8b6601d")]
    [InlineData(GgmlType.Q5_1, "4f1b715a8393d67d")]
    [InlineData(GgmlType.Q8_0, "e02bd9f115dc7930")]
    [InlineData(GgmlType.Q4_K, "27f3e70ae7878e4c")]
    [InlineData(GgmlType.Q5_K, "f9c39a9045f0b49f")]
    [InlineData(GgmlType.Q6_K, "b322a77d855d5ae1")]
    public void The_bytes_are_the_same_on_every_machine(GgmlType type, string sha256Start)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] blocks = new byte[type.RowBytes(SeededTensor.Rows * SeededTensor.RowLength)];
        foreach (SeededTensor tensor in SeededTensor.All)
        {
            Quantization.Quantize(type, tensor.Weights, blocks);
            hash.AppendData(blocks);
        }
        Assert.Equal(sha256Start, Convert.ToHexStringLower(hash.GetHashAndReset())[..16]);
    }

    /// <summary>The largest error as a part of the block's largest magnitude, and what f16 scales of 6e-8 leave.</summary>
    private static (float Bound, float Floor) Bound(GgmlType type) => type switch
    {
        GgmlType.Q8_0 => (0.5f / 127 + 1f / 1024, 4e-6f),       // D is rounded after the weights: no step near 0 is refined
        GgmlType.Q4_0 => (0.22f, 1e-6f),
        GgmlType.Q5_0 => (0.11f, 1e-6f),
        GgmlType.Q4_1 => (0.16f, 1e-6f),
        GgmlType.Q5_1 => (0.08f, 1e-6f),
        GgmlType.Q4_K => (0.16f, 4e-6f),
        GgmlType.Q5_K => (0.10f, 4e-6f),
        _ => (0.06f, 1e-6f),
    };

    private static (Half D, Half DMin, Func<int, (int Scale, int Min)> Pair, int N) Parts(GgmlType type, float[] w)
    {
        if (type == GgmlType.Q4_K)
        {
            BlockQ4_K four = BlockQ4_K.Quantize(w);
            return (four.D, four.DMin, s => four.ScaleAndMin(s), 15);
        }
        BlockQ5_K five = BlockQ5_K.Quantize(w);
        return (five.D, five.DMin, s => five.ScaleAndMin(s), 31);
    }

    private static IEnumerable<float[]> Pieces(int length)
    {
        foreach (SeededTensor tensor in SeededTensor.All)
        {
            for (int i = 0; i < 24; i++) yield return tensor.Weights[(i * 1999 / length * length)..(i * 1999 / length * length + length)];
        }
    }

    private static IEnumerable<float[]> Wild(GgmlType type)
    {
        SplitMix64 random = new(77);
        float largest = QuantFormats.Of(type).Largest;
        for (int round = 0; round < 400; round++)
        {
            float[] w = new float[type.BlockLength()];
            uint exponents = (uint)(random.NextUInt64() % 255) + 1, lowest = (uint)(random.NextUInt64() % exponents);
            bool positive = random.NextUInt64() % 4 == 0;
            for (int i = 0; i < w.Length; i++)
            {
                ulong bits = random.NextUInt64();
                float value = BitConverter.UInt32BitsToSingle(lowest + (uint)(bits >> 40) % (exponents - lowest) << 23
                    | (uint)bits & 0x7FFFFF | (positive ? 0 : (uint)(bits >> 32) & 0x80000000));
                w[i] = Math.Clamp(value, -largest, largest);
            }
            yield return w;
        }
        foreach (float edge in new[] { largest, -largest, 65504, 6e-8f, 3e-8f, 2.9e-8f, float.Epsilon })
        {
            float[] all = new float[type.BlockLength()], one = new float[type.BlockLength()];
            Array.Fill(all, edge);
            one[7] = edge;
            yield return all;
            yield return one;
            yield return [.. all.Select((x, i) => i % 2 == 0 ? x : -x)];
        }
    }

    private static void Same(float expected, float found) =>
        Assert.True(
            BitConverter.SingleToUInt32Bits(expected) == BitConverter.SingleToUInt32Bits(found), $"expected {expected:R}, found {found:R}");
}
