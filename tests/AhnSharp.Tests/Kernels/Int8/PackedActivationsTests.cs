using System;
using System.Linq;
using System.Runtime.CompilerServices;
using AhnSharp.Kernels;
using Xunit;

namespace AhnSharp.Tests.Kernels.Int8;

/// <summary>The int8 forms hold what <see cref="ActivationBlock"/> says they hold.</summary>
public class PackedActivationsTests
{
    private static readonly Workers s_workers = new(2);

    [Theory]
    [InlineData(nameof(ActivationForm.Bytes32), 32)]
    [InlineData(nameof(ActivationForm.Bytes32), 864)]
    [InlineData(nameof(ActivationForm.Words32), 32)]
    [InlineData(nameof(ActivationForm.Words32), 864)]
    [InlineData(nameof(ActivationForm.Sevens32), 32)]
    [InlineData(nameof(ActivationForm.Sevens32), 864)]
    [InlineData(nameof(ActivationForm.Bytes256), 256)]
    [InlineData(nameof(ActivationForm.Bytes256), 1536)]
    public void Values_scales_offsets_and_sums_are_those_of_the_definition(string formName, int columns)
    {
        ActivationForm form = Enum.Parse<ActivationForm>(formName);
        int scaleLength = form == ActivationForm.Bytes256 ? 256 : 32, limit = form == ActivationForm.Sevens32 ? 63 : 127;
        for (int rows = 1; rows <= 9; rows++)
        {
            Activations x = Random(rows, columns, seed: rows);
            x.Row(rows - 1)[..scaleLength].Clear();
            var packed = new PackedActivations(form);
            packed.Pack(x, s_workers);
            float[] found = new float[columns];
            int[] q = new int[columns];
            for (int row = 0; row < rows; row++)
            {
                packed.Dequantize(row, found);
                for (int from = 0; from < columns; from += scaleLength)
                {
                    float magnitude = 0;
                    foreach (float value in x.Row(row).Slice(from, scaleLength)) magnitude = Math.Max(magnitude, Math.Abs(value));
                    float scale = magnitude / limit, inverse = magnitude == 0 ? 0 : limit / magnitude;
                    for (int k = from; k < from + scaleLength; k++)
                    {
                        q[k] = (int)MathF.Round(x.Row(row)[k] * inverse, MidpointRounding.ToEven);
                        Assert.Equal(scale * q[k], found[k]);
                    }
                }
                if (form is ActivationForm.Bytes32 or ActivationForm.Bytes256) CheckSums(packed, form, rows, row, q);
            }
        }
    }

    [Fact]
    public void Not_a_number_shows_in_the_product_and_infinity_does_not_hide()
    {
        foreach (float bad in new[] { float.NaN, -float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            Activations x = Random(5, 256, seed: 1);
            x.Row(2)[77] = bad;
            x.Row(4)[77] = bad;
            var packed = new PackedActivations(ActivationForm.Bytes256);
            packed.Pack(x, s_workers);
            Assert.False(float.IsFinite(packed.Block(0).Scales + Unsafe.Add(ref Unsafe.AsRef(in packed.Block(0).Scales), 2)));
            Assert.False(float.IsFinite(packed.Block(4).Scales));
        }
    }

    private static void CheckSums(PackedActivations packed, ActivationForm form, int rows, int row, int[] q)
    {
        bool inFours = row < rows / 4 * 4;
        int tokens = inFours ? 4 : 1, t = inFours ? row % 4 : 0;
        ActivationBlock block = packed.Block(row - t);
        int length = form == ActivationForm.Bytes256 ? 16 : 32, offset = form == ActivationForm.Bytes256 ? -32 : -8;
        for (int i = 0; i < q.Length / length; i++)
        {
            int s01 = 0, s23 = 0;
            for (int k = i * length; k < (i + 1) * length; k++)
            {
                if (k % 4 < 2) s01 += q[k];
                else s23 += q[k];
            }
            Assert.Equal((offset * s01, offset * s23), Pair(in block.Offsets, (i * tokens) + t));
        }
        if (form == ActivationForm.Bytes32)
        {
            for (int i = 0; i < q.Length / 32; i++)
            {
                int word = (i * tokens) + t;
                Assert.Equal(Single(in block.Scales, word) * q.AsSpan(32 * i, 32).ToArray().Sum(), Single(
                    in Unsafe.As<byte, float>(ref Unsafe.AsRef(in block.Sums)), word));
            }
            return;
        }
        for (int i = 0; i < q.Length / 64; i++)
        {
            int even = 0, odd = 0;
            for (int k = 0; k < 32; k++)
            {
                even += q[(64 * i) + k];
                odd += q[(64 * i) + 32 + k];
            }
            Assert.Equal((even, odd), Pair(in block.Sums, (i * tokens) + t));
        }
    }

    private static float Single(ref readonly float first, int index) => Unsafe.Add(ref Unsafe.AsRef(in first), index);

    private static (int, int) Pair(ref readonly byte pairs, int index)
    {
        int word = Unsafe.ReadUnaligned<int>(in Unsafe.Add(ref Unsafe.AsRef(in pairs), index * sizeof(int)));
        return ((short)word, word >> 16);
    }

    private static Activations Random(int rows, int columns, int seed)
    {
        var x = new Activations();
        x.Reshape(rows, columns);
        Random random = new(seed);
        foreach (ref float value in x.Values) value = (float)(random.NextDouble() - 0.5) * random.Next(1, 9);
        return x;
    }
}
