using System;
using System.Linq;
using AhnSharp.Gguf;
using AhnSharp.Kernels;
using AhnSharp.Quants;
using Xunit;

namespace AhnSharp.Tests.Kernels.Int8;

/// <summary>Products of the int8 kernels where their integers are largest, on every tier that this process can run.</summary>
public class Int8ProductTests
{
    private static readonly Workers s_workers = new(1);

    public static TheoryData<GgmlType, int, bool> Cases()
    {
        var cases = new TheoryData<GgmlType, int, bool>();
        foreach (GgmlType type in new[]
        {
            GgmlType.Q8_0, GgmlType.Q4_0, GgmlType.Q4_1, GgmlType.Q5_0, GgmlType.Q5_1, GgmlType.Q2_K, GgmlType.Q3_K, GgmlType.Q4_K,
            GgmlType.Q5_K, GgmlType.Q6_K, GgmlType.IQ4_NL, GgmlType.IQ4_XS,
        })
        {
            // 0xFF sets every bit of a weight, 0x80 is −128 in Q8_0 and the largest negative nibbles, −1 stands for random bytes.
            foreach (int fill in new[] { 0xFF, 0x80, 0x00, -1 })
            {
                cases.Add(type, fill, true);
                cases.Add(type, fill, false);
            }
        }
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Largest_weights_times_largest_activations_are_exact(GgmlType type, int fill, bool alternating)
    {
        const int Rows = 37, Tokens = 15; // blocks of 8, 4 and 1
        int columns = type.BlockLength() == 256 ? 2304 : 2208; // more than one piece of a narrow tier, the last one short
        int rowBytes = (int)type.RowBytes(columns);
        byte[] blocks = new byte[Rows * rowBytes];
        Random random = new(3);
        Quantization.FillRandom(type, random, blocks, 0.1f);
        if (fill >= 0) FillQuants(type, blocks, (byte)fill);

        var x = new Activations();
        x.Reshape(Tokens, columns);
        for (int i = 0; i < x.Values.Length; i++) x.Values[i] = alternating ? (i / 3 % 2 == 0 ? 1 : -1) : 1;
        float[] w = new float[columns];
        foreach (Isa isa in Enum.GetValues<Isa>().Where(isa => isa != Isa.Scalar && KernelTable.IsSupported(isa)))
        {
            foreach (ActivationPrecision precision in Enum.GetValues<ActivationPrecision>())
            {
                using WeightMatrix matrix = WeightMatrix.Load(
                    type, Rows, columns, (at, to) => blocks.AsSpan((int)at, to.Length).CopyTo(to), s_workers, isa, precision);
                var y = new Activations();
                matrix.Multiply(s_workers, x, y);
                for (int r = 0; r < Rows; r++)
                {
                    Quantization.Dequantize(type, blocks.AsSpan(r * rowBytes, rowBytes), w);
                    for (int t = 0; t < Tokens; t++)
                    {
                        double expected = 0, magnitude = 0;
                        for (int k = 0; k < columns; k++)
                        {
                            double product = (double)w[k] * x.Row(t)[k];
                            expected += product;
                            magnitude += Math.Abs(product);
                        }
                        Assert.True(
                            Math.Abs(expected - y.Row(t)[r]) <= 1e-6 * magnitude,
                            $"{type} {isa} {precision} row {r} token {t}: expected {expected}, found {y.Row(t)[r]}, magnitude {magnitude}");
                    }
                }
            }
        }
    }

    // ±1 quantizes to ±127 (or ±63) exactly, so the tolerance is that of f32 sums alone.
    private static void FillQuants(GgmlType type, Span<byte> blocks, byte value)
    {
        int blockBytes = type.BlockBytes();
        for (int at = 0; at < blocks.Length; at += blockBytes)
        {
            Span<byte> block = blocks.Slice(at, blockBytes);
            Range quants = type switch
            {
                GgmlType.Q2_K => ..80,
                GgmlType.Q3_K => ..108,
                GgmlType.Q6_K => ..208,
                GgmlType.Q4_1 or GgmlType.Q5_1 or GgmlType.Q4_K or GgmlType.Q5_K => 4..,
                _ => 2..,
            };
            block[quants].Fill(value);
        }
    }
}
