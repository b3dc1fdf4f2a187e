using System;
using System.Linq;
using System.Runtime.CompilerServices;
using AhnSharp.Gguf;
using AhnSharp.Quants;
using Xunit;

namespace AhnSharp.Tests.Quants;

public sealed class BlockTests
{
    public static TheoryData<GgmlType> Types => [.. Enum.GetValues<GgmlType>()];

    public static TheoryData<GgmlType> ReadOnlyTypes =>
        [.. Enum.GetValues<GgmlType>().Except([GgmlType.F32, GgmlType.F16, GgmlType.BF16, GgmlType.Q8_0, GgmlType.Q4_0, GgmlType.Q4_1,
            GgmlType.Q5_0, GgmlType.Q5_1, GgmlType.Q4_K, GgmlType.Q5_K, GgmlType.Q6_K])];

    [Fact]
    public void Blocks_have_the_sizes_of_their_types()
    {
        Check<BlockF32>(4);
        Check<BlockF16>(2);
        Check<BlockBF16>(2);
        Check<BlockQ8_0>(34);
        Check<BlockQ4_0>(18);
        Check<BlockQ4_1>(20);
        Check<BlockQ5_0>(22);
        Check<BlockQ5_1>(24);
        Check<BlockQ2_K>(84);
        Check<BlockQ3_K>(110);
        Check<BlockQ4_K>(144);
        Check<BlockQ5_K>(176);
        Check<BlockQ6_K>(210);
        Check<BlockIQ4_NL>(18);
        Check<BlockIQ4_XS>(136);

        static void Check<TBlock>(int bytes) where TBlock : unmanaged, IBlock<TBlock>
        {
            Assert.Equal(bytes, Unsafe.SizeOf<TBlock>());
            Assert.Equal(bytes, TBlock.Type.BlockBytes());
            Assert.Equal(TBlock.Length, TBlock.Type.BlockLength());
            Assert.Equal($"Block{TBlock.Type}", typeof(TBlock).Name);
        }
    }

