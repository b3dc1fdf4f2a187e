using System;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;
using AhnSharp.Quants;

namespace AhnSharp.Checks;

/// <summary>Weights that a kernel is checked with: plausible ones, zeros, and every quant and sub-scale at an end of its range.</summary>
public static class WeightFill
{
    /// <summary>Bytes that all quants and sub-scales take; the halves beside them are 0.5.</summary>
    public static readonly byte[] Extremes = [0xFF, 0x80, 0x7F, 0x00];

    public static byte[] Random(GgmlType type, int rows, int columns, int seed)
    {
        byte[] stored = new byte[rows * type.RowBytes(columns)];
        Quantization.FillRandom(type, new Random(seed), stored, 0.02f);
        return stored;
    }

    public static byte[] Extreme(GgmlType type, int rows, int columns, byte pattern)
    {
        byte[] stored = new byte[rows * type.RowBytes(columns)];
        stored.AsSpan().Fill(pattern);
        int blockBytes = type.BlockBytes();
        for (int block = 0; block < stored.Length; block += blockBytes)
        {
            switch (type)
            {
                case GgmlType.F32:
                    MemoryMarshal.Write(stored.AsSpan(block), MathF.ScaleB(pattern >= 0x80 ? -1 : 1, 100));
                    break;
                case GgmlType.F16:
                    MemoryMarshal.Write(stored.AsSpan(block), pattern >= 0x80 ? Half.MinValue : Half.Epsilon);
                    break;
                case GgmlType.BF16:
                    stored[block + 1] = (byte)(pattern & 0xF1);
                    break;
                default:
                    foreach (int at in HalvesOf(type)) MemoryMarshal.Write(stored.AsSpan(block + at), (Half)0.5f);
                    break;
            }
        }
        return stored;
    }

    // Where a block holds its f16 scales; the layouts stand in Quants.
    private static int[] HalvesOf(GgmlType type) => type switch
    {
        GgmlType.Q4_1 or GgmlType.Q5_1 or GgmlType.Q4_K or GgmlType.Q5_K => [0, 2],
        GgmlType.Q2_K => [80, 82],
        GgmlType.Q3_K => [108],
        GgmlType.Q6_K => [208],
        _ => [0],
    };
}