    [Fact]
    public void Every_type_has_one_row_and_a_name()
    {
        Assert.Equal(Enum.GetValues<GgmlType>().Order(), QuantFormats.Rows.Select(row => row.Type).Order());
        Assert.Equal(QuantFormats.Rows.Select(row => row.Type.ToString()), GgmlTypes.Known.Split(", "));
        Assert.All(QuantFormats.Rows, row => Assert.Equal(row.Type.BlockLength() == 1, row.Scales is null));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Random_blocks_have_the_wanted_size(GgmlType type)
    {
        const int Count = 1 << 16;
        const float Scale = 0.02f;
        byte[] blocks = new byte[type.RowBytes(Count)];
        Quantization.FillRandom(type, new Random(7), blocks, Scale);
        float[] w = new float[Count];
        Quantization.Dequantize(type, blocks, w);
        Assert.All(w, x => Assert.True(float.IsFinite(x)));
        double size = Math.Sqrt(w.Average(x => (double)x * x));
        Assert.InRange(size, 0.95 * Scale, 1.06 * Scale);
        // Q4_0, Q5_0, Q3_K and IQ4 have one more step below zero than above: their mean is within a fifth of the size, not 0.
        Assert.InRange(w.Average(), -0.2f * Scale, 0.2f * Scale);

        byte[] again = new byte[blocks.Length];
        Quantization.FillRandom(type, new Random(7), again, Scale);
        Assert.Equal(blocks, again);
    }

    [Theory]
    [InlineData(GgmlType.F32, 0)]
    [InlineData(GgmlType.F16, 1f / 2048)]
    [InlineData(GgmlType.BF16, 1f / 256)]
    [InlineData(GgmlType.Q8_0, 0.5f / 127 + 1f / 2048)]
    public void Encoded_weights_come_back_within_half_a_step(GgmlType type, float tolerance)
    {
        Random random = new(3);
        float[] w = new float[992], back = new float[992];
        for (int i = 0; i < w.Length; i++) w[i] = random.NextSingle() - 0.5f;
        byte[] blocks = new byte[type.RowBytes(w.Length)];
        Quantization.Quantize(type, w, blocks);
        Quantization.Dequantize(type, blocks, back);
        for (int i = 0; i < w.Length; i += 32)
        {
            float largest = w.AsSpan(i, 32).ToArray().Max(MathF.Abs);
            for (int j = i; j < i + 32; j++)
                Assert.True(MathF.Abs(w[j] - back[j]) <= tolerance * largest, $"{j}: {w[j]} came back as {back[j]}");
        }
    }

    [Fact]
    public void Special_floats_keep_their_meaning()
    {
        float[] w =
        [
            float.NaN, float.PositiveInfinity, float.NegativeInfinity, -0f, float.MaxValue, float.Epsilon,
            BitConverter.UInt32BitsToSingle(0x7F800001),
        ];
        byte[] blocks = new byte[2 * w.Length];
        float[] back = new float[w.Length];
        Quantization.Quantize(GgmlType.BF16, w, blocks);
        Quantization.Dequantize(GgmlType.BF16, blocks, back);
        Assert.Equal([float.NaN, float.PositiveInfinity, float.NegativeInfinity, -0f, float.PositiveInfinity, 0f, float.NaN], back);

        byte[] ties = new byte[34];
        Quantization.Quantize(GgmlType.Q8_0, new float[32], ties);
        Assert.Equal(new byte[34], ties);
        Quantization.Quantize(GgmlType.Q8_0, [1e-44f, .. new float[31]], ties);
        Quantization.Dequantize(GgmlType.Q8_0, ties, new float[32]);
        Assert.Equal(new byte[34], ties);
    }

    [Theory]
    [InlineData(GgmlType.F16, 70000f, "F16 holds weights up to 65504, found 70000; choose BF16 or F32.")]
    [InlineData(GgmlType.Q8_0, 1e7f, "Q8_0 holds weights up to 8319008, found 10000000; choose BF16 or F32.")]
    [InlineData(GgmlType.Q8_0, float.NaN, "Q8_0 holds finite weights, found NaN.")]
    public void Weights_that_do_not_fit_are_refused(GgmlType type, float weight, string sentence)
    {
        float[] w = new float[32];
        w[13] = weight;
        InvalidModelException error = Assert.Throws<InvalidModelException>(
            () => Quantization.Quantize(type, w, new byte[type.RowBytes(32)]));
        Assert.Equal(sentence, error.Message);
    }

    [Theory]
    [MemberData(nameof(ReadOnlyTypes))]
    public void Other_types_are_not_written(GgmlType type)
    {
        byte[] blocks = new byte[type.RowBytes(256)];
        InvalidModelException error = Assert.Throws<InvalidModelException>(() => Quantization.Quantize(type, new float[256], blocks));
        Assert.Equal($"Weights can be written as {QuantFormats.Writable}; {type} is only read.", error.Message);
    }

    [Fact]
    public void Lengths_must_agree()
    {
        Assert.Throws<ArgumentException>(() => Quantization.Dequantize(GgmlType.Q8_0, new byte[33], new float[32]));
        Assert.Throws<ArgumentException>(() => Quantization.Dequantize(GgmlType.Q8_0, new byte[34], new float[31]));
        Assert.Throws<ArgumentException>(() => Quantization.Quantize(GgmlType.F16, new float[2], new byte[5]));
        Assert.Throws<ArgumentException>(() => Quantization.FillRandom(GgmlType.Q4_K, new Random(1), new byte[145], 1));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Names_are_parsed_in_any_case(GgmlType type)
    {
        Assert.Equal(type, GgmlTypes.Parse(type.ToString()));
        Assert.Equal(type, GgmlTypes.Parse(type.ToString().ToLowerInvariant()));
        Assert.Contains(type.ToString(), GgmlTypes.Known);
    }

    [Theory]
    [InlineData("IQ2_XXS")]
    [InlineData("8")]
    [InlineData("")]
    public void Other_names_are_refused(string name)
    {
        Assert.False(GgmlTypes.TryParse(name, out _));
        Assert.Contains($"'{name}'", Assert.Throws<InvalidModelException>(() => GgmlTypes.Parse(name)).Message);
    }
}
